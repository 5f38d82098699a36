"""How far a receiver is: a mark in the log's own database, so that it moves, and is looked at, in one transaction."""

import sqlite3
from collections.abc import Callable, Iterable
from typing import NamedTuple

from .. import table

Marks = Callable[[str], str | None]
"""Gives what the log has noted under a name."""


class Cursor(NamedTuple):
    """The last row that a receiver has: its number and its head in hex; 0 and "" for none."""

    seq: int = 0
    head: str = ""


class Problem(NamedTuple):
    """Why a receiver gets no rows, and the time at which that began; "" and "" if nothing is wrong."""

    since: str = ""
    words: str = ""


START = Cursor()


def load(marks: Marks, name: str) -> Cursor:
    """Of a receiver."""
    seq, _, head = (marks(_at(name)) or "").partition(" ")
    return Cursor(int(seq), head) if seq.isdecimal() else START


def problem(marks: Marks, name: str) -> Problem:
    """Of a receiver."""
    since, _, words = (marks(_trouble(name)) or "").partition(" ")
    return Problem(since, words)


def save(connection: sqlite3.Connection, name: str, cursor: Cursor) -> None:
    """It has these rows, so there is no problem."""
    table.set_mark(connection, _at(name), f"{cursor.seq} {cursor.head}")
    table.set_mark(connection, _trouble(name), "")


def set_problem(connection: sqlite3.Connection, name: str, now: Problem) -> None:
    """It does not get these rows."""
    table.set_mark(connection, _trouble(name), f"{now.since} {now.words}")


def least(connection: sqlite3.Connection, names: Iterable[str]) -> tuple[int, str] | None:
    """The last row that all of some receivers have, and which of them is behind; None if there are no receivers."""
    return min(((load(within(connection), name).seq, name) for name in names), default=None)


def within(connection: sqlite3.Connection) -> Marks:
    """The marks as a transaction sees them."""
    return lambda name: table.mark(connection, name)


def _at(name: str) -> str:
    return f"shipped to {name}"


def _trouble(name: str) -> str:
    return f"not shipped to {name}"
