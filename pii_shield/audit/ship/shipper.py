"""Ships the log to one receiver, row by row in order, each at least once. The log itself is what waits.

At most a batch is in memory. The cursor moves after the receiver took a batch, so a kill -9 in between sends it again:
receivers drop what has a `seq` and `head` that they have. Rows never pass a message's way; a receiver that is down
only makes the cursor stay.
"""

import contextlib
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from ...errors import VaultError
from ...store.database import Database
from .. import event
from ..export import ocsf_line
from ..read import DatabaseSource, RawRow, line_of, parsed
from . import cursor, post, syslog, wires
from .cursor import START, Cursor, Problem
from .target import Target
from .undelivered import Undelivered

MAX_BYTES: Final = 1 << 20
"""Of one batch; a single larger row still goes."""


class Batch(NamedTuple):
    """Rows that go together."""

    log: str
    rows: list[RawRow]

    @property
    def end(self) -> Cursor:
        """Where a receiver is that has them."""
        seq, _, head = self.rows[-1]
        return Cursor(seq, head.hex())


class Shipper:
    """Whoever uses it holds the receiver's lock. Not thread-safe.

    Args:
        path: the vault's file.
        clock: seconds since the epoch.
        known: where this process knows the receiver to be, if the log could not be told.

    Raises:
        AuditError: PS702 there is no log yet.
    """

    def __init__(self, path: Path, target: Target, clock: Callable[[], float], known: Cursor = START) -> None:
        self._target, self._clock = target, clock
        self._most = target.rows
        self._problem = ""
        self._log = DatabaseSource(path)
        try:
            self._database = Database(path)
        except BaseException:
            self._log.close()
            raise
        self.at = self._begin(known)

    def _begin(self, known: Cursor) -> Cursor:
        """Where the receiver is; at the start, if the log is not the one that it has rows of."""
        with self._database.read() as connection:
            marks = cursor.within(connection)
            at = cursor.load(marks, self._target.name)
            self._problem = cursor.problem(marks, self._target.name).words
        at = max(at, known)
        row = self._log.row(at.seq)
        return at if row and row[2].hex() == at.head else START

    def step(self) -> int:
        """Ship the next batch; how many rows it had, 0 if the receiver has all.

        Raises:
            Undelivered: it did not take them.
            ShieldError: the log cannot be read, or the cursor not be moved.
        """
        rows = self._next()
        if not rows:
            return 0
        batch = Batch(self._log.key().partition("+")[0], rows)
        try:
            self._send(batch)
        except Undelivered as error:
            if error.too_big and len(rows) > 1:
                self._most = len(rows) // 2
                return self.step()
            self._say(error.words)
            raise
        self.at = batch.end  # whatever becomes of the mark: this process does not send them twice
        self._save()
        self._most = self._target.rows
        return len(rows)

    def _next(self) -> list[RawRow]:
        """Rows after the cursor. No snapshot stays open: it would keep erased values in the vault's log."""
        found: list[RawRow] = []
        left = MAX_BYTES
        with contextlib.closing(self._log.raw(self.at.seq + 1)) as rows:
            for row in islice(rows, self._most):
                left -= len(row[1])
                if found and left < 0:
                    break
                found.append(row)
        return found

    def _send(self, batch: Batch) -> None:
        target, log = self._target, batch.log
        if target.problem:
            raise Undelivered(target.problem)
        said = [(row, parsed(row)) for row in batch.rows]
        lines = [ocsf_line(row, data, log) if target.format == "ocsf" else line_of(row) for row, data in said]
        if target.address.scheme in ("http", "https"):
            post.post(target, lines, f"{log}/{batch.rows[0][0]}-{batch.end.seq}-{batch.end.head[:16]}")
            return
        wires.deliver(
            target.address,
            [self._message(row, data, log, line) for (row, data), line in zip(said, lines, strict=True)],
        )

    def _message(self, row: RawRow, data: dict[str, object], log: str, line: bytes) -> bytes:
        whole = syslog.message(row, data, self._target.host, log, line)
        if wires.is_datagram(self._target.address) and len(whole) > wires.MAX_DATAGRAM:
            return syslog.message(row, data, self._target.host, log, b"")
        return whole

    def _save(self) -> None:
        with self._database.write() as connection:
            cursor.save(connection, self._target.name, self.at)
        self._problem = ""

    def _say(self, words: str) -> None:
        """Put the problem where `audit ship --status` and others see it; once, not at every try."""
        if words == self._problem:
            return
        self._problem = words
        with contextlib.suppress(VaultError), self._database.write() as connection:
            cursor.set_problem(connection, self._target.name, Problem(event.stamp(self._clock()), words))

    def rewind(self, seq: int) -> None:
        """Ship again from a row on."""
        row = self._log.row(seq - 1)
        self.at = Cursor(row[0], row[2].hex()) if row else START
        self._save()

    def close(self) -> None:
        """Release the files."""
        self._log.close()
        self._database.close()
