"""The rows of one scope over one connection: what was read here is verified, what is written is sealed."""

import math
import sqlite3
from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar

from .faults import fault
from .seal import ScopeKeys

LIVE: Final = "live"
EXPIRED: Final = "expired"
FORGOTTEN: Final = "forgotten"

_COLUMNS: Final = (
    "id, type, rule, blind, state, created, expires, changed, spellings, origins, key_version, sealed, num"
)
_SELECT: Final = f"SELECT {_COLUMNS} FROM identity WHERE scope = ? AND "  # noqa: S608
_MARKS: Final = ", ".join("?" * 12)
_MAX_CHANGE: Final = 1 << 60
Found = TypeVar("Found")


class Identity(NamedTuple):
    """One row of the identity table, verified, with its canonical form. `num` is None until it is stored."""

    id: str
    type: str
    rule: str
    blind: bytes | None
    state: str
    created: int
    expires: int
    changed: int
    spellings: int
    origins: int
    key_version: int
    canonical: str
    num: int | None = None

    def __repr__(self) -> str:
        return f"Identity({self.type})"

    def is_live(self, now: int) -> bool:
        """Whether its spellings may still be used."""
        return self.state == LIVE and now < self.expires


class Spelling(NamedTuple):
    """One verified row of the spelling table."""

    n: int
    kind: str
    text: str

    def __repr__(self) -> str:
        return f"Spelling({self.n})"


