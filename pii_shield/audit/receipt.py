"""One row as a small file that a third party verifies offline: the row, the way to a checkpoint, its signature. No I/O.

The rows between the row and the checkpoint are shown by their leaves alone, which say nothing.
"""

import json
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from itertools import islice
from typing import Any, Final, NamedTuple

from . import chain
from .faults import fault
from .note import Checkpoint, Verifier
from .read import DatabaseSource

FORMAT: Final = "pii-shield-receipt/1"
_LEAF: Final = 32


class Proven(NamedTuple):
    """What a receipt proves: this row was in that state of the log."""

    seq: int
    row: dict[str, Any]
    checkpoint: Checkpoint


def make(log: DatabaseSource, seq: int) -> str:
    """The receipt of a row, as JSON.

    Raises:
        AuditError: PS705 there is no such row, PS706 no checkpoint covers it yet.
    """
    row = log.row(seq)
    if row is None:
        raise fault("PS705", seq=seq)
    verifier = Verifier(log.key())
    covering = [c for c in map(verifier.checkpoint, log.notes()) if c.size >= seq]
    if not covering:
        raise fault("PS706", seq=seq)
    nearest = min(covering, key=lambda c: c.size)
    before = log.row(seq - 1)
    head = before[2] if before else log.start.head or chain.GENESIS
    after = b"".join(chain.leaf(body) for _, body, _ in islice(log.raw(seq + 1), nearest.size - seq))
    receipt = {
        "format": FORMAT,
        "seq": seq,
        "row": row[1].decode(),
        "before": head.hex(),
        "after": b64encode(after).decode(),
        "checkpoint": nearest.note,
        "key": verifier.key,
    }
    return json.dumps(receipt, indent=2, ensure_ascii=False) + "\n"


def verify(text: str, key: str = "", what: str = "this text") -> Proven:
    """What a receipt proves, with the public key given, or else with the one inside, which proves less.

    Raises:
        AuditError: PS711 it is no receipt, PS703 it proves nothing.
    """
    try:
        said = json.loads(text)
        if said["format"] != FORMAT:
            raise ValueError
        seq, body = int(said["seq"]), str(said["row"])
        head, after = bytes.fromhex(said["before"]), b64decode(said["after"], validate=True)
        row = json.loads(body)
        signed, own = str(said["checkpoint"]), str(said["key"])
    except (ValueError, KeyError, TypeError, NotBase64):
        raise fault("PS711", path=what) from None
    checkpoint = Verifier(key or own).checkpoint(signed, what)
    head = chain.extend(head, body)
    for start in range(0, len(after), _LEAF):
        head = chain.link(head, after[start : start + _LEAF])
    if head != checkpoint.head or checkpoint.size != seq + len(after) // _LEAF or len(after) % _LEAF:
        raise fault("PS703", what=what)
    return Proven(seq, row, checkpoint)
