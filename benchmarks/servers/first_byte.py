"""A server that writes down how much CPU its parent, the proxy, had used when the first byte came. Linux only.

first_byte.py FILE
"""

import json
import os
import sys
import time
from pathlib import Path

os.read(0, 65536)
Path(sys.argv[1]).write_text(str(time.clock_gettime((~os.getppid() << 3) | 2)))
sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": 1, "result": {}}) + "\n")
sys.stdout.flush()
while os.read(0, 65536):
    pass
