"""The log's tables, within one transaction of the shared database."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from ..store.faults import fault
from . import chain
from .note import Signer

BURIED: Final = -1
"""In place of a number of rows: the writer is dead, and all its rows are in the log."""


def tip(connection: sqlite3.Connection) -> tuple[int, bytes]:
    """Number of rows ever written, and the head after them."""
    row = connection.execute("SELECT seq, head FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    row = row or connection.execute("SELECT size, head FROM audit_seal ORDER BY size DESC LIMIT 1").fetchone()
    seq, head = row or (0, chain.GENESIS)
    if not isinstance(seq, int) or not isinstance(head, bytes):
        raise fault("PS406", path="of the audit log")
    return seq, head


def append(connection: sqlite3.Connection, bodies: Sequence[str]) -> tuple[int, bytes]:
    """Put rows at the end; the new tip."""
    seq, head = tip(connection)
    rows = []
    for body in bodies:
        seq, head = seq + 1, chain.extend(head, body)
        rows.append((seq, body, head))
    connection.executemany("INSERT INTO audit (seq, body, head) VALUES (?, ?, ?)", rows)
    return seq, head


def mark(connection: sqlite3.Connection, name: str) -> str | None:
    """What was last seen of something."""
    row = connection.execute("SELECT value FROM audit_mark WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def set_mark(connection: sqlite3.Connection, name: str, value: str) -> None:
    """See it."""
    connection.execute("INSERT OR REPLACE INTO audit_mark (name, value) VALUES (?, ?)", (name, value))


def taken(connection: sqlite3.Connection, writer: str) -> int:
    """How many spooled rows of a writer are in the log."""
    row = connection.execute("SELECT n FROM audit_writer WHERE id = ?", (writer,)).fetchone()
    return 0 if row is None else int(row[0])


def set_taken(connection: sqlite3.Connection, writer: str, n: int) -> None:
    """Say so."""
    connection.execute("INSERT OR REPLACE INTO audit_writer (id, n) VALUES (?, ?)", (writer, n))


def purge_writers(connection: sqlite3.Connection, alive: Iterable[str]) -> None:
    """Forget writers that have no spool any more."""
    known = {row[0] for row in connection.execute("SELECT id FROM audit_writer")}
    connection.executemany("DELETE FROM audit_writer WHERE id = ?", [(writer,) for writer in known - set(alive)])


def last_checkpoint(connection: sqlite3.Connection) -> tuple[int, str]:
    """Size and time of the last one; (0, "") if there is none."""
    row = connection.execute("SELECT size, at FROM audit_checkpoint ORDER BY size DESC LIMIT 1").fetchone()
    return (0, "") if row is None else (int(row[0]), str(row[1]))


def add_checkpoint(connection: sqlite3.Connection, signer: Signer, at: str) -> None:
    """Sign the tip. A checkpoint of the same size that is there already stays."""
    size, head = tip(connection)
    query = "INSERT OR IGNORE INTO audit_checkpoint (size, at, head, note, published) VALUES (?, ?, ?, ?, 0)"
    connection.execute(query, (size, at, head, signer.checkpoint(size, head, at)))


def unpublished(connection: sqlite3.Connection) -> list[tuple[int, str]]:
    """Size and note of checkpoints that not every second place has, oldest first."""
    query = "SELECT size, note FROM audit_checkpoint WHERE published = 0 ORDER BY size"
    return connection.execute(query).fetchall()


def set_published(connection: sqlite3.Connection, sizes: Sequence[int]) -> None:
    """Every second place has them."""
    connection.executemany("UPDATE audit_checkpoint SET published = 1 WHERE size = ?", [(size,) for size in sizes])


def checkpoint_before(connection: sqlite3.Connection, at: str, most: int) -> tuple[int, bytes] | None:
    """Size and head of the last checkpoint of at most so many rows that was made up to a time: its rows are older."""
    query = "SELECT size, head FROM audit_checkpoint WHERE at <= ? AND size <= ? ORDER BY size DESC LIMIT 1"
    row = connection.execute(query, (at, most)).fetchone()
    return None if row is None else (int(row[0]), bytes(row[1]))


def first(connection: sqlite3.Connection) -> int:
    """Number of the first row that is there; of the next one if there is none."""
    row = connection.execute("SELECT min(seq) FROM audit").fetchone()
    return int(row[0]) if row[0] is not None else tip(connection)[0] + 1


def seal(connection: sqlite3.Connection, size: int, at: str, head: bytes, note: str) -> None:
    """Put on record up to where rows are about to be deleted."""
    query = "INSERT OR REPLACE INTO audit_seal (size, at, head, note) VALUES (?, ?, ?, ?)"
    connection.execute(query, (size, at, head, note))


def delete_sealed(connection: sqlite3.Connection) -> int:
    """Delete the rows that a seal stands for; how many there were."""
    sealed = "(SELECT coalesce(max(size), 0) FROM audit_seal)"
    connection.execute(f"DELETE FROM audit_checkpoint WHERE size < {sealed}")  # noqa: S608
    return connection.execute(f"DELETE FROM audit WHERE seq <= {sealed}").rowcount  # noqa: S608
