"""Parts of a text, rewritten, with the way back to the characters that they were written with. No I/O."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from heapq import merge
from typing import NamedTuple

from ...types import Finding

REACH = 2048
"""How far a part of a text is widened to the next edge, in characters."""
SPACES = " \t\r\n"


class View(NamedTuple):
    """A part of a text, as it reads without its disguise.

    Attributes:
        start, end: the part of the original that was rewritten.
        text: what it says.
        starts, ends: where each character of `text` begins and ends in the original; None if only the whole part can
            be replaced (base64, ...).
        only: the one entity type that counts here; "" for any.
        partial: whether the encoded run says more than `text`.
    """

    start: int
    end: int
    text: str
    starts: Sequence[int] | None = None
    ends: Sequence[int] | None = None
    only: str = ""
    partial: bool = False

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a non-empty span of `text` stands in the original. Reversed text runs backwards."""
        if self.starts is None or self.ends is None:
            return self.start, self.end
        return min(self.starts[start], self.starts[end - 1]), max(self.ends[start], self.ends[end - 1])

    def back(self, found: Finding) -> Finding:
        """A finding in the view as a finding in the original text."""
        start, end = self.span(found.start, found.end)
        decoded = self.text[found.start : found.end]
        if self.starts is None and (self.partial or self._says_more(found)):
            decoded = self.text
        return found._replace(start=start, end=end, decoded=decoded)

    def _says_more(self, found: Finding) -> bool:
        return bool(self.text[: found.start].strip() or self.text[found.end :].strip())

    def begins_in_escape(self, offset: int, text: str) -> bool:
        r"""Whether an offset into the original `text` lies inside what the view reads as an escape with a backslash."""
        if self.starts is None or self.ends is None or self.starts[0] > self.starts[-1]:
            return False
        before = bisect_left(self.starts, offset) - 1
        return before >= 0 and offset < self.ends[before] and text[self.starts[before]] == "\\"

    def within(self, outer: "View") -> "View":
        """This view of `outer.text` as a view of the text that `outer` is a view of."""
        start, end = outer.span(self.start, self.end)
        only = self.only or outer.only
        if outer.starts is None or outer.ends is None:
            partial = outer.partial or bool(outer.text[: self.start].strip() or outer.text[self.end :].strip())
            return View(start, end, self.text, None, None, only, partial or self.partial)
        if self.starts is None or self.ends is None:
            return View(start, end, self.text, None, None, only, self.partial)
        first, last = outer.starts, outer.ends
        starts = [min(first[a], first[b - 1]) for a, b in zip(self.starts, self.ends, strict=True)]
        ends = [max(last[a], last[b - 1]) for a, b in zip(self.starts, self.ends, strict=True)]
        return View(start, end, self.text, starts, ends, only)


Later = Callable[[], re.Pattern[str]]
"""A pattern that is compiled when first asked for: compiling them all takes as long as half the start."""


def later(source: str, flags: int = 0) -> Later:
    """`re.compile`, later."""
    return cache(partial(re.compile, source, flags))


Replace = Callable[[re.Match[str]], str | None]
"""What a match says: any number of characters, or None if it says what it spells."""


def rewrite(text: str, start: int, end: int, pattern: Later, replace: Replace, only: str = "") -> View | None:
    """text[start:end] with every match replaced; None if nothing is. `pattern` matches at least one character."""
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = start
    for match in pattern().finditer(text, start, end):
        new = replace(match)
        if new is None:
            continue
        first, last = match.span()
        parts += text[position:first], new
        starts += range(position, first)
        ends += range(position + 1, first + 1)
        starts += [first] * len(new)
        ends += [last] * len(new)
        position = last
    if position == start:
        return None
    parts.append(text[position:end])
    starts += range(position, end)
    ends += range(position + 1, end + 1)
    return View(start, end, "".join(parts), starts, ends, only) if starts else None


def windows(text: str, signs: Iterable[int], margin: int, edges: str = SPACES) -> Iterator[tuple[int, int]]:
    """Disjoint parts of a text around ascending offsets: `margin` to both sides, then on to the next edge."""
    start = end = -1
    right = _up_to(edges)
    for sign in signs:
        if sign + margin < end:
            continue
        near = end >= 0 and sign - margin <= end
        first = start if near else _left(text, max(0, sign - margin), edges)
        if first > end or end < 0:
            if end >= 0:
                yield start, end
            start = first
        found = right.match(text, min(len(text), sign + margin))
        end = found.end() if found else len(text)
    if end >= 0:
        yield start, end


@cache
def _up_to(edges: str) -> re.Pattern[str]:
    return re.compile(rf"[^{re.escape(edges)}]{{0,{REACH}}}")


def _left(text: str, at: int, edges: str) -> int:
    floor = max(0, at - REACH)
    piece = text[floor:at]
    return floor + max(piece.rfind(edge) for edge in edges) + 1


def rewritten(
    text: str, sign: Later, pattern: Later, replace: Replace, margin: int, edges: str = SPACES, only: str = ""
) -> Iterator[View]:
    """Views of the parts of a text that show a sign."""
    for start, end in windows(text, offsets(text, sign), margin, edges):
        view = rewrite(text, start, end, pattern, replace, only)
        if view is not None:
            yield view


def offsets(text: str, *signs: Later) -> Iterator[int]:
    """Where a text shows any of the signs, ascending."""
    return merge(*((match.start() for match in sign().finditer(text)) for sign in signs))
