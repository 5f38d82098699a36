"""The rows of one scope over one connection: what was read here is verified, what is written is sealed."""

import math
import sqlite3
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

from .faults import fault
from .records import LIVE, Identity, Note, Spelling
from .seal import ScopeKeys

_COLUMNS: Final = (
    "id, type, rule, blind, state, created, expires, changed, spellings, origins, key_version, sealed, num"
)
_SELECT: Final = f"SELECT {_COLUMNS} FROM identity WHERE scope = ? AND "  # noqa: S608
_SPELLING: Final = "blind, n, kind, created, key_version, sealed"
_MARKS: Final = ", ".join("?" * 12)
_MAX_CHANGE: Final = 1 << 60
_TOGETHER: Final = 400
"""Rows asked for in one query: SQLite before 3.32 takes 999 arguments."""
Found = TypeVar("Found")
Key = TypeVar("Key", bound=Hashable)


class Rows:
    """Reads and writes within one transaction. VaultError PS410 for a row that is not as it was written.

    What was read and verified is remembered: for one transaction, or in a reader's `memory` until anybody writes. New
    rows wait until something else is asked, or for `flush`, and are written together.
    """

    def __init__(
        self, connection: sqlite3.Connection, scope: int, keys: ScopeKeys, memory: dict[Any, Any] | None = None
    ) -> None:
        self._db = connection
        self._memory: dict[Any, Any] = {} if memory is None else memory
        self._waiting: dict[str, list[tuple[object, ...]]] = {}
        self._scope = scope
        self._changed = 0
        self._last = 0
        self.keys = keys

    def _ask(self, query: str, *arguments: object) -> sqlite3.Cursor:
        """Run a query, after what waits: it may ask for that."""
        if self._waiting:
            self.flush()
        return self._db.execute(query, arguments)

    def flush(self) -> None:
        """Write what waits."""
        waiting, self._waiting = self._waiting, {}
        for query, rows in waiting.items():
            self._db.executemany(query, rows)

    def fetch(self, wanted: Sequence[tuple[bytes, bytes]]) -> None:
        """Read together what `by_blind`, `number_of` and `servers` will be asked about pairs of blind indexes: of an
        identity, and of one of its spellings."""
        memory, scope = self._memory, self._scope
        for part in _parts(blind for blind, _ in wanted if ("blind", scope, blind) not in memory):
            found = {one.blind: one for one in self._many(f"blind IN ({_marks(part)})", *part)}
            memory.update({("blind", scope, blind): found.get(blind) for blind in part})
        known = [(memory["blind", scope, blind], spelled) for blind, spelled in wanted]
        self._fetch_servers({one.num: one for one, _ in known if one and ("servers", one.num) not in memory})
        self._fetch_numbers({(one.num, n): one for one, n in known if one and ("n", one.num, n) not in memory})

    def fetch_ids(self, token_ids: Sequence[str]) -> None:
        """Read together what `by_id` will be asked."""
        for part in _parts(token_ids):
            found = {one.id: one for one in self._many(f"id IN ({_marks(part)})", *part)}
            self._memory.update({("id", self._scope, token_id): found.get(token_id) for token_id in part})

    def _fetch_servers(self, identities: dict[int, Identity]) -> None:
        for part in _parts(identities):
            query = f"SELECT identity, server, role, first, mac FROM origin WHERE identity IN ({_marks(part)})"  # noqa: S608
            rows: dict[int, list[tuple[object, ...]]] = {num: [] for num in part}
            for num, *row in self._ask(query, *part):
                rows[num].append(tuple(row))
            for num in part:
                self._memory["servers", num] = self._roles(identities[num], rows[num])

    def _fetch_numbers(self, spelled: dict[tuple[int, bytes], Identity]) -> None:
        for part in _parts(spelled):
            pairs = ", ".join(["(?, ?)"] * len(part))
            query = f"SELECT identity, {_SPELLING} FROM spelling WHERE (identity, blind) IN (VALUES {pairs})"  # noqa: S608
            self._memory.update({("n", *pair): None for pair in part})
            for num, *row in self._ask(query, *(argument for pair in part for argument in pair)):
                blind = row[0]
                self._memory["n", num, blind] = self._spelling(spelled[num, blind], *row).n

    def by_id(self, token_id: str) -> Identity | None:
        """The identity behind a token id, in any state."""
        return self._once(("id", self._scope, token_id), lambda: self._by_id(token_id))

    def by_blind(self, blind: bytes) -> Identity | None:
        """The living identity with this blind index."""
        return self._once(("blind", self._scope, blind), lambda: self._by_blind(blind))

    def changes_after(self, cursor: int, limit: int) -> list[int]:
        """Numbers of changes, in order."""
        query = "SELECT changed FROM identity WHERE scope = ? AND changed > ? ORDER BY changed LIMIT ?"
        return [_expect(row[0], isinstance(row[0], int)) for row in self._ask(query, self._scope, cursor, limit)]

    def changed(self, changes: Sequence[int]) -> dict[int, Identity]:
        """The identities that have these numbers, by number."""
        found = [one for part in _parts(changes) for one in self._many(f"changed IN ({_marks(part)})", *part)]
        return _expect({one.changed: one for one in found}, len(found) == len(changes))

    def fetch_all(self, identities: Sequence[Identity]) -> dict[str, list[Spelling]]:
        """All spellings of each identity, by token id; and what `servers` will be asked."""
        by_num = {one.num: one for one in identities if one.num is not None}
        self._fetch_servers(by_num)
        found: dict[str, list[Spelling]] = {one.id: [] for one in identities}
        for part in _parts(by_num):
            query = (
                f"SELECT identity, {_SPELLING} FROM spelling WHERE identity IN ({_marks(part)}) ORDER BY identity, n"  # noqa: S608
            )
            for num, *row in self._ask(query, *part):
                found[by_num[num].id].append(self._spelling(by_num[num], *row))
        for one in identities:
            _expect(one, [spelling.n for spelling in found[one.id]] == list(range(1, one.spellings + 1)))
        return found

    def overdue(self, now: int, limit: int) -> list[Identity]:
        """Identities whose time is over but that still hold spellings."""
        return self._many(f"state = '{LIVE}' AND expires <= ? LIMIT ?", now, limit)

    def first_expiry(self) -> float:
        """When the next living identity expires; infinity if there is none."""
        query = f"SELECT min(expires) FROM identity WHERE scope = ? AND state = '{LIVE}'"  # noqa: S608
        first = self._ask(query, self._scope).fetchone()[0]
        return math.inf if first is None else _expect(first, isinstance(first, int))

    def next_change(self) -> int:
        """Number for the next change of an identity in this scope."""
        if not self._changed:
            last = self._ask("SELECT max(changed) FROM identity WHERE scope = ?", self._scope).fetchone()[0]
            self._changed = _expect(last or 0, last is None or (isinstance(last, int) and last < _MAX_CHANGE))
        self._changed += 1
        return self._changed

    def taken(self, token_ids: Sequence[str]) -> set[str]:
        """Which of some ids are taken, by ended identities too."""
        query = "SELECT id FROM identity WHERE scope = ? AND id IN "
        parts = [self._ask(f"{query} ({_marks(part)})", self._scope, *part) for part in _parts(token_ids)]
        return {row[0] for part in parts for row in part}

    def add(self, identity: Identity) -> Identity:
        """Store a new identity."""
        if not self._last:
            self._last = self._ask("SELECT coalesce(max(num), 0) FROM identity").fetchone()[0]
        self._last += 1
        query = f"INSERT INTO identity (scope, {_COLUMNS}) VALUES (?, {_MARKS}, ?)"  # noqa: S608
        self._later(query, self._scope, *self._sealed(identity), self._last)
        self._memory["servers", self._last] = {}
        return self._kept(identity._replace(num=self._last))

    def change(self, identity: Identity, **columns: object) -> Identity:
        """Store new columns of an identity, as its newest change."""
        new: Identity = identity._replace(changed=self.next_change(), **columns)  # type: ignore[arg-type]
        query = f"UPDATE identity SET ({_COLUMNS.removesuffix(', num')}) = ({_MARKS}) WHERE num = ?"  # noqa: S608
        self._ask(query, *self._sealed(new), new.num)
        return self._kept(new)

    def end(self, identity: Identity, state: str) -> None:
        """Destroy the spellings and origins; the id stays taken and says what happened to it."""
        for table in ("spelling", "origin", "evidence"):
            self._ask(f"DELETE FROM {table} WHERE identity = ?", identity.num)  # noqa: S608
        self._memory["blind", self._scope, identity.blind] = None
        self.change(identity, state=state, blind=None, spellings=0, origins=0, canonical="")

    def _kept(self, identity: Identity) -> Identity:
        self._memory["id", self._scope, identity.id] = identity
        if identity.blind is not None:
            self._memory["blind", self._scope, identity.blind] = identity
        return identity

    def _later(self, query: str, *row: object) -> None:
        self._waiting.setdefault(query, []).append(row)

    def number_of(self, identity: Identity, blind: bytes) -> int | None:
        """Which spelling of the identity has this blind index."""
        return self._once(("n", identity.num, blind), lambda: self._number_of(identity, blind))

    def spelling(self, identity: Identity, n: int) -> Spelling:
        """One of them; it must be there."""
        query = f"SELECT {_SPELLING} FROM spelling WHERE identity = ? AND n = ?"  # noqa: S608
        row = self._ask(query, identity.num, n).fetchone()
        spelling = self._spelling(identity, *_expect(row, row is not None))
        return _expect(spelling, spelling.n == n)

    def add_spelling(self, identity: Identity, n: int, kind: str, blind: bytes, text: str, now: int) -> None:
        """Store spelling n; the identity's count is the caller's to change."""
        version = self.keys.version
        sealed = self.keys.seal(text, version, "spelling", identity.id, n, kind, blind, now)
        query = f"INSERT INTO spelling (identity, {_SPELLING}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        self._later(query, identity.num, blind, n, kind, now, version, sealed)
        self._memory["n", identity.num, blind] = n

    def servers(self, identity: Identity) -> dict[str, str]:
        """Role of each server that sent the identity or got it. A missing row is noticed, as is an added one."""
        return self._once(("servers", identity.num), lambda: self._servers(identity))

    def add_server(self, identity: Identity, server: str, role: str, now: int) -> None:
        """Store a server's role; the identity's count is the caller's to change."""
        mac = self.keys.sign("origin", identity.id, server, role, now)
        self._later("INSERT INTO origin VALUES (?, ?, ?, ?, ?)", identity.num, server, role, now, mac)
        known = self._memory.get(("servers", identity.num))
        if known is not None:
            self._memory["servers", identity.num] = {**known, server: role}

    def sealed(self, identity: Identity, text: str) -> Note:
        """A note about a stored identity."""
        version = self.keys.version
        return Note(identity.num or 0, version, self.keys.seal(text, version, "evidence", identity.id))

    def note(self, notes: Sequence[Note]) -> None:
        """Store notes of living identities, each in place of the one before it, as the newest."""
        query = f"""INSERT OR REPLACE INTO evidence (identity, key_version, sealed)
            SELECT num, ?, ? FROM identity WHERE num = ? AND state = '{LIVE}'"""  # noqa: S608
        self._waiting.setdefault(query, []).extend((note.key_version, note.sealed, note.num) for note in notes)

    def noted(self, newest: int, token_id: str) -> list[tuple[str, str]]:
        """Token id and note of the identity, or with "" of the newest ones."""
        query = """SELECT identity.id, evidence.key_version, evidence.sealed FROM evidence
            JOIN identity ON identity.num = evidence.identity
            WHERE identity.scope = ? AND ? IN ('', identity.id) ORDER BY n DESC LIMIT ?"""
        rows = self._ask(query, self._scope, token_id, newest).fetchall()
        return [(id_, self.keys.unseal(sealed, version, "evidence", id_)) for id_, version, sealed in rows]

    def _once(self, key: tuple[object, ...], read: Callable[[], Found]) -> Found:
        """Read, or remember what was read."""
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
        query = f"SELECT {_SPELLING} FROM spelling WHERE identity = ? AND blind = ?"  # noqa: S608
        row = self._ask(query, identity.num, blind).fetchone()
        return self._spelling(identity, *row).n if row else None

    def _servers(self, identity: Identity) -> dict[str, str]:
        query = "SELECT server, role, first, mac FROM origin WHERE identity = ?"
        return self._roles(identity, self._ask(query, identity.num))

    def _roles(self, identity: Identity, rows: Iterable[tuple[Any, ...]]) -> dict[str, str]:
        found = {}
        for server, role, first, mac in rows:
            self.keys.check(mac, "origin", identity.id, server, role, first)
            found[server] = role
        return _expect(found, len(found) == identity.origins)

    def _one(self, condition: str, argument: object) -> Identity | None:
        row = self._ask(_SELECT + condition, self._scope, argument).fetchone()
        return self._identity(row) if row else None

    def _many(self, condition: str, *arguments: object) -> list[Identity]:
        return [self._identity(row) for row in self._ask(_SELECT + condition, self._scope, *arguments)]

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


def _marks(arguments: Sequence[object]) -> str:
    return ", ".join("?" * len(arguments))


def _parts(wanted: Iterable[Key]) -> Iterator[list[Key]]:
    """Distinct things in groups that one query can ask for."""
    keys = list(dict.fromkeys(wanted))
    return (keys[start : start + _TOGETHER] for start in range(0, len(keys), _TOGETHER))
