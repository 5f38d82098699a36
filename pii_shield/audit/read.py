"""The log as its readers see it: a stream of rows, from the vault's file (read-only, without its key) or an export."""

import contextlib
import json
import re
import sqlite3
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import quote

from ..errors import AuditError
from . import event
from .faults import fault
from .filters import Filter

RawRow = tuple[int, bytes, bytes]
"""Number, canonical JSON, head."""
_PARSE: Final = json.JSONDecoder().raw_decode
UNREADABLE: Final = "unreadable"
"""Type of a row that says nothing."""
_BATCH: Final = 2000
_LINE: Final = re.compile(rb'\{"head":"([0-9a-f]{64})","seq":([1-9][0-9]{0,15}),')
_HEAD: Final = 200
_MAX_LINE: Final = 8 << 20
SLACK: Final = 120.0
"""Seconds by which rows may stand out of order: several processes flush, clocks are set."""


class Start(NamedTuple):
    """What the rows of a source follow on.

    Attributes:
        size: rows before the first one of the source.
        head: the head after those, or None if the source does not say.
        note: the signed note about their deletion, or "".
    """

    size: int
    head: bytes | None
    note: str


class Source(Protocol):
    """Somewhere to read a log from."""

    @property
    def start(self) -> Start:
        """What comes before its first row."""

    def raw(self, first: int = 0) -> Iterator[RawRow]:
        """Rows in their order, from a number on."""

    def notes(self) -> list[str]:
        """Signed notes that lie with the log itself."""

    def key(self) -> str:
        """The public key that the log itself names, or ""."""

    def size(self) -> int:
        """About how many rows there are, for progress; 0 if that is not known."""

    def close(self) -> None:
        """Release the file."""


class DatabaseSource:
    """The log inside a vault's file. Opened read-only: no key, no lock, no change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = _connect(path)
        try:
            self._connection.execute("SELECT 1 FROM audit LIMIT 1")
        except sqlite3.Error:
            self._connection.close()
            raise fault("PS702", path=path, why="the file is not a vault with an audit log") from None

    @property
    def start(self) -> Start:
        """See `Source.start`."""
        row = self._one("SELECT size, head, note FROM audit_seal ORDER BY size DESC LIMIT 1")
        return Start(int(row[0]), bytes(row[1]), str(row[2])) if row else Start(0, bytes(32), "")

    def raw(self, first: int = 0) -> Generator[RawRow, None, None]:
        """See `Source.raw`. In one snapshot, whoever writes meanwhile."""
        blobs = (
            "CAST(coalesce(body, '') AS BLOB), CAST(coalesce(head, '') AS BLOB)"  # in a damaged file they can be null
        )
        query = f"SELECT seq, {blobs} FROM audit WHERE seq >= ? ORDER BY seq"  # noqa: S608
        with self._faults():
            cursor = self._connection.execute(query, (first,))
            while rows := cursor.fetchmany(_BATCH):
                yield from rows

    def notes(self) -> list[str]:
        """See `Source.notes`."""
        with self._faults():
            rows = self._connection.execute("SELECT note FROM audit_checkpoint ORDER BY size").fetchall()
        return [str(row[0]) for row in rows]

    def key(self) -> str:
        """See `Source.key`."""
        return self.mark("key")

    def mark(self, name: str) -> str:
        """What the log's writers last saw of something, or ""."""
        row = self._one("SELECT value FROM audit_mark WHERE name = ?", name)
        return str(row[0]) if row else ""

    def size(self) -> int:
        """See `Source.size`."""
        row = self._one("SELECT max(seq) - min(seq) + 1 FROM audit")
        return int(row[0] or 0) if row else 0

    def close(self) -> None:
        """See `Source.close`."""
        self._connection.close()

    def row(self, seq: int) -> RawRow | None:
        """One row."""
        return next((row for row in self.raw(seq) if row[0] == seq), None) if self._has(seq) else None

    def _has(self, seq: int) -> bool:
        return self._one("SELECT 1 FROM audit WHERE seq = ?", seq) is not None

    def since(self, at: str) -> int:
        """Number of a row before which all are older than a time. Rows are nearly in order: halve the way."""
        row = self._one("SELECT min(seq), max(seq) FROM audit")
        low, high = (row[0] or 1, row[1] or 0) if row else (1, 0)
        early = event.stamp(event.seconds_of(at) - SLACK)
        while low < high:
            middle = (low + high) // 2
            found = self._one("SELECT substr(body, 8, 27) FROM audit WHERE seq >= ? ORDER BY seq LIMIT 1", middle)
            low, high = (low, middle) if found and str(found[0]) >= early else (middle + 1, high)
        return int(low)

    def _one(self, query: str, *values: object) -> Any:
        with self._faults():
            return self._connection.execute(query, values).fetchone()

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error:
            raise fault("PS702", path=self._path, why="the file is damaged or busy") from None


