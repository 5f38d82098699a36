"""Many patterns as one Vectorscan database: compiled, written as bytes, read back. No I/O.

Compiling takes seconds and happens in a process of its own; loading takes a millisecond. Needs the `hyperscan` wheel,
which is imported in the functions that use it.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from . import parts, relaxed

VERSION = 2
"""Of the format below and of `relaxed`; part of every key."""
SLACK = 24
"""Where a match begins is not asked for if its end tells that to within so many characters: not to know halves the time
of a scan."""
MAX_STATES = 32
"""Repetitions with a larger bound are tried without it first, since to know where a match begins costs states."""


class Source(NamedTuple):
    """One pattern to be searched for.

    Attributes:
        pattern: as Python's `re` or the `regex` module reads it.
        flags: of `re`.
        starts: whether to know where matches begin is worth a slower scan; only their longest length else tells.
    """

    pattern: str
    flags: int
    starts: bool = True


class Row(NamedTuple):
    """What became of one source.

    Attributes:
        scanned: whether the database looks for it; if not, it may match anywhere.
        starts: whether the database also tells where a match may begin.
        width: how far a match reaches, see `relaxed.Width.total`.
        least: a match begins at least so many characters before the end of what was found for it.
    """

    scanned: bool
    starts: bool
    width: int
    least: int


class Database(NamedTuple):
    """A compiled database with the fate of each source, in order."""

    rows: tuple[Row, ...]
    compiled: Any


def available() -> bool:
    """Whether the wheel is installed, and works on this processor."""
    try:
        _probe()
    except ImportError:
        return False
    return True


def key(sources: Sequence[Source]) -> str:
    """Names the database of some sources on this processor with this library: 64 hexadecimal digits."""
    said = [VERSION, *_probe(), [list(source) for source in sources]]
    return hashlib.sha256(json.dumps(said).encode("utf-8", "surrogatepass")).hexdigest()


def _probe() -> tuple[str, str]:
    """What library this is, and for what processor.

    Raises:
        ImportError: there is none that works.
    """
    import hyperscan

    smallest = hyperscan.Database()
    try:
        smallest.compile(expressions=[b"x"], ids=[0], elements=1, flags=[0])
        return str(hyperscan.__dict__.get("__version__")), str(smallest.info())
    except hyperscan.error as error:
        raise ImportError(f"hyperscan does not work here: {type(error).__name__}") from None


def build(sources: Sequence[Source]) -> Database:
    """Compile a database. Takes up to a second per source."""
    import hyperscan

    rows: list[Row] = []
    chosen: list[tuple[int, bytes, int]] = []
    for number, source in enumerate(sources):
        row, expression, flags = _fit(source)
        rows.append(row)
        if row.scanned:
            chosen.append((number, expression, flags))
    compiled = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    if chosen:
        numbers, expressions, flags_of = zip(*chosen, strict=True)
        compiled.compile(expressions=expressions, ids=numbers, elements=len(chosen), flags=flags_of)
    return Database(tuple(rows), compiled if chosen else None)


def _fit(source: Source) -> tuple[Row, bytes, int]:
    """The most telling form of a source that compiles."""
    import hyperscan

    try:
        tree = relaxed.parse(source.pattern, source.flags)
    except relaxed.Unreadable:
        return Row(False, False, relaxed.UNBOUNDED, 0), b"", 0
    reach = relaxed.width(tree)
    bounded = reach.match < relaxed.UNBOUNDED
    part = relaxed.relax(tree)
    least = max(0, parts.shortest(part) - relaxed.behind(tree))
    worth = source.starts and reach.total - least > SLACK
    for expression, starts in _forms(part, worth or not bounded):
        flags = hyperscan.HS_FLAG_SOM_LEFTMOST if starts else 0
        if (starts or bounded) and _compiles(expression, flags):
            return Row(True, starts, reach.total, least), expression, flags
    return Row(False, False, reach.total, least), b"", 0


def _forms(part: parts.Part, starts: bool) -> Iterator[tuple[bytes, bool]]:
    """Expressions to try, with whether they tell where matches begin; none if it may match nothing at all."""
    exact = parts.written(part).encode("ascii")
    loose = parts.written(part, loose=True).encode("ascii")
    if parts.shortest(part) == 0:
        return
    order = (loose, exact) if parts.longest_bound(part) > MAX_STATES else (exact, loose)
    if starts:
        yield from ((form, True) for form in dict.fromkeys(order))
    yield from ((form, False) for form in dict.fromkeys(order))


def _compiles(expression: bytes, flags: int) -> bool:
    import hyperscan

    try:
        hyperscan.Database().compile(expressions=[expression], ids=[0], elements=1, flags=[flags])
    except hyperscan.error:
        return False
    return True


def dumps(database: Database) -> bytes:
    """A database as bytes, for `loads` on the same processor with the same library."""
    import hyperscan

    head = json.dumps([list(row) for row in database.rows]).encode("ascii")
    body = b"" if database.compiled is None else hyperscan.dumpb(database.compiled)
    return len(head).to_bytes(8, "big") + head + body


def loads(data: bytes) -> Database:
    """The database that `dumps` wrote.

    Raises:
        ValueError: not such bytes, or from another library or processor.
    """
    import hyperscan

    size = int.from_bytes(data[:8], "big")
    rows = tuple(Row(*row) for row in json.loads(data[8 : 8 + size]))
    body = data[8 + size :]
    if not body:
        return Database(rows, None)
    try:
        compiled = hyperscan.loadb(body, hyperscan.HS_MODE_BLOCK)
    except hyperscan.error as error:
        raise ValueError(f"database cannot be loaded: {type(error).__name__}") from None
    return Database(rows, compiled)
