"""Pattern rules over many texts at once: look only where a cheap sign shows, in bounded pieces. No I/O.

All texts of a message are joined, so that a rule whose sign (an "@", a key prefix, a run of digits) is nowhere costs one
search. No rule can match the separator's \\x01, so no match joins two texts.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ..checks import Check
from ..rules import MAX_WIDTH, Rule
from ..types import Finding

SEPARATOR = "\n\x01\n"
CHUNK = 48 * 1024
"""Characters one regex call may search before another thread may run; with the overlap below 64 Ki."""
AVOID_BEFORE = 24
BEHIND = 20
"""How far a match may reach out of its window, in characters: "ext. 1234" after a phone number."""

# Runs of digits with what may stand between them; nothing numeric can lie outside.
NUMBER_RUN = re.compile(r"[+(]{0,2}\d[\d().\-/+ \u00a0\u2010-\u2013]*")
_COLON_RUN = re.compile(r"[0-9A-Fa-f]{0,4}(?::|-(?=[0-9A-Fa-f]{2}-))[0-9A-Fa-f:.%-]+")
_LAST_GROUP = re.compile(r"[\s().\-/,;\u00a0\u2010-\u2013]+[^\s().\-/,;\u00a0\u2010-\u2013]*$")

Span = tuple[int, int]


class _Rule:
    """A rule with what is compiled from it, when it is first needed."""

    __slots__ = ("_avoid", "_context", "_pattern", "check", "row")

    def __init__(self, row: Rule, check: Check | None) -> None:
        self.row = row
        self.check = check
        self._pattern: re.Pattern[str] | None = None
        self._context: re.Pattern[str] | None = None
        self._avoid: re.Pattern[str] | None = None

    @property
    def pattern(self) -> re.Pattern[str]:
        if self._pattern is None:
            self._pattern = re.compile(self.row.pattern, re.VERBOSE | (re.IGNORECASE if self.row.ignore_case else 0))
        return self._pattern

    @property
    def context(self) -> re.Pattern[str]:
        if self._context is None:
            self._context = _any_word(self.row.context)
        return self._context

    @property
    def avoid(self) -> re.Pattern[str]:
        if self._avoid is None:
            self._avoid = _any_word(self.row.avoid)
        return self._avoid


def _any_word(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(r"(?<![^\W\d_])(?:" + "|".join(map(re.escape, words)) + r")(?![^\W\d_])", re.IGNORECASE)


class Patterns:
    """Pattern rules, ready to run."""

    def __init__(self, rules: Sequence[Rule], checks: Mapping[str, Check], threshold: float) -> None:
        self._rules = [_Rule(row, checks[row.check] if row.check else None) for row in rules]
        self._threshold = threshold

    def find(self, texts: Sequence[str], name_of: Callable[[int], str]) -> list[list[Finding]]:
        """Findings per text, unsorted and overlapping. `name_of(i)` gives the words of the i-th text's field name."""
        result: list[list[Finding]] = [[] for _ in texts]
        if not texts:
            return result
        starts, position = [], 0
        for text in texts:
            starts.append(position)
            position += len(text) + len(SEPARATOR)
        joined = SEPARATOR.join(texts)
        for rule, span in self._spans(joined):
            index = bisect_right(starts, span[0]) - 1
            text, start = texts[index], span[0] - starts[index]
            # White space at the end of a pattern may take the separator's line break with it.
            end = min(start + span[1] - span[0], len(text))
            score = self._score(rule, text, start, end, name_of, index)
            if score >= self._threshold and start < end:
                result[index].append(Finding(rule.row.type, start, end, score, rule.row.id))
        return result

    def _spans(self, joined: str) -> Iterator[tuple[_Rule, Span]]:
        """Every checked match in the joined text, rule by rule."""
        lower = ""
        windows: dict[str, list[Span]] = {}
        for rule in self._rules:
            row = rule.row
            if row.anchors:
                lower = lower or (joined.lower() if row.ignore_case else "")
                haystack = lower if row.ignore_case and len(lower) == len(joined) else joined
                if not any(anchor in haystack for anchor in row.anchors):
                    continue
            else:
                haystack = joined
            if row.window:
                if row.window not in windows:
                    windows[row.window] = _runs(joined, row.window)
                places: Iterable[Span] = windows[row.window]
            else:
                places = _around(haystack, row.anchors, row.reach) if any(row.reach) else ((0, len(joined)),)
            for start, end in places:
                for span in _matches(rule, joined, start, end):
                    yield rule, span

    def _score(
        self, rule: _Rule, text: str, start: int, end: int, name_of: Callable[[int], str], index: int
    ) -> float:
        row = rule.row
        if row.avoid and (
            rule.avoid.search(text, max(0, start - AVOID_BEFORE), start) or rule.avoid.search(name_of(index))
        ):
            return 0.0
        if not row.context:
            return row.score
        near = (
            rule.context.search(text, max(0, start - row.near[0]), start)
            or rule.context.search(text, end, min(len(text), end + row.near[1]))
            or rule.context.search(name_of(index))
        )
        return max(row.context_score, row.score) if near else row.score


def _runs(text: str, window: str) -> list[Span]:
    if window == "number":
        return [m.span() for m in NUMBER_RUN.finditer(text) if m.end() - m.start() >= 7]
    return [m.span() for m in _COLON_RUN.finditer(text) if m.end() - m.start() >= 5]


def _around(text: str, anchors: Sequence[str], reach: Span) -> list[Span]:
    """Merged windows around every place of an anchor."""
    places = sorted(_occurrences(text, anchors))
    merged: list[Span] = []
    for place in places:
        start, end = max(0, place - reach[0]), min(len(text), place + reach[1])
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def _occurrences(text: str, anchors: Sequence[str]) -> Iterator[int]:
    for anchor in anchors:
        place = text.find(anchor)
        while place >= 0:
            yield place
            place = text.find(anchor, place + len(anchor))


def _matches(rule: _Rule, text: str, start: int, end: int) -> Iterator[Span]:
    """Non-overlapping checked matches that begin in [start, end), searched piece by piece."""
    position = start
    limit = len(text)
    while position < end:
        piece = min(position + CHUNK, end)
        # A match may need characters behind its window: one that it looks ahead to, or its tail beyond the piece.
        stop = min(limit, piece + (MAX_WIDTH if piece < end else BEHIND))
        match = rule.pattern.search(text, position, stop)
        if match is None or match.start() >= piece:
            position = piece
            continue
        span = _accepted(rule, match)
        if span is None:
            position = match.start() + 1
        else:
            yield span
            position = max(span[1], match.start() + 1)


def _accepted(rule: _Rule, match: re.Match[str]) -> Span | None:
    group = "value" if "value" in match.re.groupindex else 0
    start, end = match.span(group)
    check = rule.check
    if check is None or check(match[group]):
        return start, end
    while rule.row.shrink:
        tail = _LAST_GROUP.search(match.string[start:end])
        if tail is None or tail.start() < 7:
            return None
        end = start + tail.start()
        if check(match.string[start:end]):
            return start, end
    return None
