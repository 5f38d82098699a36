"""Many texts as one, so that looking for what is nowhere costs one search. No I/O."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

from .words import fold

SEPARATOR = "\n\x01\n"
"""Between two texts. No rule matches \\x01, so nothing found reaches from one into the next."""


class Joined:
    """Texts joined by SEPARATOR.

    Attributes:
        text: all of them.
        texts: each.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.text = SEPARATOR.join(texts)
        self._starts = list(accumulate((len(text) + len(SEPARATOR) for text in texts), initial=0))

    @cached_property
    def folded(self) -> str:
        """`text` in lower case, with the same offsets."""
        return fold(self.text)

    def locate(self, start: int, end: int) -> tuple[int, int, int]:
        """(index of the text, start, end) of a span of `text`; the end is cut to the text's own."""
        index = bisect_right(self._starts, start) - 1
        first = self._starts[index]
        return index, start - first, min(end - first, len(self.texts[index]))
