"""Many known spellings, found in a text by looking at each of its words once. No I/O.

A value is filed under its first word; how many values there are does not matter to the time a search takes.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")

_WORD = re.compile(r"[^\W_]+")
_BETWEEN = re.compile(r"([\W_]+)")
_SPACES = "\n\r\t\u00a0\u202f\u2009"
_ONLY_WORDS = bytes(code if chr(code).isalnum() else 32 for code in range(256))
"""Latin-1 with a space in place of all that is not part of a word."""


def fold(text: str) -> str:
    """Lower case with plain spaces, one character for each: offsets stay the same."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    if not (lower.isascii() and lower.isprintable()):
        for space in _SPACES:
            lower = lower.replace(space, " ")
    return lower


def split(text: str) -> tuple[Sequence[str], Sequence[int]]:
    """The words of a text and where each begins; some of the words may be empty."""
    try:
        words: Sequence[str] = text.encode("latin-1").translate(_ONLY_WORDS).decode("latin-1").split(" ")
    except UnicodeEncodeError:
        pieces = _BETWEEN.split(text)
        return pieces[::2], list(accumulate(map(len, pieces), initial=0))[::2]
    return words, [length + number for number, length in enumerate(accumulate(map(len, words), initial=0))]


class Index(Generic[T]):
    """Spellings with something attached to each. Only grows; safe to search while another thread adds."""

    def __init__(self) -> None:
        self._spellings: dict[str, T] = {}
        # First word -> (characters before it, length) of each spelling filed there.
        self._shapes: dict[str, tuple[tuple[int, int], ...]] = {}

    def __len__(self) -> int:
        return len(self._spellings)

    def get(self, spelling: str) -> T | None:
        """What is attached to a spelling."""
        return self._spellings.get(fold(spelling))

    def add(self, spelling: str, attached: T) -> None:
        """File a spelling (again). One without any letter or digit is not filed."""
        folded = fold(spelling)
        first = _WORD.search(folded)
        if first is None:
            return
        shape = (first.start(), len(folded))
        shapes = self._shapes.get(first[0], ())
        self._spellings[folded] = attached
        if shape not in shapes:
            self._shapes[first[0]] = tuple(sorted((*shapes, shape), key=_longest_first))

    def find(self, folded: str) -> Iterator[tuple[int, int, T]]:
        """(start, end, attached) of each filed spelling that stands in the text as whole words; may overlap."""
        shapes, size = self._shapes, len(folded)
        words, places = split(folded)
        if shapes.keys().isdisjoint(words):
            return
        for number in [number for number, word in enumerate(words) if word in shapes]:
            for lead, length in shapes[words[number]]:
                start = places[number] - lead
                end = start + length
                inside = start >= 0 and end <= size
                attached = self._spellings.get(folded[start:end]) if inside else None
                if attached is not None and _whole(folded, start, end):
                    yield start, end, attached


def _longest_first(shape: tuple[int, int]) -> tuple[int, int]:
    return -shape[1], shape[0]


def _whole(text: str, start: int, end: int) -> bool:
    """Whether a span neither begins nor ends within a word."""
    before = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
    after = end < len(text) and text[end].isalnum() and text[end - 1].isalnum()
    return not (before or after)
