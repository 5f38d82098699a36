"""Known values: what was seen once in a scope is found again, in any spelling. No I/O.

One bad finding must not poison every server. So a value is recalled only where it is distinctive or was recognised by
its very shape; what only a field's name declared stays with the server that sent it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ..checks import digits
from ..types import Finding
from .identity import identity
from .joined import Joined
from .windows import NUMBER_RUN
from .words import Index, fold

RULE = "recall"
SCORE = 0.9
MIN_LENGTH = 6
"""Shortest value recalled without a pattern behind it, in characters."""

# Types whose shape or check digits vouch for the value: recalled for every server, in any field.
BACKED = frozenset({"EMAIL", "PHONE", "CREDIT_CARD", "IBAN", "US_SSN", "SECRET", "MAC", "CRYPTO"})
_DIGIT_TYPES = frozenset({"PHONE", "CREDIT_CARD", "US_SSN"})
# Never outside the message they were found in: too short, too common, or names that many share.
_NEVER = frozenset(
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
_MIN_DIGITS = 7
_MAX_GROUPS = 8


class Known(NamedTuple):
    """One spelling that the scope knows.

    Attributes:
        type, spelling, identity, rule: as the vault keeps them (see `types.Value`).
        servers: names of the servers that sent it.
    """

    type: str
    spelling: str
    identity: str
    rule: str
    servers: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"Known({self.type})"


class _Entry(NamedTuple):
    type: str
    servers: frozenset[str] | None  # None: any server


class Recall:
    """Known values of one scope. Only grows: after forgetting, build another.

    Args:
        common: lower-case words that alone, or only together, distinguish nobody (first names, places, ordinary words).
    """

    def __init__(self, common: frozenset[str] = frozenset()) -> None:
        self._common = common
        self._spellings: Index[_Entry] = Index()
        self._digits: dict[str, _Entry] = {}

    def __len__(self) -> int:
        return len(self._spellings)

    def learn(self, entries: Iterable[Known]) -> None:
        """Add values; those that the guards do not let out of their field are left out. Idempotent."""
        for entry in entries:
            if self._recallable(entry):
                self._add(entry)

    def _recallable(self, entry: Known) -> bool:
        if entry.type in _NEVER:
            return False
        if entry.type in BACKED and not _only_named(entry.rule):
            return len(entry.spelling) >= 4
        return len(entry.spelling) >= MIN_LENGTH and self._distinctive(entry)

    def _distinctive(self, entry: Known) -> bool:
        parts = [word for word in fold(entry.spelling).replace(",", " ").replace("-", " ").split() if len(word) > 1]
        if all(part in self._common for part in parts):
            return False
        if entry.type == "PERSON":
            return len(parts) >= 2
        return not entry.spelling.isdigit() or len(entry.spelling) > MIN_LENGTH

    def _add(self, entry: Known) -> None:
        local = _only_named(entry.rule) and entry.type not in _DIGIT_TYPES
        known = self._spellings.get(entry.spelling)
        servers: frozenset[str] | None = None
        if local and not (known and known.servers is None):
            servers = entry.servers | (known.servers if known and known.servers else frozenset())
        row = _Entry(known.type if known and not local else entry.type, servers)
        self._spellings.add(entry.spelling, row)
        if (squeezed := " ".join(entry.spelling.split())) != entry.spelling:
            self._spellings.add(squeezed, row)
        if entry.type in _DIGIT_TYPES:
            for form in _dialled(entry):
                self._digits[form] = row

    def find(self, text: str, server: str = "") -> list[Finding]:
        """Known values in a text that a server sends; may overlap. Offsets in code points."""
        return self.find_all([text], server).get(0, [])

    def find_all(self, texts: Sequence[str], server: str = "") -> dict[int, list[Finding]]:
        """`find` for many texts at once: findings by index of the text."""
        found: dict[int, list[Finding]] = {}
        if not len(self._spellings):
            return found
        joined = Joined(texts)
        hits = list(self._spellings.find(joined.folded))
        if self._digits:
            hits += self._numbers(joined.text)
        for start, end, row in hits:
            if row.servers is None or server in row.servers:
                index, first, last = joined.locate(start, end)
                found.setdefault(index, []).append(Finding(row.type, first, last, SCORE, RULE))
        return found

    def _numbers(self, text: str) -> Iterator[tuple[int, int, _Entry]]:
        """Known numbers with other separators, or in other company, than when they were learnt."""
        for run in NUMBER_RUN.finditer(text):
            if run.end() - run.start() >= _MIN_DIGITS:
                yield from self._groups(text, run.start(), run.end())

    def _groups(self, text: str, start: int, end: int) -> Iterator[tuple[int, int, _Entry]]:
        groups = _digit_groups(text, start, end)
        first = 0
        while first < len(groups):
            number, step = "", 1
            for last in range(first, min(first + _MAX_GROUPS, len(groups))):
                number += text[groups[last][0] : groups[last][1]]
                row = self._digits.get(number) if len(number) >= _MIN_DIGITS else None
                if row is not None:
                    lead = groups[first][0]
                    yield (lead - 1 if lead > start and text[lead - 1] in "+(" else lead), groups[last][1], row
                    step = last - first + 1
            first += step


def _digit_groups(text: str, start: int, end: int) -> list[tuple[int, int]]:
    groups: list[tuple[int, int]] = []
    opened = -1
    for place in range(start, end):
        if text[place].isdigit():
            opened = place if opened < 0 else opened
        elif opened >= 0:
            groups.append((opened, place))
            opened = -1
    return [*groups, (opened, end)] if opened >= 0 else groups


def _only_named(rule: str) -> bool:
    return rule.startswith("field")


def _dialled(entry: Known) -> set[str]:
    """The digit strings under which a number may come back: with and without country code or trunk prefix."""
    forms = {digits(entry.spelling)}
    if entry.type == "PHONE":
        full = digits(entry.identity.partition(";")[0])
        forms |= {full, "00" + full}
        if full.startswith("1") and len(full) == 11:
            forms.add(full[1:])
        if not entry.spelling.lstrip(" (").startswith(("+", "00")) and digits(entry.spelling).startswith("0"):
            forms.add(digits(entry.spelling)[1:])
    return {form for form in forms if len(form) >= _MIN_DIGITS}


def known(type: str, spelling: str, rule: str, server: str) -> Known:
    """A `Known` for a finding just made."""
    return Known(type, spelling, identity(type, spelling), rule, frozenset({server}))
