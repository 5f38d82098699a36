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


Record = Callable[[Sequence[Item]], None]
"""Puts on record which tokens are about to be shown; raises if it cannot."""


class Revealer:
    """Shows the values of some scopes. Thread-safe.

    Args:
        vault: where the values are.
        scopes: theirs, each with its record; where a token is in several, the first counts.
    """

    def __init__(self, vault: Vault, scopes: Mapping[str, Record]) -> None:
        self._vault = vault
        self._scopes = scopes

    def reveal(self, text: str) -> str:
        """The text with values in place of its tokens.

        Raises:
            VaultError: the vault or its key cannot be used.
            AuditError: it could not be put on record, so nothing is shown.
        """
        matches = [match for match in tokens.find(text) if match.valid]
        values: dict[TokenRef, str] = {}
        for scope, record in self._scopes.items():
            refs = list(dict.fromkeys(match.ref for match in matches if match.ref not in values))
            if refs:
                values |= self._values(scope, record, matches, refs)
        if not values:
            return text
        pieces: list[str] = []
        position = 0
        for match in matches:
            if match.ref in values:
                value = _ENCODE.get(match.form, str)(values[match.ref])
                pieces += (text[position : match.start], value)
                position = match.end
        return "".join((*pieces, text[position:]))

    def _values(
        self, scope: str, record: Record, matches: list[tokens.Match], refs: list[TokenRef]
    ) -> dict[TokenRef, str]:
        rows = dict(zip(refs, self._vault.look(scope, refs), strict=True))
        grants = dict(self._granted(scope, matches, rows))
        if not grants:
            return {}
        secrets = self._vault.open(list(grants.values()))
        record([Item(ref, row, _SCREEN, False) for ref, row in rows.items() if row and ref in grants])
        return {ref: secret.reveal() for ref, secret in zip(grants, secrets, strict=True)}

    def _granted(
        self, scope: str, matches: list[tokens.Match], rows: Mapping[TokenRef, Row | None]
    ) -> Iterator[tuple[TokenRef, Grant]]:
        for match in matches:
            row = rows.get(match.ref)
            if row is None or row.expired or (match.has_known_label and match.label != row.label):
                continue
            nothing = frozenset[Role]()
            question = Question(scope, match.ref, row.type, row.origins, USER, True, nothing, nothing, True)
            decision = policy.decide(policy.PROFILES["open"], question)
            if isinstance(decision, Grant):
                yield match.ref, decision
