"""How long rows are kept, and how old ones go: sealed, so that the rest of the chain can still be verified."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from . import event, table
from .canonical import MAX_INTEGER
from .log import Log
from .note import Signer
from .ship import cursor

DAY: Final = 86_400.0


class Preset(NamedTuple):
    """What a regime asks of logs like this one.

    Attributes:
        days: rows are kept at least so long.
        why: in words, for people.
    """

    days: int
    why: str


PRESETS: Final[dict[str, Preset]] = {
    "ai-act": Preset(184, "EU AI Act Art. 19 and 26(6): logs of high-risk systems for at least six months"),
    "gdpr": Preset(365, "GDPR Art. 5(1)(e): no longer than needed; a year covers yearly reviews; look at your purpose"),
    "pci": Preset(366, "PCI DSS 4.0.1 10.5.1: audit logs for at least 12 months, 3 of them at hand"),
    "soc2": Preset(400, "SOC 2: the audit period, mostly 12 months, and the time until the report"),
    "hipaa": Preset(2192, "HIPAA 45 CFR 164.316(b)(2): documentation for six years"),
}


class Pruned(NamedTuple):
    """What was deleted.

    Attributes:
        rows, size: how many, and the number of the last one; 0 and 0 if nothing was.
        waiting: the receiver that more rows wait for, since they have not been shipped to it yet; "" if none do.
    """

    rows: int
    size: int
    waiting: str = ""


def days_for(presets: list[str]) -> int:
    """The longest of some presets."""
    return max(PRESETS[name].days for name in presets)


def horizon(days: float, clock: Callable[[], float]) -> str:
    """The time before which rows may go."""
    return event.stamp(clock() - days * DAY)


def prune(log: Log, before: str, preset: str, clock: Callable[[], float], receivers: Sequence[str] = ()) -> Pruned:
    """Delete the rows up to the last checkpoint that was made before a time, as far as all receivers have them.

    A signed seal of the same size and head takes their place, so that any outside checkpoint of that size, and all
    later ones, still verify. The log keeps a row about it.
    """

    def step(connection: sqlite3.Connection, signer: Signer) -> Pruned:
        shipped, last = cursor.least(connection, receivers) or (MAX_INTEGER, "")
        found = table.checkpoint_before(connection, before, shipped)
        waiting = last if table.checkpoint_before(connection, before, MAX_INTEGER) != found else ""
        if found is None or found[0] <= table.first(connection) - 1:
            return Pruned(0, 0, waiting)
        size, head = found
        at = event.stamp(clock())
        sealed = signer.checkpoint(size, head, at, "seal")
        table.seal(connection, size, at, head, sealed)
        rows = table.delete_sealed(connection)
        fields = {"preset": preset, "rows": rows, "size": size, "head": head.hex()}
        log.append(connection, "prune", **fields)
        return Pruned(rows, size, waiting)

    return log.with_signer(step)
