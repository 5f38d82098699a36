"""The chain: every row's head depends on all rows before it. No I/O.

leaf = SHA-256(0x00 || body), head = SHA-256(0x01 || head before || leaf). Two steps, so that a receipt can show the
way from its row to a checkpoint by the other rows' leaves alone, without showing those rows.
"""

from hashlib import sha256
from typing import Final

GENESIS: Final = bytes(32)
"""The head before the first row."""


def leaf(body: bytes) -> bytes:
    """What stands for a row where the row itself is not shown."""
    return sha256(b"\0" + body).digest()


def link(head: bytes, of_row: bytes) -> bytes:
    """The head after one more row, of which the leaf is given."""
    return sha256(b"\1" + head + of_row).digest()


def extend(head: bytes, body: str) -> bytes:
    """The head after one more row."""
    return link(head, leaf(body.encode()))
