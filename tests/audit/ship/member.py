"""One of many processes that write and ship: python member.py DIRECTORY ADDRESS ROWS. Run by test_shipping.

Prints a line for each row that is on record.
"""

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent.parent))

from pii_shield.audit.ship.lane import Pace, Shipping
from pii_shield.audit.ship.shipped import ShippedLog
from tests.audit.kit import SEED, db, release
from tests.audit.ship.kit import made

directory, address, rows = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
pace = Pace(look=0.02, turn=0.05, first=0.02, longest=0.1, rest=0.0)
shipping = Shipping(db(directory), [made(address, rows=5)], time.time, pace)
log = ShippedLog(db(directory), lambda: SEED, os.urandom, [], shipping)
for number in range(rows):
    log.commit("release", **release())
    print(number, flush=True)
    time.sleep(0.005)
log.close()
