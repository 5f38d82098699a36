"""Where each identity was found last, for `pii-shield why`: which rule, which score, which server, tool and place.

Notes are no values; the vault seals them all the same, since keys of a payload stand in a place. They are written in
the background, after the message went on, and rarely for what is found again in the same place.
"""

import contextlib
import json
import threading
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from .errors import VaultError
from .types import Finding, Leaf, Path
from .vault.base import Vault

MAX_NOTES: Final = 500
"""Identities noted of one message; in a list of thousands one is like the other."""
MAX_REMEMBERED: Final = 20_000
PAUSE: Final = 1.0
"""Seconds in which notes gather before they are written."""
AGAIN: Final = 60.0
"""Seconds after which the same place is noted again for an identity."""
ANY: Final = "*"
"""Stands in a place for an array index, and for a key that could be a value."""
_MAX_KEY: Final = 64


class Evidence(NamedTuple):
    """How an identity was found.

    Attributes:
        rule, score: of the finding; the rule is "recall" for what was known before.
        server: configured name plus fingerprint.
        tool: whose result it was, or "".
        place: JSON pointer below `result` or `params`.
        at: seconds since the epoch.
    """

    rule: str
    score: float
    server: str
    tool: str
    place: str
    at: float


def dumps(evidence: Evidence) -> str:
    """As the vault keeps it."""
    return json.dumps(evidence)


def loads(text: str) -> Evidence:
    """What `dumps` made; `VaultError` for what a newer program wrote."""
    fields = json.loads(text)
    if not isinstance(fields, list) or len(fields) < len(Evidence._fields):
        raise VaultError("a note of a newer program", code="PS405", fix="upgrade pii-shield")
    return Evidence(*fields[: len(Evidence._fields)])


def pointer(path: Path) -> str:
    """A place as exemptions name it: /customers/*/email. Keys that were searched like texts are not repeated."""
    return "".join(f"/{_step(step)}" for step in path)


def _step(step: str | int) -> str:
    if not isinstance(step, str) or len(step) > _MAX_KEY:
        return ANY
    # Keys like these are never searched (`wire.document`), so nobody found a value in them.
    is_plain = step.isidentifier() and (len(step) <= 12 or not any(map(str.isdigit, step)))
    return step if is_plain else ANY


class Notebook:
    """Notes of one server in one scope. Thread-safe.

    Args:
        vault, scope: where notes go.
        server: configured name plus fingerprint.
        clock: seconds since the epoch.
        later: runs something after so many seconds, in another thread; gives what cancels it.
    """

    def __init__(
        self,
        vault: Vault,
        scope: str,
        server: str,
        clock: Callable[[], float],
        later: "Callable[[float, Callable[[], None]], Callable[[], None]] | None" = None,
    ) -> None:
        self._vault = vault
        self._scope = scope
        self._server = server
        self._clock = clock
        self._later = later or _in_a_thread
        self._lock = threading.Lock()
        self._waiting: dict[str, Evidence] = {}
        self._seen: dict[int, float] = {}  # when what was found, as hashes: keys of a payload may be long
        self._cancel: Callable[[], None] | None = None

    def note(self, tool: str, found: Iterable[tuple[str, Leaf, Finding]]) -> None:
        """Keep in mind what was found: token id, leaf, finding. Microseconds each; never raises."""
        now = self._clock()
        with self._lock:
            for token_id, leaf, finding in found:
                seen = hash((token_id, tool, leaf.path, finding.rule, finding.score))
                if now - self._seen.get(seen, -AGAIN - 1) > AGAIN:
                    self._seen[seen] = now
                    self._waiting.pop(token_id, None)
                    place = pointer(leaf.path)
                    self._waiting[token_id] = Evidence(finding.rule, finding.score, self._server, tool, place, now)
            if len(self._seen) > MAX_REMEMBERED:
                self._seen.clear()
            if self._waiting and self._cancel is None:
                self._cancel = self._later(PAUSE, self.write)

    def write(self) -> None:
        """Write what waits. A vault that cannot take it loses notes, not messages."""
        with self._lock:
            waiting, self._waiting, self._cancel = self._waiting, {}, None
        if waiting:
            with contextlib.suppress(VaultError):
                self._vault.note(self._scope, {token_id: dumps(one) for token_id, one in waiting.items()})

    def close(self) -> None:
        """Write what waits, now."""
        if self._cancel is not None:
            self._cancel()
        self.write()


def _in_a_thread(seconds: float, work: Callable[[], None]) -> Callable[[], None]:
    timer = threading.Timer(seconds, work)
    timer.daemon = True
    timer.start()
    return timer.cancel
