"""A server that answers every call with people nobody has seen before."""

import json
import secrets
import sys

for line in sys.stdin:
    request = json.loads(line)
    names = [f"{secrets.token_hex(6)}@example.org" for _ in range(5)]
    result = {"content": [{"type": "text", "text": ", ".join(names)}]}
    print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}), flush=True)
