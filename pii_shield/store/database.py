"""The SQLite file: made private, opened strictly, migrated, read in snapshots, written under one lock.

Writers of all processes take the same file lock around every transaction, checkpoint and close: it is fair, and it
keeps versions of SQLite with the WAL-reset bug (before 3.51.3) from writing and checkpointing at the same instant.
"""

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

from ..errors import VaultError
from .faults import fault
from .files import create_private, danger_of_dir, danger_of_file, make_private_dir
from .lock import FileLock
from .schema import APPLICATION_ID, MIGRATIONS, Migrations

BALLAST_BYTES: Final = 8 << 20
"""Disk space held back so that erasing works on a full disk."""
MEMORY: Final = 20_000
"""Most answers remembered between two writes."""
_CUT_TRIES: Final = 100
_CUT_PAUSE: Final = 0.02
Result = TypeVar("Result")
_BUSY_MS: Final = 5000
_PRAGMAS: Final = (
    f"busy_timeout = {_BUSY_MS}",
    "synchronous = FULL",
    "fullfsync = ON",  # macOS: fsync alone does not reach the disk
    "checkpoint_fullfsync = ON",
    "secure_delete = ON",
    "trusted_schema = OFF",
    "cell_size_check = ON",
    "mmap_size = 0",
    "temp_store = MEMORY",
    "wal_autocheckpoint = 8000",  # pages: whoever checkpoints waits for it, and so does who writes meanwhile
)
_FATAL: Final = {sqlite3.SQLITE_IOERR: "PS411", sqlite3.SQLITE_CORRUPT: "PS406", sqlite3.SQLITE_NOTADB: "PS406"}
_PASSING: Final = {sqlite3.SQLITE_FULL: "PS409", sqlite3.SQLITE_CANTOPEN: "PS411"}


class Database:
    """One reading and one writing connection, so that a long write never keeps a reader waiting."""

    def __init__(self, path: Path, migrations: Migrations = MIGRATIONS) -> None:
        self.path = path
        self._migrations = migrations
        self._lock = FileLock(beside(path, ".lock"))
        self._reading, self._writing = threading.RLock(), threading.RLock()
        self._failed: VaultError | None = None
        self.memory: dict[Any, Any] = {}
        self._version = -1
        self._connections: tuple[sqlite3.Connection, ...] = ()
        with self._faults():
            self._prepare_file()
            with self._lock:
                writer = self._connect()
            self._connections = (writer, self._connect())
            self.reader.execute("PRAGMA query_only = ON")

    @property
    def reader(self) -> sqlite3.Connection:
        """For `PRAGMA data_version`; everything else goes through `read`."""
        if self._failed:
            raise self._failed
        return self._connections[1]

    @contextlib.contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One snapshot of the database; `memory` is emptied first if anybody has written since the last one."""
        with self._reading, self._faults():
            connection = self.reader
            connection.execute("BEGIN")
            try:
                version = connection.execute("PRAGMA data_version").fetchone()[0]
                if version != self._version or len(self.memory) > MEMORY:
                    self._version = version
                    self.memory.clear()
                yield connection
            finally:
                connection.rollback()

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction, on disk when the block ends; rolled back when it raises. Never retried."""
        with self._writing, self._faults(), self._lock:
            connection = self._writer()
            connection.execute("BEGIN IMMEDIATE")
            try:
                self._check_version(connection)
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    connection.rollback()
                raise

    def cut_log(self) -> None:
        """Bring everything into the main file and empty the log, where deleted rows would live on.

        Raises:
            VaultError: PS413 if other processes kept reading all the time.
        """
        for _ in range(_CUT_TRIES):
            with self._writing, self._faults(), self._lock:
                if not self._writer().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                    return
            time.sleep(_CUT_PAUSE)
        raise fault("PS413")

    def version(self) -> int:
        """Of the format in the file."""
        with self.read() as connection:
            return int(connection.execute("PRAGMA user_version").fetchone()[0])

    def data_version(self) -> int:
        """A number that changes when anybody, this process included, commits a write. Microseconds."""
        with self._reading:
            try:
                version: int = self.reader.execute("PRAGMA data_version").fetchone()[0]
            except sqlite3.Error as error:  # asked for every message: a context manager would double the time
                raise self._fault(error) from None
            return version

    def with_ballast(self, step: Callable[[], Result]) -> Result:
        """Do a step of erasing; on a full disk once more, with the reserve given back."""
        try:
            return step()
        except VaultError as error:
            if error.code != "PS409":
                raise
        beside(self.path, ".ballast").unlink(missing_ok=True)
        return step()

    def make_ballast(self) -> None:
        """Reserve disk space; a disk too full for it is not an error."""
        path = beside(self.path, ".ballast")
        with contextlib.suppress(OSError):
            descriptor = create_private(path)
            if descriptor is not None:
                self._fill(descriptor, path)

    @staticmethod
    def _fill(descriptor: int, path: Path) -> None:
        try:
            with os.fdopen(descriptor, "wb") as file:
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(descriptor, 0, BALLAST_BYTES)
                else:
                    file.write(bytes(BALLAST_BYTES))
        except OSError:
            path.unlink()

    def close(self) -> None:
        """Close both connections; the last one in the world checkpoints, hence the lock."""
        with self._writing, self._reading:
            connections, self._connections = self._connections, ()
            self._failed = self._failed or fault("PS412")
            if not connections:
                return
            with contextlib.suppress(VaultError), self._lock:
                for connection in reversed(connections):
                    connection.close()

    def _writer(self) -> sqlite3.Connection:
        if self._failed:
            raise self._failed
        return self._connections[0]

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        """SQLite's errors as ours."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._fault(error) from None
        except OSError as error:
            raise fault("PS415", why=error.strerror or type(error).__name__) from None

    def _fault(self, error: sqlite3.Error) -> VaultError:
        """Our error, without SQLite's text, which may quote a column. Some close the vault for good."""
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        problem = fault(_FATAL.get(code) or _PASSING.get(code) or "PS406", path=self.path)
        if code in _FATAL:
            self._failed = problem
        return problem

    def _prepare_file(self) -> None:
        """Before SQLite makes them with the process's umask: the file 0600, its directory 0700.

        An existing file is never opened here: closing it would drop the locks of this process's other connections.
        """
        make_private_dir(self.path.parent)
        danger = danger_of_dir(self.path.parent)
        descriptor = None if danger else create_private(self.path)
        if descriptor is not None:
            os.close(descriptor)
        danger = danger or danger_of_file(self.path.lstat())
        if danger:
            raise fault("PS407", path=self.path, why=danger)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        try:
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            if self._check_version(connection) < len(self._migrations):
                self._migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _check_version(self, connection: sqlite3.Connection) -> int:
        found, known = int(connection.execute("PRAGMA user_version").fetchone()[0]), len(self._migrations)
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        is_empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
        if application != APPLICATION_ID and not (is_empty and found == application == 0):
            raise fault("PS406", path=self.path)
        if found > known:
            raise fault("PS405", path=self.path, found=found, known=known)
        return found

    def _migrate(self, connection: sqlite3.Connection) -> None:
        """Under the lock. Statement by statement: executescript would commit in between."""
        if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
            raise fault("PS415", why="no write-ahead log here")
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statements in self._migrations[self._check_version(connection) :]:
                for statement in statements:
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {len(self._migrations)}")
            connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                connection.rollback()
            raise


def beside(path: Path, suffix: str) -> Path:
    """A companion file: `vault.db.lock` beside `vault.db`."""
    return path.with_name(path.name + suffix)
