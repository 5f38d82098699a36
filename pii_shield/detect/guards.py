"""Which values may be recalled at all, and for whom: one bad finding must not poison every server. No I/O."""

from typing import Final, NamedTuple

from .forms import DIALLED
from .words import fold

MIN_LENGTH: Final = 6
"""Shortest value recalled without a pattern behind it, in characters."""
MIN_BACKED: Final = 4
"""Shortest value recalled whose shape vouches for it, in characters."""
MAX_LENGTH: Final = 512
"""Longest value recalled, in characters; what is longer tells itself by its shape."""
QUOTA: Final = 250_000
"""Values without a pattern behind them that one server alone can have recalled for all others."""

# Types whose shape or check digits vouch for the value: recalled for every server, in any field.
BACKED: Final = frozenset({"EMAIL", "PHONE", "CREDIT_CARD", "IBAN", "US_SSN", "SECRET", "MAC", "CRYPTO"})
# Never outside the message they were found in: too short, too common, or names that many share.
_NEVER: Final = frozenset(
    {
        "USERNAME",
        "DOB",
        "DATE",
        "AGE",
        "POSTAL_CODE",
        "LOCATION",
        "GEO",
        "ORG",
        "URL",
        "UUID",
        "IP",
        "LITERAL",
        "OPAQUE",
    }
)
_RECALLED: Final = "recall"


class Known(NamedTuple):
    """One spelling that the scope knows.

    Attributes:
        type, spelling, identity, rule: as the vault keeps them (see `types.Value`).
        servers: names of the servers that sent it.
        granted: names of the servers that it was released to.
        owner: what it is forgotten by: the token's id.
    """

    type: str
    spelling: str
    identity: str
    rule: str
    servers: frozenset[str] = frozenset()
    granted: frozenset[str] = frozenset()
    owner: str = ""

    def __repr__(self) -> str:
        return f"Known({self.type})"


def recallable(entry: Known, common: frozenset[str]) -> bool:
    """Whether a value is recalled outside the message it was found in; `common` are words that distinguish nobody."""
    if entry.type in _NEVER or len(entry.spelling) > MAX_LENGTH:
        return False
    if entry.type in BACKED and not _is_only_named(entry.rule):
        return len(entry.spelling) >= MIN_BACKED
    return len(entry.spelling) >= MIN_LENGTH and _is_distinctive(entry, common)


def is_local(entry: Known) -> bool:
    """Whether a value is recalled only for the servers that sent it.

    So is what recall itself found in a new spelling: or else what only a field's name declared would spread by it.
    """
    return (_is_only_named(entry.rule) or entry.rule == _RECALLED) and entry.type not in DIALLED


class Quota:
    """How much each server alone may have recalled for all others."""

    def __init__(self, most: int = QUOTA) -> None:
        self._most = most
        self._spent: dict[str, int] = {}

    def is_spent_by(self, entry: Known) -> bool:
        """Whether one more new value is beyond its server's quota: then it is recalled for this server only."""
        if entry.type in BACKED or len(entry.servers) != 1:
            return False
        (server,) = entry.servers
        self._spent[server] = self._spent.get(server, 0) + 1
        return self._spent[server] > self._most


def _is_distinctive(entry: Known, common: frozenset[str]) -> bool:
    parts = [word for word in fold(entry.spelling).replace(",", " ").replace("-", " ").split() if len(word) > 1]
    if all(part in common for part in parts):
        return False
    if entry.type == "PERSON":
        return len(parts) >= 2
    return not entry.spelling.isdigit() or len(entry.spelling) > MIN_LENGTH


def _is_only_named(rule: str) -> bool:
    return rule.startswith("field")
