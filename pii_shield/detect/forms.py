"""The forms under which a known value may come back, as keys to look up and words to look for. No I/O.

Names, addresses and ids are their words, whatever separates them. Mail addresses, secrets and all else are themselves,
in any case. Numbers are their digits.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from ..checks import alnum, digits
from .words import fold, words

MAX_WORDS: Final = 24
"""Most words of a value that is recalled; only keys in PEM armour have more, and their shape tells them."""
MIN_DIGITS: Final = 7
"""Fewest digits that are a number of somebody."""

DIALLED: Final = frozenset({"PHONE", "CREDIT_CARD", "US_SSN"})
"""Types whose values are their digits."""
_IDS: Final = frozenset(
    {"NATIONAL_ID", "TAX_ID", "PASSPORT", "DRIVER_LICENSE", "HEALTH_ID", "BANK_ACCOUNT", "IBAN", "MAC", "VEHICLE"}
)
_NAMES: Final = frozenset({"PERSON", "ADDRESS"})
# How ids are customarily cut, in characters.
_GROUPS: Final = {"IBAN": (4,), "MAC": (2, 4)}
MAX_GAP: Final = 3
"""Most characters between two words that belong together, where they are not all spaces."""
_GAP: Final = re.compile(rf"(?:[^\w\x01]|_){{1,{MAX_GAP}}}|\s{{1,40}}")
_NATURAL: Final = frozenset({"-", "'", "’"})
_MIN_ANCHOR: Final = 5
"""Digits of a number that is no house's."""


class Shape(NamedTuple):
    """How a value lies around one of its words, the anchor.

    Attributes:
        before: how many of its words stand before the anchor.
        size: how many words it has.
        exact: whether the characters between the words count.
        lead, trail: how many characters stand before its first and after its last word (exact only).
        turned: whether its last word stands first, followed by a comma.
    """

    before: int
    size: int
    exact: bool = False
    lead: int = 0
    trail: int = 0
    turned: bool = False


class Form(NamedTuple):
    """One form: the key that tells it, and where to look for it.

    Attributes:
        key: what `loose_key`, `exact_key` or `number_key` make of it.
        anchors: its words and their shapes, the most telling first; none for a number.
    """

    key: str
    anchors: tuple[tuple[str, Shape], ...] = ()

    def __repr__(self) -> str:
        return f"Form({len(self.anchors)} anchors)"


def loose_key(words: Sequence[str]) -> str:
    """Key of a value that is its words."""
    return "\0l" + " ".join(words)


def exact_key(text: str) -> str:
    """Key of a value that is its very characters, in any case and with any white space."""
    folded = fold(text)
    return "\0e" + (" ".join(filter(None, folded.split(" "))) if "  " in folded else folded)


def number_key(number: str) -> str:
    """Key of a value that is its digits."""
    return "\0d" + number


def forms(type: str, spelling: str, identity: str, common: frozenset[str]) -> Iterator[Form]:
    """The forms of a value; `common` are words that tell nothing."""
    if type in DIALLED:
        yield from map(Form, map(number_key, _dialled(type, spelling, identity)))
    elif type in _NAMES:
        yield from _name(type, spelling, common)
    elif type in _IDS:
        yield from _id(type, spelling, common)
    else:
        yield from _exact(type, spelling, common)


def numbers_of(form: Form) -> str:
    """The digits of a number's form, "" for others."""
    return form.key[2:] if form.key.startswith("\0d") else ""


def _name(type: str, spelling: str, common: frozenset[str]) -> Iterator[Form]:
    parts = words(spelling)
    head, comma, _ = spelling.partition(",")
    if type == "PERSON" and comma and len(words(head)) == 1:
        parts = [*parts[1:], *parts[:1]]
    if not 0 < len(parts) <= MAX_WORDS:
        return
    ranked = _ranked(parts, common)
    anchors = [(parts[place], Shape(place, len(parts))) for place in ranked]
    yield Form(loose_key(parts), tuple(anchors))
    if type == "PERSON" and len(parts) > 1:
        last = len(parts) - 1
        turned = [(parts[place], Shape(0 if place == last else place + 1, len(parts), turned=True)) for place in ranked]
        yield Form(loose_key(parts), tuple(turned))


