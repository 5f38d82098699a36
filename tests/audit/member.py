"""One of many processes that share a log: python member.py DIRECTORY ROWS. Run by test_log.

Rows are numbered in `scope`; after each one that is reported or committed, its number goes to standard output.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.audit.kit import CRM, open_log, protect, release

directory, rows = Path(sys.argv[1]), int(sys.argv[2])
log = open_log(directory)
print("ready", log.writer, flush=True)
sys.stdin.readline()
for number in range(rows):
    if number % 7:
        log.report("protect", **{**protect(), "scope": f"{log.writer}.{number}", "server": CRM})
    else:
        log.commit("release", **{**release(), "scope": f"{log.writer}.{number}"})
    print(number, flush=True)
    if not number % 50:
        time.sleep(0.002)
log.close()
print("closed", flush=True)
