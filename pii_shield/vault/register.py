"""What the vault's operations mean in terms of rows, within one transaction: the rules, without SQL."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from ..types import Secret, TokenRef, Value
from .base import GRANTED, SENT, Known, Row, label_of, link, prolonged
from .faults import fault
from .records import EXPIRED, FORGOTTEN, LIVE, Identity, Note, Spelling
from .rows import Rows

_MINT_TRIES: Final = 20
SWEEP: Final = 100
"""Overdue identities ended in passing by each write."""


class Wanted(NamedTuple):
    """A value, and the blind indexes of its identity and of its spelling."""

    value: Value
    blind: bytes
    spelled: bytes


class Register:
    """One scope at one moment.

    Attributes:
        overdue: token ids met whose time is over but not yet on record.
        fresh: identities made here, by the number of their change; it is another one if they change again.
    """

    def __init__(self, rows: Rows, new_id: Callable[[], str], now: int, retention: int) -> None:
        self._rows = rows
        self._new_id = new_id
        self._now = now
        self._retention = retention
        self._minted: deque[str] = deque()
        self.fresh: dict[int, Known] = {}
        self.overdue: list[str] = []

    def wanted(self, server: str, values: Sequence[Value]) -> list[Wanted]:
        """Values with the blind indexes by which they are found."""
        index = self._rows.keys.index
        return [
            Wanted(
                value,
                index("identity", *link(value, server)),
                index("spelling", value.type, value.identity, value.kind, value.spelling),
            )
            for value in values
        ]

    def find(self, server: str, wanted: Sequence[Wanted]) -> list[TokenRef | None]:
        """The token of each value, None if keeping it would write something."""
        self._rows.fetch([(blind, spelled) for _, blind, spelled in wanted])
        return [self._find(server, one) for one in wanted]

    def _find(self, server: str, wanted: Wanted) -> TokenRef | None:
        identity = self._rows.by_blind(wanted.blind)
        if identity is None or not identity.is_live(self._now) or self._prolonged(identity) != identity.expires:
            return None
        n = self._rows.number_of(identity, wanted.spelled)
        if n is None or server not in self._rows.servers(identity):
            return None
        return TokenRef(identity.id, n)

    def keep(self, server: str, wanted: Sequence[Wanted]) -> list[TokenRef]:
        """The token of each value, made if there is none."""
        self._rows.fetch([(blind, spelled) for _, blind, spelled in wanted])
        known = {blind: self._rows.by_blind(blind) for _, blind, _ in wanted}
        self._mint(sum(one is None or not one.is_live(self._now) for one in known.values()))
        return [self._keep(server, one) for one in wanted]

    def _keep(self, server: str, wanted: Wanted) -> TokenRef:
        identity = self._rows.by_blind(wanted.blind)
        if identity and not identity.is_live(self._now):
            self._rows.end(identity, EXPIRED)
            identity = None
        if identity is None:
            return self._create(server, wanted)
        return TokenRef(identity.id, self._extend(identity, server, wanted))

    def flush(self) -> None:
        """Hand everything to the database, before the transaction ends."""
        self._rows.flush()

    def look(self, ref: TokenRef) -> Row | None:
        """The metadata of one token."""
        identity = self._rows.by_id(ref.id)
        if identity is None or identity.state == FORGOTTEN:
            return None
        label = label_of(identity.type)
        if not self._is_live(identity):
            return Row(identity.type, label, frozenset(), frozenset(), 0, expired=True)
        if not 1 <= ref.spelling <= identity.spellings:
            return None
        sent, granted = self._servers(identity)
        return Row(identity.type, label, sent, granted, identity.spellings, expired=False)

    def spell(self, ref: TokenRef) -> Secret | None:
        """The exact spelling, unless it expired, was erased or never was."""
        identity = self._rows.by_id(ref.id)
        if identity is None or not self._is_live(identity) or not 1 <= ref.spelling <= identity.spellings:
            return None
        spelling = self._rows.spelling(identity, ref.spelling)
        return Secret(spelling.text, spelling.kind)

    def needs_grant(self, ref: TokenRef, server: str) -> bool:
        """Whether releasing to the server would write something."""
        identity = self._rows.by_id(ref.id)
        if identity is None or not self._is_live(identity):
            return False
        return server not in self._rows.servers(identity) or self._prolonged(identity) != identity.expires

    def grant(self, ref: TokenRef, server: str) -> None:
        """Record that the server gets the identity."""
        if self.needs_grant(ref, server):
            identity = self._rows.by_id(ref.id)
            if identity is not None:
                count = self._meet(identity, server, GRANTED)
                self._rows.change(identity, origins=count, expires=self._prolonged(identity))

    def end(self, token_id: str, state: str) -> bool:
        """End the identity; whether it was living."""
        identity = self._rows.by_id(token_id)
        if identity is None or identity.state != LIVE:
            return False
        self._rows.end(identity, state)
        return True

    def sealed(self, notes: Mapping[str, str]) -> list[Note]:
        """Notes of living identities, ready to be stored."""
        self._rows.fetch_ids(list(notes))
        identities = {token_id: self._rows.by_id(token_id) for token_id in notes}
        living = {token_id: one for token_id, one in identities.items() if one and one.is_live(self._now)}
        return [self._rows.sealed(one, notes[token_id]) for token_id, one in living.items()]

    def note(self, notes: Sequence[Note]) -> None:
        """Keep notes, but of identities that ended meanwhile."""
        self._rows.note(notes)

    def noted(self, newest: int, token_id: str) -> list[tuple[str, str]]:
        """Token id and note of one identity, or with "" of the newest ones."""
        return self._rows.noted(newest, token_id)

    def sweep(self) -> None:
        """End some identities whose time is over."""
        for identity in self._rows.overdue(self._now, SWEEP):
            self._rows.end(identity, EXPIRED)

    def first_expiry(self) -> float:
        """When the next living identity expires; infinity if there is none."""
        return self._rows.first_expiry()

    def known_after(self, cursor: int, limit: int, fresh: Mapping[int, Known]) -> tuple[int, list[Known]]:
        """A page of changed identities: the cursor behind it (the same if there are none) and their spellings.

        `fresh` is what this process wrote itself, by the number of its last change: that need not be read.
        """
        changes = self._rows.changes_after(cursor, limit)
        read = self._rows.changed([change for change in changes if change not in fresh])
        spellings = self._rows.fetch_all([one for one in read.values() if one.is_live(self._now)])
        found: list[Known] = []
        for change in changes:
            found += self._known(read[change], spellings) if change in read else [fresh[change]]
        return (changes or [cursor])[-1], found

    def _known(self, identity: Identity, spellings: Mapping[str, Sequence[Spelling]]) -> list[Known]:
        type_, label = identity.type, label_of(identity.type)
        if not identity.is_live(self._now):
            return [Known(TokenRef(identity.id), type_, label, "", "", "", "", frozenset(), frozenset(), gone=True)]
        sent, granted = self._servers(identity)
        canonical, rule = identity.canonical, identity.rule
        return [
            Known(TokenRef(identity.id, n), type_, label, text, kind, canonical, rule, sent, granted)
            for n, kind, text in spellings[identity.id]
        ]

    def _create(self, server: str, wanted: Wanted) -> TokenRef:
        value = wanted.value
        label_of(value.type)  # before anything is written
        now, version = self._now, self._rows.keys.version
        identity = self._rows.add(
            Identity(
                self._minted.popleft(),
                value.type,
                value.rule,
                wanted.blind,
                LIVE,
                created=now,
                expires=now + self._retention,
                changed=self._rows.next_change(),
                spellings=1,
                origins=1,
                key_version=version,
                canonical=value.identity,
            )
        )
        self._rows.add_spelling(identity, 1, value.kind, wanted.spelled, value.spelling, now)
        self._rows.add_server(identity, server, SENT, now)
        ref, sent = TokenRef(identity.id), frozenset({server})
        type_, canonical, spelling, kind, rule = value
        self.fresh[identity.changed] = Known(
            ref, type_, label_of(type_), spelling, kind, canonical, rule, sent, frozenset()
        )
        return ref

    def _extend(self, identity: Identity, server: str, wanted: Wanted) -> int:
        """Record what is new about a known identity; the number of the spelling."""
        value, _, blind = wanted
        n, spellings = self._rows.number_of(identity, blind), identity.spellings
        if n is None:
            n = spellings = spellings + 1
            self._rows.add_spelling(identity, n, value.kind, blind, value.spelling, self._now)
        news = {
            "spellings": spellings,
            "origins": self._meet(identity, server, SENT),
            "expires": self._prolonged(identity),
        }
        if news != {name: getattr(identity, name) for name in news}:
            self._rows.change(identity, **news)
        return n

    def _meet(self, identity: Identity, server: str, role: str) -> int:
        """Record a server's role unless it has one; the number of servers then."""
        servers = self._rows.servers(identity)
        if server in servers:
            return len(servers)
        self._rows.add_server(identity, server, role, self._now)
        return len(servers) + 1

    def _servers(self, identity: Identity) -> tuple[frozenset[str], frozenset[str]]:
        servers = self._rows.servers(identity)
        sent, granted = (frozenset(s for s, role in servers.items() if role == wanted) for wanted in (SENT, GRANTED))
        return sent, granted

    def _is_live(self, identity: Identity) -> bool:
        if identity.state == LIVE and not identity.is_live(self._now):
            self.overdue.append(identity.id)
        return identity.is_live(self._now)

    def _prolonged(self, identity: Identity) -> int:
        return prolonged(identity.expires, self._now, self._retention)

    def _mint(self, how_many: int) -> None:
        for _ in range(_MINT_TRIES):
            ids = list(dict.fromkeys(self._new_id() for _ in range(how_many - len(self._minted))))
            taken = self._rows.taken(ids)
            self._minted += [token_id for token_id in ids if token_id not in taken and token_id not in self._minted]
            if len(self._minted) >= how_many:
                return
        raise fault("PS414")
