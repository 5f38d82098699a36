"""One of many processes that share a vault: python crowd_member.py DIRECTORY NUMBER PUTS POOL. Run by test_sharing.

Says "ready", waits for a line on stdin, puts, then prints {"ids": {...}, "worst": seconds}.
"""

import json
import random
import sys
import time
from pathlib import Path

from kit import email, sqlite_vault

directory, number, puts, pool = Path(sys.argv[1]), *map(int, sys.argv[2:5])
vault = sqlite_vault(directory)
vault.fingerprint("default", "warm")
order = random.Random(number)
ids: dict[str, set[str]] = {}
worst = 0.0
print("ready", flush=True)
sys.stdin.readline()
for _ in range(puts):
    value = email(f"user{order.randrange(pool)}")
    begin = time.monotonic()
    (ref,) = vault.put("default", f"server{number}#1", [value])
    worst = max(worst, time.monotonic() - begin)
    ids.setdefault(value.identity, set()).add(ref.id)
vault.close()
print(json.dumps({"ids": {value: sorted(found) for value, found in ids.items()}, "worst": worst}))
