"""Which command each server name was bound to at its first use, over one connection: never changed afterwards."""

import sqlite3

from .scopes import Scope


def bound(connection: sqlite3.Connection, scope: Scope, name: str) -> str | None:
    """The fingerprint that a server name is bound to."""
    query = "SELECT fingerprint, first, mac FROM binding WHERE scope = ? AND name = ?"
    row = connection.execute(query, (scope.num, name)).fetchone()
    if row is None:
        return None
    scope.keys.check(row[2], "binding", name, row[0], row[1])
    return str(row[0])


def bind(connection: sqlite3.Connection, scope: Scope, name: str, fingerprint: str, now: int) -> str:
    """Bind a server name for good, unless it is; the fingerprint that it is bound to."""
    before = bound(connection, scope, name)
    if before is not None:
        return before
    mac = scope.keys.sign("binding", name, fingerprint, now)
    connection.execute("INSERT INTO binding VALUES (?, ?, ?, ?, ?)", (scope.num, name, fingerprint, now, mac))
    return fingerprint
