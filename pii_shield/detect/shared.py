"""What one leaf of a message reveals by its field's name or a cue, found in all leaves of that message. No I/O.

So `structuredContent.customer.name` and the same name in the text beside it become the same token.
"""

from collections.abc import Sequence

from ..types import Finding
from .joined import SEPARATOR, Joined
from .words import Index, fold

SCORE = 0.6
# Types shared, and how long such a value must be, in characters.
_SHARED = {
    "PERSON": 3,
    "USERNAME": 4,
    "ADDRESS": 8,
    "DOB": 8,
    "NATIONAL_ID": 7,
    "TAX_ID": 7,
    "PASSPORT": 7,
    "DRIVER_LICENSE": 7,
    "HEALTH_ID": 7,
    "BANK_ACCOUNT": 7,
    "US_SSN": 9,
    "CREDIT_CARD": 12,
    "PHONE": 7,
    "SECRET": 8,
    "PASSWORD": 6,
}
_NAMES = frozenset({"PERSON", "USERNAME"})
GUESSED = "tagger."
"""Rules of the tagger. A single word that it takes for a name, it judged by the words around: that does not travel."""
_MAX_NAMES = 4
_MIN_PART = 4
"""Shortest surname that stands for its full name, in characters."""
FEW = 32
"""Up to so many spellings are counted one by one; for more, one search for all of them takes less."""
_PATH_SIGNS = "/@\\.:_-#="


def mentions(
    texts: Sequence[str], found: Sequence[Sequence[Finding]], common: frozenset[str]
) -> dict[int, list[Finding]]:
    """Further mentions of what was found, by index of the text; they may overlap what was found.

    Args:
        texts: all texts of one message.
        found: what was found in each.
        common: lower-case words that alone name nobody.
    """
    index: Index[Finding] = Index()
    for text, findings in zip(texts, found, strict=True):
        for finding in findings:
            if finding.type in _SHARED:
                _file(index, text[finding.start : finding.end], finding, common)
    if not len(index):
        return {}
    joined = Joined(texts)
    if len(index) <= FEW and _all_inside(joined.folded, texts, found, index):
        return {}  # every mention lies in what was found already
    extra: dict[int, list[Finding]] = {}
    surely: dict[int, set[tuple[int, int, str]]] = {}
    for start, end, origin in index.find(joined.folded):
        number, first, last = joined.locate(start, end)
        if number not in surely:
            surely[number] = {(f.start, f.end, f.type) for f in found[number] if f.score > SCORE}
        if (first, last, origin.type) not in surely[number] and _is_mention(texts[number], first, last, origin.type):
            extra.setdefault(number, []).append(Finding(origin.type, first, last, SCORE, origin.rule))
    return extra


def _file(index: Index[Finding], spelling: str, finding: Finding, common: frozenset[str]) -> None:
    """File a finding's spelling and, if it is a name, that of the surname."""
    if finding.rule.startswith(GUESSED) and " " not in spelling:
        return
    if _worth(finding.type, spelling, common):
        index.add(spelling, finding)
    for part in _parts(spelling) if finding.type == "PERSON" else ():
        if fold(part) not in common and index.get(part) is None:
            index.add(part, finding)


def _all_inside(folded: str, texts: Sequence[str], found: Sequence[Sequence[Finding]], index: Index[Finding]) -> bool:
    """Whether all that is filed stands only in what was found for sure."""
    pairs = zip(texts, found, strict=True)
    inside = SEPARATOR.join([fold(text[f.start : f.end]) for text, all_ in pairs for f in all_ if f.score > SCORE])
    return all(folded.count(spelling) == inside.count(spelling) for spelling in index)


def _parts(name: str) -> list[str]:
    """Names that a full name makes known in its message: the last one, where it looks like a surname."""
    words = name.split()
    last = words[-1] if 2 <= len(words) <= _MAX_NAMES else ""
    return [last] if len(last) >= _MIN_PART and last.isalpha() and last[0].isupper() and not last.isupper() else []


def _worth(type: str, spelling: str, common: frozenset[str]) -> bool:
    if len(spelling) < _SHARED[type]:
        return False
    return type not in _NAMES or " " in spelling or fold(spelling) not in common


def _is_mention(text: str, start: int, end: int, type: str) -> bool:
    """Single names keep their capital, user names are not parts of a path or an address."""
    spelling = text[start:end]
    if type not in _NAMES or " " in spelling:
        return True
    around = text[start - 1 : start] + text[end : end + 1]
    if type == "USERNAME":
        return not any(char in _PATH_SIGNS for char in around)
    return not spelling[:1].islower() and not any(char in "/@\\_" for char in around)
