"""A text as the tagger reads it: its tokens, each with what is known of the word, worked out once per word. No I/O.

Tokens never reach over white space, so what stands between two spaces has the same tokens wherever it stands; and of
each place in a text one letter says all that is needed to see which places are worth more than a look.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate, chain
from typing import Generic, NamedTuple, TypeVar

from .features import BREAK, PAD, glue_of, mark_of, tokens_of
from .lexicon import Word, word_of

KEPT = 20_000
"""Words, and stretches between spaces, that are remembered."""
LONGEST_KEPT = 48
"""The longest of them, in code points."""
K = TypeVar("K")
_PIECE = re.compile(r"\S+")
_NEW_LINE = "\n"


class Seat(Generic[K]):
    """A token in its place.

    Attributes:
        known: what is known of its word.
        glue: see `features.glue_of`.
        text: the token.
        at: where it begins in the stretch between spaces that it stands in.
    """

    __slots__ = ("at", "glue", "known", "text")

    def __init__(self, known: K, glue: str, text: str, at: int) -> None:
        self.known = known
        self.glue = glue
        self.text = text
        self.at = at


class Row(NamedTuple, Generic[K]):
    """The tokens of a text, PAD empty ones before and after included.

    Attributes:
        seats: each token in its place.
        marks: a letter for each, see `features.mark_of`.
        pieces: the stretches between spaces, and line breaks.
        by_piece: the marks of each.
        lines: where each line begins in the text, and the number of its first piece.
    """

    seats: list[Seat[K]]
    marks: str
    pieces: list[str]
    by_piece: Sequence[str]
    lines: list[tuple[int, int]]


class Places(Generic[K]):
    """Where the tokens of a text begin in it; looked up line by line.

    Args:
        text, row: the text, taken apart.
    """

    def __init__(self, text: str, row: Row[K]) -> None:
        self._text = text
        self._row = row
        self._first_tokens: list[int] = []
        self._first_pieces: list[int] = []
        self._starts: dict[int, list[int]] = {}

    def of(self, index: int) -> int:
        """The offset of a token that is neither padding nor a line break."""
        if not self._starts:
            self._first_tokens = list(accumulate(map(len, self._row.by_piece), initial=PAD))
            self._first_pieces = [piece for _, piece in self._row.lines]
        piece = bisect_right(self._first_tokens, index) - 1
        line = bisect_right(self._first_pieces, piece) - 1
        starts = self._starts.get(line)
        if starts is None:
            starts = self._starts[line] = self._line(self._row.lines[line][0])
        return starts[piece - self._row.lines[line][1]] + self._row.seats[index].at

    def _line(self, start: int) -> list[int]:
        end = self._text.find("\n", start)
        return [piece.start() for piece in _PIECE.finditer(self._text, start, end if end >= 0 else len(self._text))]


class Reader(Generic[K]):
    """Takes texts apart. Safe to use from several threads at once.

    Args:
        classes: of the dictionary.
        look: what is known of a word.
    """

    def __init__(self, classes: Mapping[str, str], look: Callable[[Word], K]) -> None:
        self._classes = classes
        self._look = look
        self._words: dict[str, tuple[K, str]] = {}
        self._read: dict[str, tuple[tuple[Seat[K], ...], str]] = {}
        nothing = Word("", "", "")
        self._padding = [Seat(look(nothing), "", "", -1)] * PAD
        self._outside = mark_of(nothing) * PAD
        known, mark = self._word(BREAK)
        self._break = (Seat(known, "", BREAK, 0),), mark

    def read(self, text: str) -> Row[K]:
        """The tokens of a text."""
        pieces: list[str] = []
        lines: list[tuple[int, int]] = []
        place = 0
        for line in text.split("\n"):
            # White space with any line breaks in it is one token.
            if place and (not pieces or pieces[-1] != _NEW_LINE):
                pieces.append(_NEW_LINE)
            lines.append((place, len(pieces)))
            pieces += line.split()
            place += len(line) + 1
        get = self._read.get
        found = [get(piece) or self._learn(piece) for piece in pieces]
        tokens, marks = zip(*found, strict=True) if found else ((), ())
        seats = [*self._padding, *chain.from_iterable(tokens), *self._padding]
        return Row(seats, f"{self._outside}{''.join(marks)}{self._outside}", pieces, marks, lines)

    def _learn(self, piece: str) -> tuple[tuple[Seat[K], ...], str]:
        if piece == _NEW_LINE:
            return self._break
        tokens, offsets = tokens_of(piece)
        words = [self._word(token) for token in tokens[PAD:-PAD]]
        seats = tuple(
            Seat(known, glue_of(tokens, offsets, index), tokens[index], offsets[index])
            for index, (known, _) in enumerate(words, PAD)
        )
        read = seats, "".join(mark for _, mark in words)
        if len(self._read) >= KEPT:
            self._read = {}
        if len(piece) <= LONGEST_KEPT:
            self._read[piece] = read
        return read

    def _word(self, token: str) -> tuple[K, str]:
        entry = self._words.get(token)
        if entry is None:
            word = word_of(token, self._classes)
            entry = self._look(word), mark_of(word)
            if len(self._words) >= KEPT:
                self._words = {}
            if len(token) <= LONGEST_KEPT:
                self._words[token] = entry
        return entry
