"""The token's grammar: mint, write, find. Nothing else knows the shape. No I/O.

    [EMAIL_7K2QF9M3X]      label, underscore, id; the id ends in a check character
    [EMAIL_7K2QF9M3X~2]    the second spelling of the same identity
    [PHONE.DE_7K2QF9M3X]   reserved: an attribute after a dot
    EMAIL_7K2QF9M3X        bare form, for URIs

Ids are random Crockford base32. The check character is the weighted parity of the others over GF(32): with weights
that are distinct powers of a primitive element it catches every single substitution and every swap of two characters.

Writing is strict, reading is tolerant: models change case, read O for 0, escape for markdown, HTML, JSON or URLs, drop
brackets, translate the label. What is not bracketed counts only when label and check agree and the id resolves.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from .entities import LABELS
from .types import TokenRef

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MIN_LENGTH, DEFAULT_LENGTH, MAX_LENGTH = 6, 8, 16
"""Random characters of an id, without the check character."""

PATTERN = rf"\[[A-Z]+(?:\.[A-Za-z0-9]+)?_[{ALPHABET}]{{{MIN_LENGTH + 1},{MAX_LENGTH + 1}}}(?:~[0-9]+)?\]"
"""JSON Schema `pattern` of a token inside a string (unanchored)."""

_VALUE = {character: index for index, character in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}


def _powers() -> list[int]:
    """Powers of the element x of GF(32) modulo x^5 + x^2 + 1: all 31 of them differ."""
    powers, element = [], 1
    for _ in range(31):
        powers.append(element)
        element <<= 1
        if element & 32:
            element ^= 0b100101
    return powers


_POWER = _powers()
_LOG = {element: exponent for exponent, element in enumerate(_POWER)}


def check_character(body: str) -> str:
    """The check character of an id without one.

    >>> check_character("7K2QF9M3")
    '6'
    """
    parity = 0
    for position, character in enumerate(body, start=1):
        value = _VALUE[character]
        if value:
            parity ^= _POWER[(_LOG[value] + position) % 31]
    return ALPHABET[parity]


def mint_id(length: int, randbelow: Callable[[int], int]) -> str:
    """A new random id of `length` characters plus its check character.

    It holds a letter and a digit, so that `[USER_PREFERENCES]` and `[ID_20240101]` are never read as tokens.
    `randbelow` is `secrets.randbelow` or a stand-in.
    """
    while True:
        number = randbelow(1 << 5 * length)
        body = "".join([ALPHABET[number >> shift & 31] for shift in range(0, 5 * length, 5)])
        if _is_mixed(body):
            return body + check_character(body)


def _is_mixed(body: str) -> bool:
    return not body.isdigit() and not body.isalpha()


def write(label: str, ref: TokenRef) -> str:
    """The bracketed token."""
    return f"[{write_bare(label, ref)}]"


def write_bare(label: str, ref: TokenRef) -> str:
    """The bare form, for places where brackets are not allowed."""
    suffix = f"~{ref.spelling}" if ref.spelling > 1 else ""
    return f"{label}_{ref.id}{suffix}"


class Match(NamedTuple):
    """Something in a text that reads as a token.

    Attributes:
        start, end: the span, brackets and their escapes included.
        label: as written, upper-cased, without attribute.
        ref: canonical id and number of the spelling.
        form: "bracketed", "bare", or the escape it was written in: "markdown", "percent", "html", "json".
        valid: whether the check character agrees.
    """

    start: int
    end: int
    label: str
    ref: TokenRef
    form: str
    valid: bool

    @property
    def is_bare(self) -> bool:
        """Not bracketed: plain text unless it resolves."""
        return self.form == "bare"

    @property
    def has_known_label(self) -> bool:
        """Whether the label is one of ours: a bracketed token that does not resolve is then an error, no plain word."""
        return self.label in LABELS


_SEPARATOR = r"(?:\\?_|%5[Ff]|&#95;|\\u005[fF])"
_CORE = re.compile(
    rf"{_SEPARATOR}([0-9A-Za-z]{{{MIN_LENGTH + 1},{MAX_LENGTH + 1}}})(?![0-9A-Za-z])(?:(?:\\?~|%7[eE])([0-9]{{1,6}}))?"
)
_LABEL = r"([^\W\d_](?:[\w \-]{0,38}[^\W_])?)(?:\.[A-Za-z0-9]{1,8})?"
_BARE_HEAD = re.compile(r"(?<![\w.])([A-Za-z]{2,12})(?:\.[A-Za-z0-9]{1,8})?\Z")
# (form, how it opens, how it closes): an escape counts only when both brackets carry it.
_FORMS: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (form, re.compile(rf"{opening}{_LABEL}\Z"), re.compile(closing))
    for form, opening, closing in (
        ("bracketed", r"\[", r"\]"),
        ("markdown", r"\\\[", r"\\\]"),
        ("percent", r"%5[Bb]", r"%5[Dd]"),
        ("html", r"&(?:#91|#[xX]5[bB]|lbrack|lsqb);", r"&(?:#93|#[xX]5[dD]|rbrack|rsqb);"),
        ("json", r"\\u005[bB]", r"\\u005[dD]"),
    )
)
_HEAD_WINDOW = 60


_HIDING = re.compile(r"\\u00|%25|[A-Za-z0-9+/_-]{16}")


def may_hold(document: str) -> bool:
    """Whether raw JSON could hold a token, plain, escaped or encoded. Cheap, and wrong only in saying yes."""
    return bool(_CORE.search(document) or _HIDING.search(document))


def find(text: str) -> list[Match]:
    """All token-shaped spans, left to right, without overlaps: bracketed ones with any id-like body, bare ones only
    with a known label and a valid check character."""
    matches: list[Match] = []
    floor = 0
    for core in _CORE.finditer(text):
        match = _read(text, core, floor)
        if match:
            matches.append(match)
            floor = match.end
    return matches


def _read(text: str, core: re.Match[str], floor: int) -> Match | None:
    body = core[1].upper()
    if not _is_mixed(body):
        return None
    canonical = "".join(ALPHABET[_VALUE[c]] if c in _VALUE else "?" for c in body)
    valid = "?" not in canonical and check_character(canonical[:-1]) == canonical[-1]
    ref = TokenRef(canonical, int(core[2] or 1))
    head_at = max(floor, core.start() - _HEAD_WINDOW)
    head = text[head_at : core.start()]
    for form, opening, closing in _FORMS:
        close = closing.match(text, core.end())
        opened = opening.search(head) if close else None
        if close and opened:
            match = Match(head_at + opened.start(), close.end(), opened[1].upper(), ref, form, valid)
            return match if valid or match.has_known_label else None
    bare = _BARE_HEAD.search(head)
    if bare and valid and bare[1].upper() in LABELS and (core[1].isupper() or core[1].islower()):
        return Match(head_at + bare.start(), core.end(), bare[1].upper(), ref, "bare", valid)
    return None


def is_whole(text: str, matches: Sequence[Match]) -> bool:
    """Whether the text is exactly one token, white space aside."""
    return len(matches) == 1 and text.strip() == text[matches[0].start : matches[0].end]


def bare_fits(text: str, start: int, end: int) -> bool:
    """Whether a bare token in place of text[start:end] would be read back as exactly that span."""
    before, after = text[:start][-1:], text[end:][:1]
    return not (
        before.isalnum() or before in ("_", ".", "-", "\\") or after.isalnum() or after in ("_", "~", "\\", "%")
    )
