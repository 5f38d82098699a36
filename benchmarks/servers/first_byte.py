"""A server that tells how much CPU its parent, the proxy, had used when the first byte came. Linux only."""

import json
import os
import sys
import time

first = os.read(0, 65536)
parent_clock = (~os.getppid() << 3) | 2
answer = {"jsonrpc": "2.0", "id": 1, "result": {"cpu": time.clock_gettime(parent_clock)}}
sys.stdout.write(json.dumps(answer) + "\n")
sys.stdout.flush()
while os.read(0, 65536):
    pass
