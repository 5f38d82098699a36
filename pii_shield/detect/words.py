"""Many known spellings, found in a text by looking at each of its words once. No I/O.

How many there are does not matter to the time a search takes. No step holds the interpreter for long: a text is looked
at in pieces.
"""

import re
from collections.abc import Callable, Container, Iterable, Iterator
from itertools import compress, count
from typing import Generic, TypeVar

T = TypeVar("T")

PIECE = 1 << 16
"""Characters looked at in one go."""
REACH = 1024
"""Characters that a piece shows of its neighbours: nothing longer is found across its ends."""
_MAX_SEEN = 200_000
"""Distinct words of one text that are remembered."""
_WORD = re.compile(r"[^\W_]+")
_NOT_WORD = re.compile(r"[\W_]")
_ODD = {**dict.fromkeys("\n\r\t\u00a0\u202f\u2009", " "), "ς": "σ"}
"""Characters that count as another."""
_SLICE = 1 << 11
"""Characters of which one outside Latin-1 makes the rest slower to look at."""
# Of the first 256 characters: letters and digits in lower case, all else a space.
_LATIN = bytes(ord(chr(code).lower()) if chr(code).isalnum() else 32 for code in range(256))


def fold(text: str) -> str:
    """Lower case with plain spaces, one character for each: offsets stay the same."""
    if len(text) > PIECE:
        return "".join(_fold(text[start : start + PIECE]) for start in range(0, len(text), PIECE))
    return _fold(text)


def _fold(text: str) -> str:
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    if not (lower.isascii() and lower.isprintable()):
        for char, plain in _ODD.items():
            lower = lower.replace(char, plain)
    return lower


def words(text: str) -> list[str]:
    """The words of a text: runs of letters and digits, folded."""
    return _levelled(text).split()


def _levelled(text: str) -> str:
    """The folded words of a text in their places, with spaces for all else."""
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        if len(text) <= _SLICE:
            return _NOT_WORD.sub(" ", _fold(text))
        return "".join(_levelled(text[start : start + _SLICE]) for start in range(0, len(text), _SLICE))
    return raw.translate(_LATIN).decode("latin-1")


class Piece:
    """A stretch of a text with REACH characters around it.

    Attributes:
        offset: where its text begins in the whole one.
        text: with what is around it.
        words: all of them, folded.
    """

    __slots__ = ("_first", "_last", "_levelled", "offset", "text", "words")

    def __init__(self, text: str, start: int, end: int) -> None:
        self.offset = max(0, start - REACH)
        self.text = text[self.offset : end + REACH]
        self._first, self._last = start - self.offset, end - self.offset
        self._levelled = f" {_levelled(self.text)} "
        self.words = self._levelled.split()

    def owns(self, place: int) -> bool:
        """Whether a place in `text` is this piece's own, not a neighbour's."""
        return self._first <= place < self._last

    def places(self, wanted: Container[str]) -> Iterator[tuple[int, int]]:
        """(number, place in `text`) of each wanted word that begins in the stretch itself."""
        place = 0
        for number in compress(count(), map(wanted.__contains__, self.words)):
            place = self._levelled.index(f" {self.words[number]} ", place)
            if self.owns(place):
                yield number, place
            place += 1 + len(self.words[number])

    def span(self, number: int, place: int, first: int, last: int) -> tuple[int, int]:
        """Where words `first` to `last` are in `text`, given the place of word `number` among them."""
        start, end = place + 1, place + 1 + len(self.words[number])
        for before in range(number - 1, first - 1, -1):
            start = self._levelled.rindex(self.words[before], 0, start)
        for after in range(number + 1, last + 1):
            end = self._levelled.index(self.words[after], end) + len(self.words[after])
        return start - 1, end - 1


def pieces(text: str) -> Iterator[Piece]:
    """A text in pieces, in order; each word begins in exactly one."""
    return (Piece(text, start, min(start + PIECE, len(text))) for start in range(0, len(text), PIECE))


class Sighted(Generic[T]):
    """Which of a text's words lead to something, each asked once.

    Args:
        sift: of many words those that may.
        look_up: what a word leads to; falsy for nothing.
    """

    def __init__(self, sift: Callable[[Iterable[str]], Iterable[str]], look_up: Callable[[str], T]) -> None:
        self._sift = sift
        self._look_up = look_up
        self._seen: set[str] = set()
        self._known: dict[str, T] = {}

    def among(self, words: Iterable[str]) -> dict[str, T]:
        """What those of the words lead to that lead to something."""
        here = set(words)
        if len(self._seen) > _MAX_SEEN:
            self._seen.clear()
            self._known.clear()
        if new := here - self._seen:
            self._remember(new)
        if not self._known:
            return {}
        return {word: self._known[word] for word in here & self._known.keys()}

    def _remember(self, new: set[str]) -> None:
        self._seen |= new
        for word in self._sift(new):
            if found := self._look_up(word):
                self._known[word] = found


class Index(Generic[T]):
    """Spellings with something attached to each, filed under their first word. For one message.

    Only grows; safe to search while another thread adds.
    """

    def __init__(self) -> None:
        self._spellings: dict[str, T] = {}
        # First word -> (characters before it, length) of each spelling filed there.
        self._shapes: dict[str, tuple[tuple[int, int], ...]] = {}

    def __len__(self) -> int:
        return len(self._spellings)

    def __iter__(self) -> Iterator[str]:
        """The folded spellings."""
        return iter(self._spellings)

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
        shapes = self._shapes
        sighted = Sighted(lambda new: filter(shapes.__contains__, new), shapes.__getitem__)
        for piece in pieces(folded):
            wanted = sighted.among(piece.words)
            for number, place in piece.places(wanted) if wanted else ():
                yield from self._at(folded, piece.offset + place, wanted[piece.words[number]])

    def _at(self, folded: str, place: int, shapes: tuple[tuple[int, int], ...]) -> Iterator[tuple[int, int, T]]:
        for lead, length in shapes:
            start = place - lead
            end = start + length
            inside = start >= 0 and end <= len(folded)
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
