"""The person at the screen reads values, the model does not: tokens in a text become values, for display only.

`user` is a destination of its own, and every release to it is on the vault's record. What does not resolve stays as it
is: a transcript may hold tokens of other scopes.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from . import policy, tokens
from .policy import Grant, Question
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


_ENCODE: Mapping[str, Callable[[str], str]] = {"percent": _percent, "html": _html}


class Revealer:
    """Shows the values of one scope. Thread-safe."""

    def __init__(self, vault: Vault, scope: str) -> None:
        self._vault = vault
        self._scope = scope

    def reveal(self, text: str) -> str:
        """The text with values in place of its tokens.

        Raises:
            VaultError: the vault or its key cannot be used.
        """
        matches = [match for match in tokens.find(text) if match.valid]
        grants = self._grants(matches)
        if not grants:
            return text
        values = {
            ref: secret.reveal() for ref, secret in zip(grants, self._vault.open([*grants.values()]), strict=True)
        }
        pieces: list[str] = []
        position = 0
        for match in matches:
            if match.ref in values:
                value = _ENCODE.get(match.form, str)(values[match.ref])
                pieces += (text[position : match.start], value)
                position = match.end
        return "".join((*pieces, text[position:]))

    def _grants(self, matches: list[tokens.Match]) -> dict[TokenRef, Grant]:
        refs = list(dict.fromkeys(match.ref for match in matches))
        rows = dict(zip(refs, self._vault.look(self._scope, refs) if refs else (), strict=True))
        return dict(self._granted(matches, rows))

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
