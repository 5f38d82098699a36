"""What this process knows of a scope: the token of every spelling, and the values to recognise again.

Clients start a process per server, some one per call, so values of other processes arrive all the time. A look at the
vault's change counter per message brings them in.
"""

import threading
from collections.abc import Callable, Sequence

from .detect.recall import Known as Recallable
from .detect.recall import Recall
from .types import TokenRef, Value
from .vault.base import TOUCH_SECONDS, Known, Vault, label_of

Token = tuple[str, TokenRef]
"""Label and reference."""


class KnownValues:
    """A copy of the vault's spellings, in memory only. Thread-safe.

    Args:
        vault, scope: where the values are.
        common: words that distinguish nobody, see `Recall`.
        clock: seconds, monotonic.
    """

    def __init__(self, vault: Vault, scope: str, common: frozenset[str], clock: Callable[[], float]) -> None:
        self._vault = vault
        self._scope = scope
        self._common = common
        self._clock = clock
        self._touched = clock()
        self._lock = threading.Lock()
        self._cursor = 0
        self._rows: dict[str, dict[int, Known]] = {}
        self._tokens: dict[tuple[str, str, str, str], Token] = {}
        self._rules: dict[tuple[str, str], str] | None = None
        self.recall = Recall(common)

    @property
    def version(self) -> int:
        """Another number whenever something new is known."""
        return self._cursor

    def sync(self) -> None:
        """Take in what changed in the vault since last time."""
        with self._lock:
            self._sync()

    def _sync(self) -> None:
        self._cursor, rows = self._vault.known(self._scope, self._cursor)
        if not rows:
            return
        self._rules = None
        ended = [row.ref.id for row in rows if row.gone and row.ref.id in self._rows]
        for row in rows:
            if not row.gone:
                self._rows.setdefault(row.ref.id, {})[row.ref.spelling] = row
        if ended:
            self._forget(ended)
        else:
            self._learn([row for row in rows if not row.gone])

    def _learn(self, rows: Sequence[Known]) -> None:
        for row in rows:
            token = (row.label, row.ref)
            for server in row.origins | row.granted:
                self._tokens[row.type, row.spelling, row.kind, server] = token
        self.recall.learn(Recallable(r.type, r.spelling, r.identity, r.rule, r.origins) for r in rows)

    def _forget(self, ended: Sequence[str]) -> None:
        for token_id in ended:
            self._rows.pop(token_id, None)
        self._tokens.clear()
        self.recall = Recall(self._common)
        self._learn([row for spellings in self._rows.values() for row in spellings.values()])

    def tokens_of(self, server: str, values: Sequence[Value]) -> dict[Value, Token]:
        """The token of each value as this server sent it; what is new is committed to the vault first."""
        with self._lock:
            self._touch()
            found = ((value, self._tokens.get((value.type, value.spelling, value.kind, server))) for value in values)
            tokens = {value: token for value, token in found if token is not None}
        new = [value for value in values if value not in tokens]
        if new:  # not under the lock: other messages go on while a big one is being committed
            refs = self._vault.put(self._scope, server, new)
            tokens.update({value: (label_of(value.type), ref) for value, ref in zip(new, refs, strict=True)})
        return tokens

    def rule_of(self, type_: str, identity: str) -> str:
        """The rule that first found an identity, "" if it is not known. The first question costs a look at all."""
        with self._lock:
            if self._rules is None:
                rows = (row for spellings in self._rows.values() for row in spellings.values())
                self._rules = {(row.type, row.identity): row.rule for row in rows}
            return self._rules.get((type_, identity), "")

    def _touch(self) -> None:
        """Once in a while the vault must hear that known values are still in use: else they expire as idle."""
        if self._clock() - self._touched > TOUCH_SECONDS:
            self._tokens.clear()
            self._touched = self._clock()
