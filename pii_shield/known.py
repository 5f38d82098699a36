"""What this process knows of a scope: the tokens of values seen lately, and the values to recognise again.

Clients start a process per server, some one per call, so values of other processes arrive all the time. A look at the
vault's change counter per message brings them in. What is known at the start is read in the background: a message that
comes before that waits for it, but not for ever; then it is refused. None passes that known values were not looked for.
"""

import contextlib
import threading
from collections.abc import Callable, Sequence
from typing import Final

from .detect.guards import Known as Recallable
from .detect.identity import identity
from .detect.memo import Memo
from .detect.recall import RULE, Recall
from .errors import PolicyDenied, ShieldError, VaultError
from .types import TokenRef, Value
from .vault.base import TOUCH_SECONDS, Known, Vault, label_of

Token = tuple[str, TokenRef]
"""Label and reference."""

LOAD_SECONDS: Final = 20.0
"""How long a message waits for the values known before; clients wait 30 to 60 seconds for an answer."""
TOKENS: Final = 65_536
"""Tokens remembered per generation (there are two), some 300 bytes each; the vault is asked for others."""
TOGETHER: Final = 1_000
"""Values put into the vault, and then learned, in one go."""
IDENTITIES: Final = 8192
"""Spellings whose canonical form is remembered per generation."""
ORACLE_BUDGET: Final = 1_000
"""Values an hour that one server may name without ever having sent or got them, where recall alone tells them.

A server that guesses names, and sees which of them come back as tokens, learns whom other servers know.
"""
_HOUR: Final = 3600.0


class KnownValues:
    """The values of one scope, as hashes, and some of their tokens; in memory only. Thread-safe.

    Args:
        vault, scope: where the values are.
        common: words that distinguish nobody, see `Recall`.
        clock: seconds, monotonic.
        patience: seconds that `sync` waits for what was known before.
    """

    def __init__(
        self,
        vault: Vault,
        scope: str,
        common: frozenset[str],
        clock: Callable[[], float],
        patience: float = LOAD_SECONDS,
    ) -> None:
        self._vault = vault
        self._scope = scope
        self._clock = clock
        self._patience = patience
        self._touched = clock()
        self._lock = threading.Lock()
        self._cursor = 0
        self._tokens: Memo[int, Token] = Memo(TOKENS)
        self._identities: Memo[tuple[str, str], str] = Memo(IDENTITIES)
        self._budgets: dict[str, Budget] = {}
        self.recall = Recall(common)
        self._loaded = threading.Event()
        threading.Thread(target=self._load, name="known-values", daemon=True).start()

    @property
    def version(self) -> int:
        """Another number whenever something new is known."""
        return self._cursor

    def _load(self) -> None:
        # What is wrong with the vault is said to whoever asks next: `sync` goes on where this stopped.
        try:
            with contextlib.suppress(ShieldError):
                self._read()
        finally:
            self._loaded.set()

    def sync(self) -> None:
        """Take in what changed in the vault since last time.

        Raises:
            VaultError: PS417 if what was known before is still being read; or the vault cannot be used.
        """
        if not self._loaded.is_set() and not self._loaded.wait(self._patience):
            raise VaultError(
                "the values known so far are still being read", code="PS417", fix="ask again in some seconds"
            )
        self._read()

    def _read(self) -> None:
        """Page by page, so that a big vault takes no memory and keeps nobody waiting."""
        while True:
            with self._lock:
                before = self._cursor
                cursor, rows = self._vault.known(self._scope, before)
                if cursor == before:
                    return
                self._take(rows)
                self._cursor = cursor  # last: what failed is read again

    def _take(self, rows: Sequence[Known]) -> None:
        ended = [row.ref.id for row in rows if row.gone]
        for token_id in ended:
            self.recall.forget(token_id)
        if ended:
            self._tokens = Memo(TOKENS)
        self.recall.learn(
            Recallable(row.type, row.spelling, row.identity, row.rule, row.origins, row.granted, row.ref.id)
            for row in rows
            if not row.gone
        )

    def tokens_of(self, server: str, values: Sequence[Value]) -> dict[Value, Token]:
        """The token of each value as this server sent it; what is new is committed to the vault first."""
        with self._lock:
            self._touch()
            remembered = self._tokens
        tokens: dict[Value, Token] = {}
        new: list[Value] = []
        for value in values:
            token = remembered.get(_key(value, server))
            if token is None:
                new.append(value)
            else:
                tokens[value] = token
        for start in range(0, len(new), TOGETHER):  # not under the lock: other messages go on meanwhile
            part = new[start : start + TOGETHER]
            for value, ref in zip(part, self._vault.put(self._scope, server, part), strict=True):
                tokens[value] = token = label_of(value.type), ref
                remembered.put(_key(value, server), token)
            if len(part) == TOGETHER:
                self._read()  # what is many is learned bit by bit, so that no other message finds all of it to learn
        return tokens

    def identify(self, type_: str, spelling: str) -> str:
        """The canonical form of a spelling of an entity type."""
        known = self._identities.get((type_, spelling))
        if known is None:
            known = identity(type_, spelling)
            self._identities.put((type_, spelling), known)
        return known

    def rule_of(self, type_: str, identity: str) -> str:
        """The rule that first found an identity that is recalled, "" for others."""
        return self.recall.rule_of(type_, identity)

    def spend(self, server: str, values: Sequence[Value]) -> None:
        """Charge a server for the values that only others told us of, and that nothing but recall finds.

        Raises:
            PolicyDenied: PS521 beyond ORACLE_BUDGET: the message must not go on, with or without tokens.
        """
        named = [value for value in values if value.rule == RULE]
        cost = sum(self.recall.is_foreign(value.type, value.identity, server) for value in named)
        if not cost:
            return
        with self._lock:
            budget = self._budgets.setdefault(server, Budget(ORACLE_BUDGET, self._clock()))
            granted = budget.spend(cost, self._clock())
        if not granted:
            raise PolicyDenied(
                "this server names too many known values that it never sent",
                code="PS521",
                fix="if it may know them, mark the server as trusted; else wait an hour",
            )

    def _touch(self) -> None:
        """Once in a while the vault must hear that known values are still in use: else they expire as idle."""
        if self._clock() - self._touched > TOUCH_SECONDS:
            self._tokens = Memo(TOKENS)
            self._touched = self._clock()


def _key(value: Value, server: str) -> int:
    """What a token is remembered by: 64 bits, keyed anew in each process, in place of the value."""
    return hash((value.type, value.identity, value.spelling, value.kind, server))


class Budget:
    """So many an hour, saved up for at most one hour.

    Args:
        most: how many an hour.
        now: seconds.
    """

    def __init__(self, most: int, now: float) -> None:
        self._most = most
        self._left = float(most)
        self._since = now

    def spend(self, cost: int, now: float) -> bool:
        """Take `cost`, if as much is left; else nothing."""
        self._left = min(float(self._most), self._left + (now - self._since) * self._most / _HOUR)
        self._since = now
        if cost > self._left:
            return False
        self._left -= cost
        return True