def _id(type: str, spelling: str, common: frozenset[str]) -> Iterator[Form]:
    whole = alnum(spelling).lower() if spelling.isascii() else "".join(words(spelling))
    if whole.isascii() and whole.isdigit() and len(whole) >= MIN_DIGITS:
        yield Form(number_key(whole))
        return
    cuts = {(whole,), tuple(words(spelling))}
    for size in _GROUPS.get(type, ()):
        cuts.add(tuple(whole[start : start + size] for start in range(0, len(whole), size)))
    for parts in sorted(cuts):
        if 0 < len(parts) <= MAX_WORDS and whole:
            anchors = ((parts[place], Shape(place, len(parts))) for place in _ranked(parts, common))
            yield Form(loose_key(parts), tuple(anchors))


def _exact(type: str, spelling: str, common: frozenset[str]) -> Iterator[Form]:
    text = spelling.strip()
    folded = fold(text)
    parts = words(text)
    if not 0 < len(parts) <= MAX_WORDS:
        return
    lead = folded.index(parts[0])
    trail = len(folded) - folded.rindex(parts[-1]) - len(parts[-1])
    # A mail provider's name tells less than anybody's before the @.
    local = len(words(text.partition("@")[0])) if type == "EMAIL" else 0
    ranked = _ranked(parts[: local or None], common)
    anchors = ((parts[place], Shape(place, len(parts), True, lead, trail)) for place in ranked)
    yield Form(exact_key(text), tuple(anchors))


def _ranked(parts: Sequence[str], common: frozenset[str]) -> list[int]:
    """Places of the words, the most telling first."""
    return sorted(range(len(parts)), key=lambda place: (_tells_little(parts[place], common), -len(parts[place]), place))


def _tells_little(word: str, common: frozenset[str]) -> bool:
    return word in common or (word.isdigit() and len(word) < _MIN_ANCHOR)


def _dialled(type: str, spelling: str, identity: str) -> set[str]:
    """The digit strings under which a number may come back: with and without country code or trunk prefix."""
    bare = digits(spelling)
    found = {bare}
    if type == "PHONE":
        full = digits(identity.partition(";")[0])
        found |= {full, "00" + full}
        if full.startswith("1") and len(full) == 11:
            found.add(full[1:])
        if not spelling.lstrip(" (").startswith(("+", "00")) and bare.startswith("0"):
            found.add(bare[1:])
    return {number for number in found if len(number) >= MIN_DIGITS}


def is_gap(text: str) -> bool:
    """Whether what stands between two words keeps them together."""
    return text == " " or _GAP.fullmatch(text) is not None


def spoken(parts: Sequence[str], gaps: Sequence[str]) -> str:
    """A name as one would write it: joints like `_` become spaces, hyphens and apostrophes stay."""
    said = [parts[0]]
    for part, gap in zip(parts[1:], gaps, strict=True):
        said += (gap if gap in _NATURAL or gap[-1].isspace() else " ", part)
    return "".join(said)


def said_of(text: str, shape: Shape, parts: list[str]) -> str | None:
    """What a folded stretch of text says as a value, "" for just that, None if its words do not belong together."""
    inorder = [*parts[-1:], *parts[:-1]] if shape.turned else parts
    if not shape.turned and text == " ".join(parts):
        return ""
    gaps = _gaps(text, inorder)
    if not all(map(is_gap, gaps)) or (shape.turned and "," not in gaps[0]):
        return None
    said = " ".join(parts) if shape.turned else spoken(parts, gaps)
    return "" if said == text else said


def _gaps(text: str, parts: Sequence[str]) -> list[str]:
    """What stands between words in a folded text."""
    gaps, place = [], len(parts[0])
    for part in parts[1:]:
        start = text.index(part, place)
        gaps.append(text[place:start])
        place = start + len(part)
    return gaps
