"""Rows that wait for the next commit, where they survive kill -9 of this process: two small files per writer.

Rows go to one file; at a commit the writer turns to the other one, and the first is emptied once its rows are in the
log. A process that starts takes in what a dead one left. A writer is alive as long as it holds its lock.
"""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..store.files import create_private, make_private_dir, open_private
from ..store.lock import try_lock

_HALVES: Final = (".a", ".b")
_LOCK: Final = ".lock"
_ID_BYTES: Final = 6


class Spool:
    """The spool of this process. Not thread-safe: the log holds its lock around it. `OSError` if it cannot be made."""

    def __init__(self, directory: Path) -> None:
        make_private_dir(directory)
        self.writer, self._lock = _claim(directory)
        self._paths = [directory / f"{self.writer}{half}" for half in _HALVES]
        self._lock_path = directory / f"{self.writer}{_LOCK}"
        self._files = [_create(path) for path in self._paths]
        self._active = 0
        self._used = [False, False]

    def add(self, number: int, body: str) -> None:
        """Keep a row. Microseconds: it goes to the kernel, not to the disk."""
        self._used[self._active] = True
        data = f"{number} {body}\n".encode()
        if os.write(self._files[self._active], data) != len(data):
            raise OSError("a short write")

    def turn(self) -> None:
        """What comes from now on belongs to the next commit. Stays if the last one's rows are not in the log yet."""
        other = 1 - self._active
        if not self._used[other]:
            self._active = other

    def clear(self) -> None:
        """All rows before the last turn are in the log."""
        other = 1 - self._active
        if self._used[other]:
            os.ftruncate(self._files[other], 0)
            self._used[other] = False

    def close(self, done: bool) -> None:
        """Give up the writer's files; if all its rows are in the log, delete them."""
        for file in self._files:
            os.close(file)
        if done:
            _delete(*self._paths, self._lock_path)
        os.close(self._lock)


def _claim(directory: Path) -> tuple[str, int]:
    while True:
        writer = secrets.token_hex(_ID_BYTES)
        lock = try_lock(directory / f"{writer}{_LOCK}")
        if lock is not None:
            return writer, lock


def _create(path: Path) -> int:
    descriptor = create_private(path)
    if descriptor is None:
        raise FileExistsError("somebody else uses this name")
    os.close(descriptor)
    return os.open(path, os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))


def _delete(*paths: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


class Orphan:
    """What a dead writer left: its rows by number. Held locked until `bury`."""

    def __init__(self, directory: Path, writer: str, lock: int) -> None:
        self._paths = [directory / f"{writer}{suffix}" for suffix in (*_HALVES, _LOCK)]
        self._lock = lock
        self.writer = writer
        self.rows = dict(sorted(row for path in self._paths[:-1] for row in _rows(path)))

    def bury(self, done: bool) -> None:
        """Delete its files if its rows are in the log; else leave them to the next one who looks."""
        if done:
            _delete(*self._paths)
        os.close(self._lock)


def _rows(path: Path) -> Iterator[tuple[int, str]]:
    """The rows of one file. A last line that was cut off was never acknowledged to anybody."""
    try:
        descriptor = open_private(path)
    except FileNotFoundError:
        return
    with os.fdopen(descriptor, "rb") as file:
        for line in file:
            number, _, body = line.partition(b" ")
            if body.endswith(b"\n") and number.isdigit():
                yield int(number), body[:-1].decode("utf-8", "replace")


@contextlib.contextmanager
def orphans(directory: Path) -> Iterator[list[Orphan]]:
    """Spools whose writers are dead. Buried when the block ends, and deleted if it ended well."""
    found: list[Orphan] = []
    done = False
    try:
        for path in sorted(directory.glob(f"*{_LOCK}")):
            lock = try_lock(path)
            if lock is not None:
                found.append(Orphan(directory, path.name.removesuffix(_LOCK), lock))
        yield found
        done = True
    finally:
        for orphan in found:
            orphan.bury(done)


def writers(directory: Path) -> set[str]:
    """Writers that have a spool, dead or alive."""
    return {path.name.removesuffix(_LOCK) for path in directory.glob(f"*{_LOCK}")}