class Rows:
    """Reads and writes within one transaction. VaultError PS410 for a row that is not as it was written.

    `memory`, for reading only, holds what was read and verified since the last write of anybody.
    """

    def __init__(
        self, connection: sqlite3.Connection, scope: int, keys: ScopeKeys, memory: dict[Any, Any] | None = None
    ) -> None:
        self._db = connection
        self._memory = memory
        self._scope = scope
        self._changed = 0
        self.keys = keys

    def by_id(self, token_id: str) -> Identity | None:
        """The identity behind a token id, in any state."""
        return self._once(("id", self._scope, token_id), lambda: self._by_id(token_id))

    def by_blind(self, blind: bytes) -> Identity | None:
        """The living identity with this blind index."""
        return self._once(("blind", self._scope, blind), lambda: self._by_blind(blind))

    def changed_after(self, cursor: int, limit: int) -> list[Identity]:
        """Identities in the order of their last change."""
        return self._many("changed > ? ORDER BY changed LIMIT ?", cursor, limit)

    def overdue(self, now: int, limit: int) -> list[Identity]:
        """Identities whose time is over but that still hold spellings."""
        return self._many(f"state = '{LIVE}' AND expires <= ? LIMIT ?", now, limit)

    def first_expiry(self) -> float:
        """When the next living identity expires; infinity if there is none."""
        query = f"SELECT min(expires) FROM identity WHERE scope = ? AND state = '{LIVE}'"  # noqa: S608
        first = self._db.execute(query, (self._scope,)).fetchone()[0]
        return math.inf if first is None else _expect(first, isinstance(first, int))

    def next_change(self) -> int:
        """Number for the next change of an identity in this scope."""
        if not self._changed:
            last = self._db.execute("SELECT max(changed) FROM identity WHERE scope = ?", (self._scope,)).fetchone()[0]
            self._changed = _expect(last or 0, last is None or (isinstance(last, int) and last < _MAX_CHANGE))
        self._changed += 1
        return self._changed

    def has_id(self, token_id: str) -> bool:
        """Whether the id is taken, by an ended identity too."""
        query = "SELECT 1 FROM identity WHERE scope = ? AND id = ?"
        return self._db.execute(query, (self._scope, token_id)).fetchone() is not None

    def add(self, identity: Identity) -> Identity:
        """Store a new identity."""
        query = f"INSERT INTO identity (scope, {_COLUMNS.removesuffix(', num')}) VALUES (?, {_MARKS})"  # noqa: S608
        cursor = self._db.execute(query, (self._scope, *self._sealed(identity)))
        return identity._replace(num=cursor.lastrowid)

    def change(self, identity: Identity, **columns: object) -> Identity:
        """Store new columns of an identity, as its newest change."""
        new: Identity = identity._replace(changed=self.next_change(), **columns)  # type: ignore[arg-type]
        query = f"UPDATE identity SET ({_COLUMNS.removesuffix(', num')}) = ({_MARKS}) WHERE num = ?"  # noqa: S608
        self._db.execute(query, (*self._sealed(new), new.num))
        return new

    def end(self, identity: Identity, state: str) -> None:
        """Destroy the spellings and origins; the id stays taken and says what happened to it."""
        for table in ("spelling", "origin", "evidence"):
            self._db.execute(f"DELETE FROM {table} WHERE identity = ?", (identity.num,))  # noqa: S608
        self.change(identity, state=state, blind=None, spellings=0, origins=0, canonical="")

    def number_of(self, identity: Identity, blind: bytes) -> int | None:
        """Which spelling of the identity has this blind index."""
        return self._once(("n", identity.num, blind), lambda: self._number_of(identity, blind))

    def spellings(self, identity: Identity) -> list[Spelling]:
        """All of them, the first first."""
        query = "SELECT blind, n, kind, created, key_version, sealed FROM spelling WHERE identity = ? ORDER BY n"
        found = [self._spelling(identity, *row) for row in self._db.execute(query, (identity.num,))]
        return _expect(found, [spelling.n for spelling in found] == list(range(1, identity.spellings + 1)))

    def spelling(self, identity: Identity, n: int) -> Spelling:
        """One of them; it must be there."""
        query = "SELECT blind, n, kind, created, key_version, sealed FROM spelling WHERE identity = ? AND n = ?"
        row = self._db.execute(query, (identity.num, n)).fetchone()
        spelling = self._spelling(identity, *_expect(row, row is not None))
        return _expect(spelling, spelling.n == n)

    def add_spelling(self, identity: Identity, n: int, kind: str, blind: bytes, text: str, now: int) -> None:
        """Store spelling n; the identity's count is the caller's to change."""
        version = self.keys.version
        sealed = self.keys.seal(text, version, "spelling", identity.id, n, kind, blind, now)
        query = (
            "INSERT INTO spelling (identity, n, kind, blind, created, key_version, sealed) VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        self._db.execute(query, (identity.num, n, kind, blind, now, version, sealed))

    def servers(self, identity: Identity) -> dict[str, str]:
        """Role of each server that sent the identity or got it. A missing row is noticed, as is an added one."""
        return self._once(("servers", identity.num), lambda: self._servers(identity))

    def add_server(self, identity: Identity, server: str, role: str, now: int) -> None:
        """Store a server's role; the identity's count is the caller's to change."""
        mac = self.keys.sign("origin", identity.id, server, role, now)
        self._db.execute("INSERT INTO origin VALUES (?, ?, ?, ?, ?)", (identity.num, server, role, now, mac))

    def note(self, identity: Identity, text: str) -> None:
        """Store a note in place of the one before it, as the newest."""
        version = self.keys.version
        sealed = self.keys.seal(text, version, "evidence", identity.id)
        query = "INSERT OR REPLACE INTO evidence (identity, key_version, sealed) VALUES (?, ?, ?)"
        self._db.execute(query, (identity.num, version, sealed))

    def noted(self, newest: int, token_id: str) -> list[tuple[str, str]]:
        """Token id and note of the identity, or with "" of the newest ones."""
        query = """SELECT identity.id, evidence.key_version, evidence.sealed FROM evidence
            JOIN identity ON identity.num = evidence.identity
            WHERE identity.scope = ? AND ? IN ('', identity.id) ORDER BY n DESC LIMIT ?"""
        rows = self._db.execute(query, (self._scope, token_id, newest)).fetchall()
        return [(id_, self.keys.unseal(sealed, version, "evidence", id_)) for id_, version, sealed in rows]

    def bound(self, name: str) -> str | None:
        """The fingerprint that a server name is bound to."""
        query = "SELECT fingerprint, first, mac FROM binding WHERE scope = ? AND name = ?"
        row = self._db.execute(query, (self._scope, name)).fetchone()
        if row is None:
            return None
        self.keys.check(row[2], "binding", name, row[0], row[1])
        return str(row[0])

    def bind(self, name: str, fingerprint: str, now: int) -> str:
        """Bind a server name for good, unless it is; the fingerprint that it is bound to."""
        bound = self.bound(name)
        if bound is not None:
            return bound
        mac = self.keys.sign("binding", name, fingerprint, now)
        self._db.execute("INSERT INTO binding VALUES (?, ?, ?, ?, ?)", (self._scope, name, fingerprint, now, mac))
        return fingerprint

    def _once(self, key: tuple[object, ...], read: Callable[[], Found]) -> Found:
        """Read, or remember what was read while nobody has written since."""
        if self._memory is None:
            return read()
        if key not in self._memory:
            self._memory[key] = read()
        found: Found = self._memory[key]
        return found

    def _by_id(self, token_id: str) -> Identity | None:
        identity = self._one("id = ?", token_id)
        return _expect(identity, identity is None or identity.id == token_id)

    def _by_blind(self, blind: bytes) -> Identity | None:
        identity = self._one("blind = ?", blind)
        return _expect(identity, identity is None or identity.blind == blind)

    def _number_of(self, identity: Identity, blind: bytes) -> int | None:
        query = "SELECT n, kind, created, key_version, sealed FROM spelling WHERE identity = ? AND blind = ?"
        row = self._db.execute(query, (identity.num, blind)).fetchone()
        return self._spelling(identity, blind, *row).n if row else None

    def _servers(self, identity: Identity) -> dict[str, str]:
        query = "SELECT server, role, first, mac FROM origin WHERE identity = ?"
        found = {}
        for server, role, first, mac in self._db.execute(query, (identity.num,)):
            self.keys.check(mac, "origin", identity.id, server, role, first)
            found[server] = role
        return _expect(found, len(found) == identity.origins)

    def _one(self, condition: str, argument: object) -> Identity | None:
        row = self._db.execute(_SELECT + condition, (self._scope, argument)).fetchone()
        return self._identity(row) if row else None

    def _many(self, condition: str, *arguments: int) -> list[Identity]:
        return [self._identity(row) for row in self._db.execute(_SELECT + condition, (self._scope, *arguments))]

    def _identity(self, row: tuple[object, ...]) -> Identity:
        *columns, sealed, num = row
        canonical = self.keys.unseal(sealed, columns[-1], "identity", *columns)  # type: ignore[arg-type]
        return Identity._make((*columns, canonical, num))

    def _sealed(self, identity: Identity) -> tuple[object, ...]:
        *columns, canonical, _ = identity
        return *columns, self.keys.seal(canonical, identity.key_version, "identity", *columns)

    def _spelling(
        self, identity: Identity, blind: bytes, n: int, kind: str, created: int, version: int, sealed: object
    ) -> Spelling:
        text = self.keys.unseal(sealed, version, "spelling", identity.id, n, kind, blind, created)
        return Spelling(n, kind, text)


def _expect(found: Found, is_sound: bool) -> Found:
    """What was read, if it is what was asked for: an edited index or a missing row gives something else."""
    if not is_sound:
        raise fault("PS410")
    return found
