"""A vault in memory: the meaning of the interface in its shortest form. For trials and as the measure of the others.

No I/O. Nothing survives the process, nothing is encrypted.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from ..errors import UnknownToken
from ..policy import Grant
from ..types import Secret, TokenRef, Value
from .base import DAY, GRANTED, KEY_BYTES, RETENTION_DAYS, SENT, Known, Row, VaultInfo, label_of, link, prolonged
from .faults import fault

_Link = tuple[str, str, str]


class _Identity:
    """One identity. `spellings` of (kind, text), the first first; emptied when it ends."""

    __slots__ = ("canonical", "changed", "expires", "forgotten", "id", "link", "rule", "servers", "spellings", "type")

    def __init__(self, token_id: str, value: Value, link_: _Link) -> None:
        self.id, self.type, self.rule, self.canonical = token_id, value.type, value.rule, value.identity
        self.link = link_
        self.expires = self.changed = 0
        self.forgotten = False
        self.servers: dict[str, str] = {}
        self.spellings: list[tuple[str, str]] = []


class _Scope:
    def __init__(self) -> None:
        self.by_id: dict[str, _Identity] = {}
        self.by_link: dict[_Link, _Identity] = {}
        self.bindings: dict[str, str] = {}
        self.notes: dict[str, str] = {}
        self.changes = 0

    def changed(self, identity: _Identity) -> None:
        self.changes += 1
        identity.changed = self.changes

    def end(self, identity: _Identity, forgotten: bool) -> None:
        del self.by_link[identity.link]
        self.notes.pop(identity.id, None)
        identity.spellings, identity.servers, identity.forgotten = [], {}, forgotten
        identity.canonical = identity.rule = ""
        self.changed(identity)


class MemoryVault:
    """See `base.Vault`; arguments as in `sqlite.SqliteVault`."""

    def __init__(
        self,
        new_id: Callable[[], str],
        *,
        clock: Callable[[], float] = time.time,
        retention_days: float = RETENTION_DAYS,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._new_id = new_id
        self._clock = clock
        self._retention_days = retention_days
        self._random = random
        self._root = random(KEY_BYTES)
        self._secrets: dict[str, bytes] = {}
        self._lock = threading.Lock()
        self._scopes: dict[str, _Scope] | None = {}

    def put(self, scope: str, server: str, values: Sequence[Value]) -> list[TokenRef]:
        """See `base.Vault.put`."""
        with self._lock:
            return [self._keep(self._scope(scope), server, value) for value in values]

    def look(self, scope: str, refs: Sequence[TokenRef]) -> list[Row | None]:
        """See `base.Vault.look`."""
        with self._lock:
            return [self._look(self._scope(scope), ref) for ref in refs]

    def open(self, grants: Sequence[Grant]) -> list[Secret]:
        """See `base.Vault.open`."""
        with self._lock:
            found = [self._living(self._scope(grant.scope), grant.ref) for grant in grants]
            living = [identity for identity in found if identity]
            if len(living) < len(grants):
                raise UnknownToken("a token does not resolve")
            return [self._release(identity, grant) for identity, grant in zip(living, grants, strict=True)]

    def known(self, scope: str, since: int) -> tuple[int, list[Known]]:
        """See `base.Vault.known`."""
        with self._lock:
            mine = self._scope(scope)
            for identity in list(mine.by_link.values()):
                self._has_ended(mine, identity)
            changed = [identity for identity in mine.by_id.values() if identity.changed > since]
            return mine.changes, [known for identity in changed for known in self._known(identity)]

    def note(self, scope: str, notes: Mapping[str, str]) -> None:
        """See `base.Vault.note`."""
        with self._lock:
            mine = self._scope(scope)
            for token_id, text in notes.items():
                if token_id in mine.by_id and mine.by_id[token_id].spellings:
                    mine.notes.pop(token_id, None)
                    mine.notes[token_id] = text

    def noted(self, scope: str, newest: int, token_id: str = "") -> list[tuple[str, str]]:
        """See `base.Vault.noted`."""
        with self._lock:
            notes = reversed(self._scope(scope).notes.items())
            return [note for note in notes if token_id in ("", note[0])][:newest]

    def bind(self, scope: str, name: str, fingerprint: str) -> str:
        """See `base.Vault.bind`."""
        with self._lock:
            return self._scope(scope).bindings.setdefault(name, fingerprint)

    def fingerprint(self, scope: str, identity: str) -> str:
        """See `base.Vault.fingerprint`."""
        from .seal import ScopeKeys

        return ScopeKeys(scope.encode(), self._root, 1).fingerprint(f"{scope}\0{identity}")

    def secret(self, name: str) -> bytes:
        """See `base.Vault.secret`."""
        with self._lock:
            return self._secrets.setdefault(name, self._random(KEY_BYTES))

    def forget(self, scope: str, ref: TokenRef) -> bool:
        """See `base.Vault.forget`."""
        with self._lock:
            mine = self._scope(scope)
            identity = mine.by_id.get(ref.id)
            if identity is None or self._has_ended(mine, identity):
                return False
            mine.end(identity, forgotten=True)
            return True

    def info(self) -> VaultInfo:
        """See `base.Vault.info`."""
        with self._lock:
            self._scope("")
            live: dict[str, dict[str, int]] = {}
            expired: dict[str, int] = {}
            spellings: dict[str, int] = {}
            for name, scope in (self._scopes or {}).items():
                for identity in scope.by_id.values():
                    spellings[name] = spellings.get(name, 0) + len(identity.spellings)
                    if identity.spellings:
                        types = live.setdefault(name, {})
                        types[identity.type] = types.get(identity.type, 0) + 1
                    elif not identity.forgotten:
                        expired[name] = expired.get(name, 0) + 1
            return VaultInfo("", 0, "memory", "", 0, self._retention_days, live, expired, spellings)

    def close(self) -> None:
        """See `base.Vault.close`."""
        with self._lock:
            self._scopes = None

    def _scope(self, name: str) -> _Scope:
        if self._scopes is None:
            raise fault("PS412")
        return self._scopes.setdefault(name, _Scope())

    def _keep(self, scope: _Scope, server: str, value: Value) -> TokenRef:
        link_ = link(value, server)
        identity = scope.by_link.get(link_)
        if identity and self._has_ended(scope, identity):
            identity = None
        if identity is None:
            identity = scope.by_link[link_] = _Identity(self._mint(scope), value, link_)
            scope.by_id[identity.id] = identity
        self._use(scope, identity, server, SENT)
        spelling = (value.kind, value.spelling)
        if spelling not in identity.spellings:
            identity.spellings.append(spelling)
            scope.changed(identity)
        return TokenRef(identity.id, identity.spellings.index(spelling) + 1)

    def _use(self, scope: _Scope, identity: _Identity, server: str, role: str) -> None:
        expires = prolonged(identity.expires, int(self._clock()), int(self._retention_days * DAY))
        if expires != identity.expires:
            identity.expires = expires
            scope.changed(identity)
        if server not in identity.servers:
            identity.servers[server] = role
            scope.changed(identity)

    def _look(self, scope: _Scope, ref: TokenRef) -> Row | None:
        identity = scope.by_id.get(ref.id)
        if identity is None or identity.forgotten:
            return None
        label = label_of(identity.type)
        if self._has_ended(scope, identity):
            return Row(identity.type, label, frozenset(), frozenset(), 0, expired=True)
        if not 1 <= ref.spelling <= len(identity.spellings):
            return None
        return Row(identity.type, label, *_servers(identity), len(identity.spellings), expired=False)

    def _living(self, scope: _Scope, ref: TokenRef) -> _Identity | None:
        identity = scope.by_id.get(ref.id)
        if identity is None or self._has_ended(scope, identity) or not 1 <= ref.spelling <= len(identity.spellings):
            return None
        return identity

    def _release(self, identity: _Identity, grant: Grant) -> Secret:
        self._use(self._scope(grant.scope), identity, grant.server, GRANTED)
        kind, text = identity.spellings[grant.ref.spelling - 1]
        return Secret(text, kind)

    def _has_ended(self, scope: _Scope, identity: _Identity) -> bool:
        """Whether it expired or was erased; puts on record what expired, so that no clock brings it back."""
        if identity.spellings and int(self._clock()) >= identity.expires:
            scope.end(identity, forgotten=False)
        return not identity.spellings

    def _known(self, identity: _Identity) -> list[Known]:
        type_, label = identity.type, label_of(identity.type)
        if not identity.spellings:
            return [Known(TokenRef(identity.id), type_, label, "", "", "", "", frozenset(), frozenset(), gone=True)]
        return [
            Known(
                TokenRef(identity.id, n),
                type_,
                label,
                text,
                kind,
                identity.canonical,
                identity.rule,
                *_servers(identity),
            )
            for n, (kind, text) in enumerate(identity.spellings, start=1)
        ]

    def _mint(self, scope: _Scope) -> str:
        while (token_id := self._new_id()) in scope.by_id:
            pass
        return token_id


def _servers(identity: _Identity) -> tuple[frozenset[str], frozenset[str]]:
    sent, granted = (frozenset(s for s, role in identity.servers.items() if role == r) for r in (SENT, GRANTED))
    return sent, granted
