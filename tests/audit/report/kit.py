"""What the report's tests share: reports out of rows that need not be well-formed."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pii_shield.audit import read
from pii_shield.audit.chain import GENESIS, extend
from pii_shield.audit.filters import Filter
from pii_shield.audit.read import Start
from pii_shield.audit.report.around import Around
from pii_shield.audit.report.gather import gather
from pii_shield.audit.report.report import Report
from tests.audit.kit import protect, release

AROUND = Around("0.1.0", "2026-04-11T09:00:00.000000Z")
AT = "2026-03-02T08:00:00.000000Z"
ALL = Filter()


class Rows:
    """A log that is a list."""

    def __init__(self, bodies: Iterable[str]) -> None:
        self._bodies = list(bodies)

    start = Start(0, bytes(32), "")

    def raw(self, first: int = 0):
        head = GENESIS
        for seq, body in enumerate(self._bodies, 1):
            head = extend(head, body)
            if seq >= first:
                yield seq, body.encode(), head

    def notes(self) -> list[str]:
        return []

    def key(self) -> str:
        return ""

    def size(self) -> int:
        return len(self._bodies)

    def close(self) -> None:
        pass


def row(kind: str, at: str = AT, **fields: Any) -> str:
    """A row's text, whatever is in it."""
    return json.dumps({"at": at, "type": kind, "v": 1, "writer": "0123456789ab", **fields})


def protect_row(**fields: Any) -> str:
    return row("protect", **{**protect(), **fields})


def release_row(**fields: Any) -> str:
    return row("release", **{**release(), **fields})


def report(bodies: Iterable[str], around: Around = AROUND, which: Filter = ALL) -> Report:
    """What is to be said of rows."""
    figures, verdict = gather(Rows(bodies), which, [], [])
    return Report(figures, verdict, around, "Test")


def report_of(path: Path, which: Filter = ALL, outside: Sequence[str] = ()) -> Report:
    """What is to be said of a log."""
    log = read.source(path)
    try:
        figures, verdict = gather(log, which, [], outside)
    finally:
        log.close()
    return Report(figures, verdict, AROUND, "Test")
