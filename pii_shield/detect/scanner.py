"""One pass of Vectorscan over a text: which patterns may match, and where. No I/O.

It finds candidates only; whether one is a match, the pattern itself says (`confirm`). Text beyond ASCII is scanned with
a "?" for each such character, so offsets stay the same; `relaxed` sees to it that nothing is lost by that.
"""

import re
from typing import Any, NamedTuple

from .database import Database, Row

Candidate = tuple[int, int]
"""A match may begin in [start, end)."""

MAX_EVENTS = 0.5
"""Candidates per scanned character, all patterns together; a text that gives more is made to cost time."""
FREE_EVENTS = 4096

EDGE = "\x01"
"""Stands before and after every scanned text, and may stand between texts that are scanned as one."""


_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")


class Unscannable(Exception):
    """The text has digits beyond ASCII, or was built to match everywhere."""


class Candidates(NamedTuple):
    """What one scan found.

    Attributes:
        found: candidates by number of the pattern, ordered by where they begin.
        rows: of the database: patterns that were not scanned for may match anywhere.
    """

    found: dict[int, list[Candidate]]
    rows: tuple[Row, ...]


class Scanner:
    """A database, ready to scan. Safe to use from several threads at once."""

    def __init__(self, database: Database) -> None:
        self.rows = database.rows
        self._compiled = database.compiled
        self._idle: list[Any] = []

    def scan(self, text: str) -> Candidates:
        """Where which pattern may match.

        Raises:
            Unscannable: the text must be searched rule by rule.
        """
        found: dict[int, list[Candidate]] = {}
        if self._compiled is None:
            return Candidates(found, self.rows)
        if not text.isascii() and _FOREIGN_DIGIT.search(text):
            raise Unscannable
        budget = FREE_EVENTS + int(MAX_EVENTS * len(text))
        left = iter(range(budget))

        def note(number: int, start: int, end: int, _flags: int, _context: object) -> bool | None:
            if number in found:
                found[number].append((start, end))
            else:
                found[number] = [(start, end)]
            return None if next(left, None) is not None else True

        self._run((EDGE + text + EDGE).encode("ascii", "replace"), note)
        if next(left, None) is None:
            raise Unscannable
        for number, events in found.items():
            found[number] = self._placed(number, events)
        return Candidates(found, self.rows)

    def _run(self, data: bytes, note: Any) -> None:
        import hyperscan

        try:
            scratch = self._idle.pop()
        except IndexError:
            scratch = hyperscan.Scratch(self._compiled)
        try:
            self._compiled.scan(data, note, scratch=scratch)
        except hyperscan.ScanTerminated:
            pass
        finally:
            self._idle.append(scratch)

    def _placed(self, number: int, events: list[tuple[int, int]]) -> list[Candidate]:
        """Events as candidates: offsets without the edge, no farther back than a match can be long."""
        row = self.rows[number]
        back, least = row.width + 3, row.least
        if row.starts:
            placed = [(max(0, start - 1, end - back), end - least) for start, end in events]
        else:
            placed = [(max(0, end - back), end - least) for _, end in events]
        placed.sort()
        return placed
