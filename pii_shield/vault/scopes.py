"""The key-check record of a vault and the wrapped roots of its scopes."""

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from .base import KEY_BYTES, RandomBytes
from .faults import fault
from .keys import Key, KeySource
from .seal import Kek, ScopeKeys

if TYPE_CHECKING:
    from ..store.database import Database

_ID_BYTES: Final = 16
_FIRST_VERSION: Final = 1


class Scope(NamedTuple):
    """An unlocked scope: the number that joins its rows, and its keys."""

    num: int
    keys: ScopeKeys


class Scopes:
    """Unlocks scopes. Made by `unlock` for an existing vault, by `found` for a new one."""

    def __init__(self, kek: Kek, vault_id: bytes, source: str, random: RandomBytes = os.urandom) -> None:
        self.kek = kek
        self._vault_id = vault_id
        self._random = random
        self.source = source
        self.key_id = kek.key_id

    def read(self, connection: sqlite3.Connection, name: str) -> Scope | None:
        """The scope, if there is one; VaultError PS410 if its record was edited."""
        query = "SELECT num, id, key_version, created, wrapped FROM scope WHERE name = ?"
        row = connection.execute(query, (name,)).fetchone()
        if row is None:
            return None
        num, scope_id, version, created, wrapped = row
        root = self.kek.unwrap(wrapped, self._vault_id, name, scope_id, version, created)
        return Scope(num, ScopeKeys(scope_id, root, version, self._random))

    def make(self, connection: sqlite3.Connection, name: str, now: int) -> Scope:
        """A new scope with a new root."""
        scope_id, root = self._random(_ID_BYTES), self._random(KEY_BYTES)
        wrapped = self.kek.wrap(root, self._vault_id, name, scope_id, _FIRST_VERSION, now)
        query = "INSERT INTO scope (name, id, key_version, created, wrapped) VALUES (?, ?, ?, ?, ?)"
        cursor = connection.execute(query, (name, scope_id, _FIRST_VERSION, now, wrapped))
        return Scope(cursor.lastrowid or 0, ScopeKeys(scope_id, root, _FIRST_VERSION, self._random))

    def secret(self, connection: sqlite3.Connection, name: str) -> bytes | None:
        """A random key that belongs to the whole vault, if there is one; PS410 if its record was edited."""
        row = connection.execute("SELECT created, wrapped FROM secret WHERE name = ?", (name,)).fetchone()
        return None if row is None else self.kek.unwrap(row[1], self._vault_id, "secret", name, row[0])

    def make_secret(self, connection: sqlite3.Connection, name: str, now: int) -> bytes:
        """A new one."""
        key = self._random(KEY_BYTES)
        wrapped = self.kek.wrap(key, self._vault_id, "secret", name, now)
        connection.execute("INSERT INTO secret (name, created, wrapped) VALUES (?, ?, ?)", (name, now, wrapped))
        return key


def opened(database: "Database", source: KeySource, random: RandomBytes, now: int) -> Scopes:
    """The scopes of the vault in a database; the vault is made if there is none."""
    with database.read() as connection:
        scopes = unlock(connection, database.path, source, random)
    if scopes is None:
        with database.write() as connection:
            scopes = unlock(connection, database.path, source, random) or found(
                connection, database.path, source, random, now
            )
    return scopes


def unlock(connection: sqlite3.Connection, path: Path, source: KeySource, random: RandomBytes) -> Scopes | None:
    """The scopes of an existing vault; None if there is no vault yet.

    Raises:
        VaultError: no key (never makes one here), another key (PS402), an edited record (PS410).
    """
    row = connection.execute("SELECT id, created, key_id, proof FROM vault").fetchone()
    if row is None:
        return None
    vault_id, created, key_id, proof = row
    scopes = _scopes(source.load(path, create=False), vault_id, random)
    is_ours = scopes.kek.fits(proof, vault_id, created, key_id)
    if not is_ours and key_id != scopes.key_id:
        raise fault("PS402", path=path, id=key_id)
    if not is_ours:
        raise fault("PS410")
    return scopes


def found(connection: sqlite3.Connection, path: Path, source: KeySource, random: RandomBytes, now: int) -> Scopes:
    """Make the vault's first record, and its key if there is none yet."""
    vault_id = random(_ID_BYTES)
    scopes = _scopes(source.load(path, create=True), vault_id, random)
    proof = scopes.kek.prove(vault_id, now, scopes.key_id)
    query = "INSERT INTO vault (one, id, created, key_id, proof) VALUES (1, ?, ?, ?, ?)"
    connection.execute(query, (vault_id, now, scopes.key_id, proof))
    return scopes


def _scopes(key: Key, vault_id: bytes, random: RandomBytes) -> Scopes:
    return Scopes(Kek(key.reveal(), random), vault_id, key.source, random)
