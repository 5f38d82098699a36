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


_MARGIN = 3
"""Besides a match's length, for the edge and a character at either end: how far before its end one can begin."""
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
        if self._compiled is None:
            return Candidates({}, self.rows)
        if not text.isascii() and _FOREIGN_DIGIT.search(text):
            raise Unscannable
        budget = FREE_EVENTS + int(MAX_EVENTS * len(text))
        events: list[tuple[int, int, int]] = []
        note = events.append
        self._run(
            (EDGE + text + EDGE).encode("ascii", "replace"),
            lambda number, start, end, _flags, _context: note((number, start, end)) or len(events) > budget,
        )
        if len(events) > budget:
            raise Unscannable
        places: dict[int, list[Candidate]] = {}
        for number, start, end in events:
            row = self.rows[number]
            first, last = end - row.width - _MARGIN, end - row.least
            if row.starts and start > first:
                first = start - 1
            place = (first if first > 0 else 0), last
            if number in places:
                places[number].append(place)
            else:
                places[number] = [place]
        for found in places.values():
            found.sort()
        return Candidates(places, self.rows)

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


def merged(places: list[Candidate]) -> list[Candidate]:
    """Sorted candidates in one text, those that touch as one."""
    result: list[Candidate] = []
    first, last = places[0] if places else (0, 0)
    for start, end in places:
        if start > last:
            result.append((first, last))
            first, last = start, end
        elif end > last:
            last = end
    return [*result, (first, last)] if places else result
