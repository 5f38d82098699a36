"""The person at the screen reads values, the model does not: tokens in a text become values, for display only.

`user` is a destination of its own, and every release to it is on record. What does not resolve stays as it
is: a transcript may hold tokens of other scopes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from . import policy, tokens
from .policy import Grant, Question
from .recorder import Item
from .roles import Role
from .types import TokenRef
from .vault.base import Row, Vault

USER: Final = "user"
"""The destination. No server can have this name: theirs carry a fingerprint."""


def _percent(value: str) -> str:
    from urllib.parse import quote

    return quote(value, safe="")


def _html(value: str) -> str:
    from html import escape

    return escape(value)


_SCREEN: Final = "/screen"
"""Where they go, in the words of the log."""
_ENCODE: Mapping[str, Callable[[str], str]] = {"percent": _percent, "html": _html}


class Revealer:
    """Shows the values of one scope. Thread-safe.

    Args:
        vault, scope: where the values are.
        record: puts on record which tokens are about to be shown; raises if it cannot.
    """

    def __init__(self, vault: Vault, scope: str, record: Callable[[Sequence[Item]], None]) -> None:
        self._vault = vault
        self._scope = scope
        self._record = record

    def reveal(self, text: str) -> str:
        """The text with values in place of its tokens.

        Raises:
            VaultError: the vault or its key cannot be used.
            AuditError: it could not be put on record, so nothing is shown.
        """
        matches = [match for match in tokens.find(text) if match.valid]
        refs = list(dict.fromkeys(match.ref for match in matches))
        rows = dict(zip(refs, self._vault.look(self._scope, refs) if refs else (), strict=True))
        grants = dict(self._granted(matches, rows))
        if not grants:
            return text
        secrets = self._vault.open(list(grants.values()))
        values = {ref: secret.reveal() for ref, secret in zip(grants, secrets, strict=True)}
        self._record([Item(ref, row, _SCREEN, False) for ref, row in rows.items() if row and ref in grants])
        pieces: list[str] = []
        position = 0
        for match in matches:
            if match.ref in values:
                value = _ENCODE.get(match.form, str)(values[match.ref])
                pieces += (text[position : match.start], value)
                position = match.end
        return "".join((*pieces, text[position:]))

    def _granted(
        self, matches: list[tokens.Match], rows: Mapping[TokenRef, Row | None]
    ) -> Iterator[tuple[TokenRef, Grant]]:
        for match in matches:
            row = rows[match.ref]
            if row is None or row.expired or (match.has_known_label and match.label != row.label):
                continue
            nothing = frozenset[Role]()
            question = Question(self._scope, match.ref, row.type, row.origins, USER, True, nothing, nothing, True)
            decision = policy.decide(policy.PROFILES["open"], question)
            if isinstance(decision, Grant):
                yield match.ref, decision
