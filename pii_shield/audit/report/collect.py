"""A log's rows, counted as they stream by: one pass, bounded memory, whatever the log holds. No I/O.

A log that somebody edited can hold anything. A row that does not say what its type says is counted as unreadable, and
everything that grows with names that others chose has a limit.
"""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from ...entities import TYPES
from ..event import MAX_NAME
from .usage import Usage

MAX_PLACES: Final = 20_000
"""Places (server, tool, type or code) that are told apart."""
MAX_DAYS: Final = 10_000
MAX_EVENTS: Final = 1000
"""Changes of policy, keys and the like that are listed."""
EVENTS: Final = frozenset({"policy", "key", "forget", "export", "prune", "lost"})
"""Types of rows that are listed one by one."""
REST: Final = "(others)"
"""Stands for all places beyond the limit."""
_DAY: Final = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\Z")
_MOST: Final = 2**53
_TOLD: Final[tuple[str, ...]] = ("server", "was", "now", "rows", "preset", "format", "token")
_NOT_READABLE: Final = (KeyError, TypeError, ValueError, AttributeError)

Row = dict[str, Any]
Key = tuple[str, ...]


class Day:
    """What happened on one day: values or tokens by entity type, messages by kind of row."""

    __slots__ = ("observed", "protected", "refused", "released", "rows")

    def __init__(self) -> None:
        self.protected: Counter[str] = Counter()
        self.released: Counter[str] = Counter()
        self.observed: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.rows: Counter[str] = Counter()


class Span:
    """A number, and between which times it came about."""

    __slots__ = ("count", "first", "last")

    def __init__(self, at: str) -> None:
        self.count, self.first, self.last = 0, at, at


class Event(NamedTuple):
    """Something worth a line of its own: a change, an export, ...

    Attributes:
        at: time.
        kind: type of row.
        what: its fields, as text.
    """

    at: str
    kind: str
    what: dict[str, str]


class Figures:
    """What was counted.

    Attributes:
        unreadable: rows that are not what this program writes.
        first, last: times of the rows that passed, as they stand in the log.
        days: by day.
        protected, released, embedded, observed: by (server, tool, entity type); `embedded` are those of the released
            ones that stood inside a longer text.
        refused, failed: messages by (server, tool, code).
        denied: tokens by (server, tool, entity type).
        flows, stopped: tokens by (origin, destination, entity type).
        withheld: pieces of binary content by (server,).
        policies: releases by (policy label,).
        clients: introductions by (client, protocol, server).
        starts: starts of a shield by (server, program version).
        events: changes of policy and keys, exports, prunings, erasures; the first so many.
        usage: what became of values.
    """

    def __init__(self) -> None:
        self.unreadable = 0
        self.first = self.last = ""
        self.days: dict[str, Day] = {}
        self.protected: dict[Key, Span] = {}
        self.released: dict[Key, Span] = {}
        self.embedded: dict[Key, Span] = {}
        self.observed: dict[Key, Span] = {}
        self.refused: dict[Key, Span] = {}
        self.failed: dict[Key, Span] = {}
        self.denied: dict[Key, Span] = {}
        self.flows: dict[Key, Span] = {}
        self.stopped: dict[Key, Span] = {}
        self.withheld: dict[Key, Span] = {}
        self.policies: dict[Key, Span] = {}
        self.clients: dict[Key, Span] = {}
        self.starts: dict[Key, Span] = {}
        self.events: list[Event] = []
        self.usage = Usage()

    @property
    def rows(self) -> Counter[str]:
        """Rows by type."""
        return sum((day.rows for day in self.days.values()), Counter())


