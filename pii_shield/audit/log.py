"""The log as its writers see it: rows go in, in one chain with those of all other processes, and never come out.

A release is on disk before `commit` returns. What only says what the client already has is reported: it survives the
death of this process at once, and joins the chain with the next commit, at most `Pace.flush` later.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from ..errors import ShieldError
from ..store.database import Database, Result, beside
from ..store.files import make_private_dir
from . import event, table
from .event import Event
from .faults import unwritable
from .note import Signer
from .spool import Spool, orphans, writers

if TYPE_CHECKING:
    import sqlite3

    from .places import Place

ORIGIN: Final = "pii-shield-audit/"
MAX_PENDING: Final = 10_000
"""Rows that wait for a log that cannot be written; then nothing passes any more."""
RETRY_SECONDS: Final = 30.0
"""Pause after a second place did not take checkpoints."""
_ID_BYTES: Final = 8


class Pace(NamedTuple):
    """How often.

    Attributes:
        flush: seconds that a reported row waits at most for its commit.
        rows, seconds: a checkpoint is made after so many rows, or so long after the last one.
    """

    flush: float = 0.25
    rows: int = 1000
    seconds: float = 300.0


class _Watched(NamedTuple):
    what: str
    value: str
    usual: str
    type: str
    fields: dict[str, object]


class Log:
    """One process's way into the log. Thread-safe.

    Args:
        path: the vault's file.
        seed: 32 secret bytes that sign checkpoints.
        clock: seconds since the epoch.
        places: where checkpoints go besides the database.
        new_id: random bytes, for the name of a new log.

    Opened at the first commit: making it costs little.

    Raises:
        AuditError: PS701 there is no place for it.
    """

    def __init__(
        self,
        path: Path,
        seed: Callable[[], bytes],
        new_id: Callable[[int], bytes],
        *,
        clock: Callable[[], float] = time.time,
        places: "Sequence[Place]" = (),
        pace: Pace = Pace(),  # noqa: B008 - immutable
    ) -> None:
        self._path, self._seed, self._new_id, self._clock = path, seed, new_id, clock
        self._pace, self._places = pace, places
        self._spools = beside(path, ".audit")
        try:
            make_private_dir(path.parent)
            self._spool = Spool(self._spools)
        except OSError as error:
            raise unwritable(error) from None
        self._database: Database | None = None
        self._signer: Signer | None = None
        self._reporting, self._writing = threading.Lock(), threading.Lock()
        self._pending: list[str] = []
        self._watched: list[_Watched] = []
        self._number = 0
        self._problem: ShieldError | None = None
        self._wake, self._ending = threading.Event(), threading.Event()
        self._flusher: threading.Thread | None = None
        self._retry = 0.0
        self._closed = False

    @property
    def writer(self) -> str:
        """The id of this process in its rows."""
        return self._spool.writer

    def report(self, type_: str, **fields: object) -> None:
        """Have a row in the log soon.

        Raises:
            AuditError: PS701 the log cannot be written.
        """
        body = event.body(Event(type_, fields, self._clock()), self.writer)
        with self._reporting:
            if self._closed or len(self._pending) >= MAX_PENDING:
                raise unwritable(self._problem)
            try:
                self._spool.add(self._number + 1, body)
            except OSError as error:
                raise unwritable(error) from None
            self._number += 1
            self._pending.append(body)
            if self._flusher is None:
                self._flusher = threading.Thread(target=self._flush_for_ever, name="audit", daemon=True)
                self._flusher.start()
        if not self._wake.is_set():
            self._wake.set()

    def commit(self, type_: str, **fields: object) -> None:
        """Have a row in the log now: on disk when this returns.

        Raises:
            AuditError: PS701 it is not.
        """
        self._drain(event.body(Event(type_, fields, self._clock()), self.writer))

    def watch(self, what: str, value: str, type_: str, usual: str = "", /, **fields: object) -> None:
        """Compare with what was last seen of `what`; if that was another one, have a row say so soon.

        The row has `was` and `now` besides the fields. `usual` counts as seen at first; "": the first value is no news.
        """
        with self._reporting:
            self._watched.append(_Watched(what, value, usual, type_, fields))
        self._wake.set()

    def key(self) -> str:
        """The public key of the log's checkpoints, for whoever verifies them."""
        if self._signer is None:
            self._drain()
        return self._signer.key if self._signer else ""

    def with_signer(self, step: "Callable[[sqlite3.Connection, Signer], Result]") -> Result:
        """Do something in one transaction of the log, after what waits is in it."""
        self._drain()
        with self._writing:
            if self._database is None or self._signer is None:
                raise unwritable(None)
            with self._database.write() as connection:
                return step(connection, self._signer)

    def append(self, connection: "sqlite3.Connection", type_: str, **fields: object) -> None:
        """A row within such a transaction."""
        table.append(connection, [self._body(type_, **fields)])

    def flush(self) -> None:
        """Commit what waits."""
        self._drain()

    def close(self) -> None:
        """Say stop, sign the tip, give up the files. What cannot be written now the next process takes in."""
        with self._reporting:
            if self._closed:
                return
            self._closed = True
        self._ending.set()
        self._wake.set()
        if self._flusher:
            self._flusher.join(5.0)
        done = False
        with contextlib.suppress(ShieldError):
            self._drain(event.body(Event("stop", {}, self._clock()), self.writer), is_last=True)
            done = True
            self._publish(at_end=True)
        self._spool.close(done)
        if self._database:
            self._database.close()

    # Writing

    def _drain(self, *more: str, is_last: bool = False) -> None:
        """Commit what waits, then `more`."""
        with self._writing:
            with self._reporting:
                waiting, self._pending = self._pending, []
                watched, self._watched = self._watched, []
                number = self._number
                self._spool.turn()
            try:
                self._write([*waiting, *more], number, watched, is_last)
            except ShieldError as error:
                with self._reporting:
                    self._pending[:0] = waiting
                    self._watched[:0] = watched
                self._problem = error
                raise unwritable(error) from None
            with self._reporting:
                self._spool.clear()
            self._problem = None

    def _write(self, bodies: list[str], number: int, watched: "list[_Watched]", is_last: bool) -> None:
        if self._database is None:
            self._database = Database(self._path)
        # Before the lock: the seed comes from the vault, which takes the same one.
        seed = b"" if self._signer else self._seed()
        with contextlib.ExitStack() as stack:
            dead = stack.enter_context(orphans(self._spools)) if self._signer is None else []
            connection = stack.enter_context(self._database.write())
            signer = self._signer or self._begin(connection, seed)
            for orphan in dead:
                self._take_in(connection, orphan.writer, orphan.rows)
            table.append(connection, [*bodies, *self._changes(connection, watched)])
            table.set_taken(connection, self.writer, number)
            if self._is_due(connection, is_last):
                table.add_checkpoint(connection, signer, event.stamp(self._clock()))
        self._signer = signer

    def _begin(self, connection: "sqlite3.Connection", seed: bytes) -> Signer:
        """The first transaction of this process: found the log if there is none, look whether the key is the same."""
        table.purge_writers(connection, writers(self._spools))
        name = table.mark(connection, "log")
        if name is None:
            log_id = self._new_id(_ID_BYTES).hex()
            signer = Signer(ORIGIN + log_id, seed)
            table.set_mark(connection, "log", signer.name)
            table.append(connection, [self._body("log", log=log_id, key=signer.key)])
        else:
            signer = Signer(name, seed)
            was = table.mark(connection, "key") or signer.key
            if was != signer.key:
                table.append(connection, [self._body("key", was=was, now=signer.key)])
        table.set_mark(connection, "key", signer.key)
        return signer

    def _take_in(self, connection: "sqlite3.Connection", writer: str, rows: dict[int, str]) -> None:
        known = table.taken(connection, writer)
        if known == table.BURIED:  # somebody died between taking it in and deleting its files
            return
        found = [body for number, body in rows.items() if number > known and event.is_row(body)]
        lost = self._body("lost", of=writer, rows=len(found))
        table.append(connection, [*found, lost])
        table.set_taken(connection, writer, table.BURIED)

    def _changes(self, connection: "sqlite3.Connection", watched: "list[_Watched]") -> list[str]:
        rows = []
        for what, value, usual, type_, fields in watched:
            was = table.mark(connection, what) or usual or None
            if was != value:
                table.set_mark(connection, what, value)
            if was not in (None, value):
                rows.append(self._body(type_, was=was, now=value, **fields))
        return rows

    def _body(self, type_: str, **fields: object) -> str:
        return event.body(Event(type_, fields, self._clock()), self.writer)

    def _is_due(self, connection: "sqlite3.Connection", is_last: bool) -> bool:
        size = table.tip(connection)[0]
        covered, at = table.last_checkpoint(connection)
        age = self._clock() - event.seconds_of(at) if at else 0.0
        late = not 0 <= age < self._pace.seconds  # a clock set back must not put it off
        return size - covered >= self._pace.rows or (size > covered and (is_last or late or not at))

    # In the background

    def _flush_for_ever(self) -> None:
        while not self._ending.is_set():
            is_quiet = not self._wake.wait(self._pace.seconds)
            self._ending.wait(self._pace.flush)
            self._wake.clear()
            with contextlib.suppress(ShieldError):  # kept as the problem; whoever reports or commits next meets it
                if self._pending or self._watched or is_quiet:
                    self._drain()
                self._publish()

    def _publish(self, at_end: bool = False) -> None:
        """Bring checkpoints to the second places. One that fails is tried again with the next."""
        if self._database is None or not self._places or (self._clock() < self._retry and not at_end):
            return
        with self._database.read() as connection:
            notes = table.unpublished(connection)
        if not notes:
            return
        self._retry = self._clock() + RETRY_SECONDS
        done = [place.put([note for _, note in notes]) for place in self._places if place.is_quick or not at_end]
        if all(done) and (not at_end or len(done) == len(self._places)):
            self._retry = 0.0
            with self._writing, self._database.write() as connection:
                table.set_published(connection, [size for size, _ in notes])
