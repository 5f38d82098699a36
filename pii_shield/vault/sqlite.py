"""The vault on disk: one SQLite file shared by all processes of a user. Opened at first use, not at construction."""

import contextlib
import math
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..errors import UnknownToken
from ..policy import Grant
from ..types import Secret, TokenRef, Value
from .base import DAY, RETENTION_DAYS, Known, RandomBytes, Row, VaultInfo
from .faults import fault

if TYPE_CHECKING:
    import sqlite3

    from ..store.database import Database
    from .keys import KeySource
    from .register import Register, Wanted
    from .scopes import Scope, Scopes

BATCH: Final = 500
"""Values per transaction: other processes and threads get their turn in between."""
FRESH: Final = 4 * BATCH
"""Most identities remembered until `known` was asked, so that what was just written need not be read."""
_PAGE: Final = 1000


class SqliteVault:
    """See `base.Vault`. Safe to use from several threads and many processes.

    Args:
        path: the database file; companions lie beside it. Made at first use, in a private directory.
        keys: source of the key-encryption key.
        new_id: mints a random token id with its check character.
        clock: seconds since the epoch.
        retention_days: idle time after which an identity expires.
    """

    def __init__(
        self,
        path: Path,
        keys: "KeySource",
        new_id: Callable[[], str],
        *,
        clock: Callable[[], float] = time.time,
        retention_days: float = RETENTION_DAYS,
        random: RandomBytes = os.urandom,
    ) -> None:
        self._path = path
        self._key_source = keys
        self._new_id = new_id
        self._clock = clock
        self._retention_days = retention_days
        self._random = random
        self._opening = threading.Lock()
        self._opened: tuple[Database, Scopes] | None = None
        self._closed = False
        self._unlocked: dict[str, Scope] = {}
        self._seen: dict[str, tuple[int, int, float]] = {}
        self._fresh: dict[str, dict[int, Known]] = {}  # what this process wrote and `known` has not told yet

    def ready(self) -> None:
        """Open now, so that a problem shows now. Otherwise the first use does it."""
        self._open()

    def put(self, scope: str, server: str, values: Sequence[Value]) -> list[TokenRef]:
        """See `base.Vault.put`."""
        refs: list[TokenRef] = []
        for start in range(0, len(values), BATCH):
            refs += self._put(scope, server, values[start : start + BATCH])
        return refs

    def _put(self, scope: str, server: str, values: Sequence[Value]) -> list[TokenRef]:
        wanted: list[Wanted] = []
        found: list[TokenRef | None] = [None] * len(values)
        with self._reading(scope) as register:
            if register:
                wanted = register.wanted(server, values)
                found = register.find(server, wanted)
        if None not in found:
            return [ref for ref in found if ref]
        with self._writing(scope) as register:
            wanted = wanted or register.wanted(server, values)
            kept = iter(register.keep(server, [one for one, ref in zip(wanted, found, strict=True) if ref is None]))
        fresh = self._fresh.get(scope, {})
        self._fresh[scope] = {**fresh, **register.fresh} if len(fresh) < FRESH else register.fresh
        return [ref or next(kept) for ref in found]

    def look(self, scope: str, refs: Sequence[TokenRef]) -> list[Row | None]:
        """See `base.Vault.look`."""
        with self._reading(scope) as register:
            return [register.look(ref) for ref in refs] if register else [None] * len(refs)

    def open(self, grants: Sequence[Grant]) -> list[Secret]:
        """See `base.Vault.open`."""
        secrets: dict[tuple[str, TokenRef], Secret | None] = {}
        due: dict[str, list[Grant]] = {}
        for scope in {grant.scope for grant in grants}:
            mine = [grant for grant in grants if grant.scope == scope]
            with self._reading(scope) as register:
                if register:
                    secrets |= {(scope, grant.ref): register.spell(grant.ref) for grant in mine}
                    due[scope] = [grant for grant in mine if register.needs_grant(grant.ref, grant.server)]
        opened = [secrets.get((grant.scope, grant.ref)) for grant in grants]
        if None in opened:
            raise UnknownToken("a token does not resolve")
        for scope, mine in due.items():
            if mine:
                with self._writing(scope) as register:
                    for grant in mine:
                        register.grant(grant.ref, grant.server)
        return [secret for secret in opened if secret]

    def known(self, scope: str, since: int) -> tuple[int, list[Known]]:
        """See `base.Vault.known`."""
        version = (self._opened or self._open())[0].data_version()
        seen = self._seen.get(scope)
        if seen and seen[0] == version and seen[1] == since and self._clock() < seen[2]:
            return since, []
        expiry = self._end_overdue(scope)
        with self._reading(scope) as register:
            page = register and register.known_after(since, _PAGE, self._fresh.get(scope, {}))
        cursor, found = page or (since, [])
        if cursor == since:
            self._seen[scope] = version, since, expiry
            self._fresh.pop(scope, None)
        return cursor, found

    def _end_overdue(self, scope: str) -> float:
        """Put on record what expired; when the next identity will."""
        with self._reading(scope) as register:
            expiry = register.first_expiry() if register else math.inf
        while expiry <= self._now():
            with self._writing(scope) as register:
                expiry = register.first_expiry()
        return expiry

    def note(self, scope: str, notes: Mapping[str, str]) -> None:
        """See `base.Vault.note`."""
        with self._reading(scope) as register:
            sealed = register and register.sealed(notes)
        if sealed:  # only now: whoever puts meanwhile waits
            with self._writing(scope) as register:
                register.note(sealed)

    def noted(self, scope: str, newest: int, token_id: str = "") -> list[tuple[str, str]]:
        """See `base.Vault.noted`."""
        with self._reading(scope) as register:
            return register.noted(newest, token_id) if register else []

    def bind(self, scope: str, name: str, fingerprint: str) -> str:
        """See `base.Vault.bind`."""
        from .bindings import bind, bound

        known, database = self._scope(scope), self._open()[0]
        with database.read() as connection:
            before = bound(connection, known, name)
        if before is not None:
            return before
        with database.write() as connection:
            return bind(connection, known, name, fingerprint, self._now())

    def fingerprint(self, scope: str, identity: str) -> str:
        """See `base.Vault.fingerprint`."""
        return self._scope(scope).keys.fingerprint(identity)

    def secret(self, name: str) -> bytes:
        """See `base.Vault.secret`."""
        database, scopes = self._open()
        with database.read() as connection:
            key = scopes.secret(connection, name)
        if key is None:
            with database.write() as connection:
                key = scopes.secret(connection, name) or scopes.make_secret(connection, name, self._now())
        return key

    def forget(self, scope: str, ref: TokenRef) -> bool:
        """See `base.Vault.forget`. Works on a full disk by means of the ballast.

        Raises:
            VaultError: PS413 if remnants (sealed) may stay in the log for now.
        """
        from .records import FORGOTTEN

        def end() -> bool:
            with self._writing(scope) as register:
                return register.end(ref.id, FORGOTTEN)

        with self._reading(scope) as register:
            if register is None:
                return False
        database = self._open()[0]
        existed = database.with_ballast(end)
        database.with_ballast(database.cut_log)
        database.make_ballast()
        return existed

    def info(self) -> VaultInfo:
        """See `base.Vault.info`."""
        from .survey import nothing, survey

        if self._opened is None and not self._path.exists():
            return nothing(self._path, self._retention_days)
        return survey(*self._open(), self._retention_days)

    def close(self) -> None:
        """See `base.Vault.close`."""
        with self._opening:
            opened, self._opened, self._closed = self._opened, None, True
            self._unlocked.clear()
        if opened:
            opened[0].close()

    def _now(self) -> int:
        return int(self._clock())

    def _open(self) -> "tuple[Database, Scopes]":
        opened = self._opened
        if opened is None:
            with self._opening:
                if self._closed:
                    raise fault("PS412")
                opened = self._opened = self._opened or self._unlock()
        return opened

    def _unlock(self) -> "tuple[Database, Scopes]":
        from ..store.database import Database
        from .scopes import opened

        database = Database(self._path)
        try:
            scopes = opened(database, self._key_source, self._random, self._now())
            database.make_ballast()
        except BaseException:
            database.close()
            raise
        return database, scopes

    def _scope(self, name: str) -> "Scope":
        """The unlocked scope, made if there is none."""
        scope = self._existing(name)
        if scope is None:
            database, scopes = self._open()
            with database.write() as connection:
                scope = scopes.read(connection, name) or scopes.make(connection, name, self._now())
        self._unlocked[name] = scope
        return scope

    def _existing(self, name: str) -> "Scope | None":
        database, scopes = self._open()
        scope = self._unlocked.get(name)
        if scope is None:
            with database.read() as connection:
                scope = scopes.read(connection, name)
        return scope

    @contextlib.contextmanager
    def _reading(self, name: str) -> "Iterator[Register | None]":
        """A snapshot of the scope, None if there is no such scope. What is found expired is put on record after it."""
        scope = self._existing(name)
        if scope is None:
            yield None
            return
        self._unlocked[name] = scope
        database = self._open()[0]
        with database.read() as connection:
            yield (register := self._register(connection, scope, database.memory))
        if register.overdue:
            self._expire(name, register.overdue)

    @contextlib.contextmanager
    def _writing(self, name: str) -> "Iterator[Register]":
        scope = self._scope(name)
        with self._open()[0].write() as connection:
            register = self._register(connection, scope)
            register.sweep()
            yield register
            register.flush()

    def _expire(self, name: str, overdue: list[str]) -> None:
        from .records import EXPIRED

        with self._writing(name) as register:
            for token_id in overdue:
                register.end(token_id, EXPIRED)

    def _register(
        self, connection: "sqlite3.Connection", scope: "Scope", memory: dict[Any, Any] | None = None
    ) -> "Register":
        from .register import Register
        from .rows import Rows

        rows = Rows(connection, scope.num, scope.keys, memory)
        return Register(rows, self._new_id, self._now(), int(self._retention_days * DAY))
