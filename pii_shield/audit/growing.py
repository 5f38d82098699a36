"""A log that grows while somebody looks: its last rows, then the new ones, whoever prunes it or replaces its file."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ..errors import AuditError
from . import read
from .filters import Filter
from .read import DatabaseSource, FileSource

Identity = tuple[int, int]
PATIENCE: Final = 20
"""Looks at a new file until it must be a log: whoever makes one does not make it at once."""


class Growing:
    """One reader.

    Args:
        path: a vault's file or an export; it need not be there yet.
        which: rows that are wanted.
    """

    def __init__(self, path: Path, which: Filter) -> None:
        self._path, self._which = path, which
        self._source: DatabaseSource | FileSource | None = None
        self._identity: Identity | None = None
        self._seen = 0
        self._tries = 0

    @property
    def is_there(self) -> bool:
        """Whether there is a log to read."""
        return _identity(self._path) is not None

    def last(self, n: int) -> list[dict[str, Any]]:
        """The last rows that are wanted.

        Raises:
            AuditError: the log cannot be read.
        """
        log = self._open()
        if log is None:
            return []
        if self._which == Filter():
            wanted: Iterator[dict[str, Any]] = map(read.parsed, log.raw(max(0, log.start.size + log.size() - n + 1)))
        else:
            wanted = (row for _, row in read.rows(log, self._which))
        found = deque(wanted, maxlen=max(n, 1))
        self._seen = max(log.start.size + log.size(), found[-1]["seq"] if found else 0)
        return [*found][-n:] if n > 0 else []

    def more(self) -> Iterator[dict[str, Any]]:
        """Rows that came since, and are wanted.

        Raises:
            AuditError: the log cannot be read.
        """
        log = self._opened_in_time()
        for raw in log.raw(self._seen + 1) if log else ():
            self._seen = raw[0]
            row = read.parsed(raw)
            if self._which.passes(row):
                yield row

    def close(self) -> None:
        """Release the file."""
        if self._source:
            self._source.close()
            self._source = None

    def _opened_in_time(self) -> DatabaseSource | FileSource | None:
        """The log, or None while its file is there but not made up yet."""
        try:
            log = self._open()
        except AuditError:
            self._tries += 1
            if self._tries > PATIENCE:
                raise
            return None
        self._tries = 0
        return log

    def _open(self) -> DatabaseSource | FileSource | None:
        """The log that has the name now; another file is another log, read from its beginning."""
        identity = _identity(self._path)
        if identity != self._identity:
            self.close()
            self._seen = 0
            self._source = read.source(self._path) if identity else None
            self._identity = identity
        return self._source


def _identity(path: Path) -> Identity | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
