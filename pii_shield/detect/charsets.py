"""Sets of characters as bit masks over what a scanned byte can be. No I/O.

Bit n < 128 is the ASCII character n. All others are scanned as "?", and stand here as two bits: one for those that the
word class matches, one for the rest. So that no match is lost, a set that is asked for may only be too large, and a set
that is taken away may only be too small. Digits are ASCII: text with others is not scanned at all.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

_sre: Any = re._constants  # type: ignore[attr-defined]

WORDY = 1 << 128
"""A character beyond ASCII that is part of words."""
OTHER = 1 << 129
"""A character beyond ASCII that is not."""
ASCII = (1 << 128) - 1
EVERYTHING = ASCII | WORDY | OTHER
EDGE = 1 << 1
"""Stands before and after every scanned text."""


def mask_of(characters: Iterable[str]) -> int:
    """The mask of some ASCII characters."""
    mask = 0
    for character in characters:
        mask |= 1 << ord(character)
    return mask


def _where(test: Callable[[str], bool]) -> int:
    return mask_of(filter(test, map(chr, range(128))))


_DIGIT = _where(str.isdigit)
WORD = _where(lambda c: c.isalnum() or c == "_")
# `re` counts \x1c to \x1f as white space, the `regex` module does not.
_SPACE = mask_of(" \t\n\r\f\v")
_SPACE_TOO = _SPACE | mask_of("\x1c\x1d\x1e\x1f")
# (at most, at least) of each category.
_CATEGORIES = {
    _sre.CATEGORY_DIGIT: (_DIGIT, _DIGIT),
    _sre.CATEGORY_NOT_DIGIT: (EVERYTHING & ~_DIGIT, ASCII & ~_DIGIT | OTHER),
    _sre.CATEGORY_SPACE: (_SPACE_TOO | OTHER, _SPACE),
    _sre.CATEGORY_NOT_SPACE: (EVERYTHING & ~_SPACE, ASCII & ~_SPACE_TOO | WORDY),
    _sre.CATEGORY_WORD: (WORD | WORDY, WORD),
    _sre.CATEGORY_NOT_WORD: (EVERYTHING & ~WORD, ASCII & ~WORD),
}
# ASCII letters that a letter beyond ASCII equals when case is ignored: ſ K İ ı.
_FOREIGN_CASE = mask_of("sSkKiI")


def one(code: int, ignore_case: bool) -> tuple[int, int]:
    """(at most, at least) what a literal character matches."""
    if code >= 128:
        beyond = WORDY | OTHER
        return (beyond | _FOREIGN_CASE if ignore_case else beyond), 0
    return _cased(1 << code, ignore_case)


def _cased(mask: int, ignore_case: bool) -> tuple[int, int]:
    if not ignore_case:
        return mask, mask
    letters = [chr(code) for code in range(128) if mask >> code & 1]
    mask |= mask_of(c.swapcase() for c in letters)
    return mask | (WORDY if mask & _FOREIGN_CASE else 0), mask


def anything(dot_all: bool) -> tuple[int, int]:
    """(at most, at least) what a dot matches."""
    mask = EVERYTHING if dot_all else EVERYTHING & ~mask_of("\n")
    return mask, mask


def in_class(items: Iterable[tuple[Any, Any]], ignore_case: bool) -> tuple[int, int]:
    """(at most, at least) what a class in brackets matches, from the parser's items."""
    most = least = 0
    negated = False
    for operator, argument in items:
        if operator is _sre.NEGATE:
            negated = True
            continue
        upper, lower = _item(operator, argument, ignore_case)
        most, least = most | upper, least | lower
    return ((EVERYTHING & ~least) | WORDY | OTHER, ASCII & ~most) if negated else (most, least)


def _item(operator: Any, argument: Any, ignore_case: bool) -> tuple[int, int]:
    if operator is _sre.LITERAL:
        return one(argument, ignore_case)
    if operator is _sre.RANGE:
        first, last = argument
        upper, lower = _cased(mask_of(map(chr, range(first, min(last, 127) + 1))), ignore_case)
        if last >= 128:
            upper |= one(last, ignore_case)[0]
        return upper, lower
    if operator is _sre.CATEGORY and argument in _CATEGORIES:
        return _CATEGORIES[argument]
    return EVERYTHING, 0


def complement(least: int) -> int:
    """At most what a set leaves, of which at least `least` is taken away. The edge of a text is always left."""
    return (EVERYTHING & ~least) | EDGE


def written(mask: int) -> str:
    """A class in brackets, for bytes, in which "?" stands for everything beyond ASCII."""
    if mask & (WORDY | OTHER):
        mask |= 1 << ord("?")
    return "[" + "".join(_ranges(mask & ASCII)) + "]"


def _ranges(mask: int) -> Iterator[str]:
    code = 0
    while code < 128:
        if not mask >> code & 1:
            code += 1
            continue
        first = code
        while code < 127 and mask >> (code + 1) & 1:
            code += 1
        yield f"\\x{first:02x}" if first == code else f"\\x{first:02x}-\\x{code:02x}"
        code += 1