def _connect(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise fault("PS702", path=path, why="there is no such file")
    name = f"file:{quote(str(path.absolute()))}?mode=ro"
    # A copy on a read-only medium has no write-ahead log, and cannot have one.
    for more in ("", "&immutable=1"):
        connection = sqlite3.connect(name + more, uri=True, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.OperationalError:
            connection.close()
        except sqlite3.Error:
            connection.close()
            break
        else:
            return connection
    raise fault("PS702", path=path, why="it cannot be read")


class FileSource:
    """A log that was exported as JSONL."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.is_file():
            raise fault("PS702", path=path, why="there is no such file")

    @property
    def start(self) -> Start:
        """See `Source.start`."""
        first = next(self.raw(), None)
        return Start(0, bytes(32), "") if first is None or first[0] == 1 else Start(first[0] - 1, None, "")

    def raw(self, first: int = 0) -> Iterator[RawRow]:
        """See `Source.raw`."""
        with self._path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                match = _LINE.match(line)
                if match is None or len(line) > _MAX_LINE:
                    raise fault("PS708", line=number, path=self._path)
                seq = int(match[2])
                if seq >= first:
                    yield seq, b"{" + line[match.end() :].rstrip(b"\r\n"), bytes.fromhex(match[1].decode())

    def notes(self) -> list[str]:
        """See `Source.notes`."""
        return []

    def key(self) -> str:
        """See `Source.key`."""
        first = next(self.raw(), None)
        return str(parsed(first).get("key", "")) if first else ""

    def size(self) -> int:
        """See `Source.size`."""
        return 0

    def close(self) -> None:
        """See `Source.close`."""


def line_of(row: RawRow) -> bytes:
    """A row as a line of an export, without the newline."""
    return b'{"head":"%b","seq":%d,%b' % (row[2].hex().encode(), row[0], row[1][1:])


def parsed(row: RawRow) -> dict[str, Any]:
    """A row as data, with its number; one that is no JSON, since somebody edited it, has no fields."""
    return {"seq": row[0], **(fields(row) or {"type": UNREADABLE})}


def fields(row: RawRow) -> dict[str, Any] | None:
    """What a row says; None if that is no JSON object."""
    try:
        text = row[1].decode()
        data, end = _PARSE(text)
    except (ValueError, RecursionError):
        return None
    return data if type(data) is dict and end == len(text) else None


def source(path: Path) -> "DatabaseSource | FileSource":
    """The log in a file, whichever kind it is.

    Raises:
        AuditError: PS702 there is none.
    """
    try:
        return DatabaseSource(path)
    except AuditError:
        # Only now: closing a database's file drops the locks that this process's own SQLite may hold on it.
        if not _is_export(path):
            raise
    return FileSource(path)


def _is_export(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return _LINE.match(file.read(_HEAD)) is not None
    except OSError:
        return False


def rows(log: "DatabaseSource | FileSource", which: Filter = Filter()) -> Iterator[tuple[RawRow, dict[str, Any]]]:  # noqa: B008 - immutable
    """The rows that pass, raw and parsed, in their order."""
    first = log.since(which.since) if which.since and isinstance(log, DatabaseSource) else 0
    everything = which == Filter()
    for row in log.raw(first):
        data = parsed(row)
        if everything or which.passes(data):
            yield row, data