class Collector:
    """Counts rows."""

    def __init__(self) -> None:
        self.figures = Figures()
        self._handlers: dict[str, Callable[[Row, str, Day], None]] = {
            "protect": self._protect,
            "observe": self._observe,
            "release": self._release,
            "denial": self._denial,
        }
        figures = self.figures
        self._simple: dict[str, tuple[dict[Key, Span], Callable[[Row], Key]]] = {
            "error": (figures.failed, lambda row: (row["server"], _tool(row), row["code"])),
            "start": (figures.starts, lambda row: (row["server"], row["program"])),
            "client": (figures.clients, lambda row: (row["client"], row.get("protocol", ""), row["server"])),
        }

    def add(self, row: Row) -> None:
        """One row, in the order of the log."""
        figures = self.figures
        try:
            at, kind = row["at"], row["type"]
            day = figures.days.get(at[:10]) or self._new_day(at)
            day.rows[kind] += 1
            handler = self._handlers.get(kind)
            if handler:
                handler(row, at, day)
            elif kind in self._simple:
                places, key = self._simple[kind]
                _count(places, key(row), 1, at)
            elif kind in EVENTS:
                self._event(row, at)
        except _NOT_READABLE:
            figures.unreadable += 1
            return
        figures.first = figures.first or at
        figures.last = at

    def skip(self) -> None:
        """A row that is no data at all."""
        self.figures.unreadable += 1

    def _new_day(self, at: str) -> Day:
        name = at[:10]
        if not _DAY.match(name) or len(self.figures.days) >= MAX_DAYS:
            raise ValueError
        day = self.figures.days[name] = Day()
        return day

    def _protect(self, row: Row, at: str, day: Day) -> None:
        server, tool, counts = row["server"], _tool(row), row["counts"]
        for kind, count in counts.items():
            if kind not in TYPES or type(count) is not int or not 0 <= count < _MOST:
                raise ValueError
            day.protected[kind] += count
            _count(self.figures.protected, (server, tool, kind), count, at)
        self.figures.usage.given(server, tool, counts, row["tokens"])
        if "withheld" in row:
            _count(self.figures.withheld, (server,), _number(row["withheld"]), at)

    def _observe(self, row: Row, at: str, day: Day) -> None:
        server, tool = row["server"], _tool(row)
        for kind, count in row["counts"].items():
            _check(kind, count)
            day.observed[kind] += count
            _count(self.figures.observed, (server, tool, kind), count, at)

    def _release(self, row: Row, at: str, day: Day) -> None:
        server, tool, items, figures = row["server"], _tool(row), row["items"], self.figures
        figures.usage.asked(server, tool, [(item["token"], item["type"]) for item in items], released=True)
        for item in items:
            kind = item["type"]
            _check(kind, 1)
            day.released[kind] += 1
            _count(figures.released, (server, tool, kind), 1, at)
            if not item["whole"]:
                _count(figures.embedded, (server, tool, kind), 1, at)
            for origin in item["from"]:
                _count(figures.flows, (origin, server, kind), 1, at)
        _count(figures.policies, (row.get("policy", ""),), 1, at)

    def _denial(self, row: Row, at: str, day: Day) -> None:
        server, tool, items, figures = row["server"], _tool(row), row.get("items", ()), self.figures
        day.refused[row["code"]] += 1
        _count(figures.refused, (server, tool, row["code"]), 1, at)
        for item in items:
            _check(item["type"], 1)
            _count(figures.denied, (server, tool, item["type"]), 1, at)
            for origin in item["from"]:
                _count(figures.stopped, (origin, server, item["type"]), 1, at)
        figures.usage.asked(server, tool, [(item["token"], item["type"]) for item in items], released=False)

    def _event(self, row: Row, at: str) -> None:
        if len(self.figures.events) < MAX_EVENTS:
            what = {field: str(row[field])[:MAX_NAME] for field in _TOLD if field in row}
            self.figures.events.append(Event(at, row["type"], what))


def _tool(row: Row) -> str:
    """The tool, or what else the message was about."""
    return row.get("tool") or row.get("method") or ""


def _check(kind: str, count: int) -> None:
    if kind not in TYPES or type(count) is not int or not 0 <= count < _MOST:
        raise ValueError


def _number(count: Any) -> int:
    _check("EMAIL", count)
    return int(count)


def _count(places: dict[Key, Span], key: Key, count: int, at: str) -> None:
    span = places.get(key) or _span(places, key, at)
    span.count += count
    span.last = at


def _span(places: dict[Key, Span], key: Key, at: str) -> Span:
    """A new place's, or that of all beyond the limit."""
    if not all(isinstance(step, str) for step in key):
        raise ValueError
    if len(places) >= MAX_PLACES:
        last = key[-1] if key[-1] in TYPES else REST
        key = (*[REST] * (len(key) - 1), last)
    return places.setdefault(key, Span(at))
