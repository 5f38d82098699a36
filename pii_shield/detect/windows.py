"""Where in a text a rule is worth trying: around its anchors, in runs of digits, at known first names. No I/O.

The reference engine asks for all windows of a text (`Windows.of`); the fast path asks what of its candidates
lies inside windows (`Windows.within`), and looks no farther than that. Both allow the same matches.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from ..checks import digits
from ..rules import Rule
from .joined import Joined

Span = tuple[int, int]

# Runs of digits with what may stand between them.
NUMBER_RUN = re.compile(r"[+(]{0,2}\d[\d().\-/+ \u00a0\u2010-\u2013]*")


class _Kind(NamedTuple):
    """A kind of window.

    Attributes:
        run: the windows.
        least: the shortest, in characters.
        block: characters of which alone a run is made; runs in different blocks do not know of each other.
    """

    run: re.Pattern[str]
    least: int
    block: re.Pattern[str]


_KINDS = {
    "number": _Kind(NUMBER_RUN, 6, re.compile(r"[\d().\-/+ \u00a0\u2010-\u2013]*")),
    "colon": _Kind(
        re.compile(r"[0-9A-Fa-f]{0,4}(?::|-(?=[0-9A-Fa-f]{2}-))[0-9A-Fa-f:.%-]+"), 5, re.compile(r"[0-9A-Fa-f:.%-]*")
    ),
    "token": _Kind(re.compile(r"[\w.~+/=:%-]{18,}"), 18, re.compile(r"[\w.~+/=:%-]*")),
    "name": _Kind(re.compile(r"[A-Z][a-zà-ÿ]{2,14}"), 3, re.compile(r"[A-Za-zà-ÿ]*")),
}
_CONTEXT_WIDTH = 80
"""Longest match that a context word behind it may follow, in characters."""
_RARE = 256
"""Fewer candidates than one in so many characters, and anchors are looked for around them only."""
_FEW_RUNS = 256
"""The same for runs, over all rules: of more, it pays to find all that there are."""
_STEP = 256
"""How far back is looked at once for the beginning of a block."""


_LETTERS = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=4096)
def _first_run(word: str) -> str:
    """The letters that a context word begins with, after what is no letter; "" if it has none."""
    match = _LETTERS.search(word)
    return match[0] if match is not None else ""


class Windows:
    """The windows of one joined text; what was worked out for one rule serves the next.

    Args:
        joined: the text.
        names: lower-case first names.
    """

    def __init__(self, joined: Joined, names: frozenset[str]) -> None:
        self._joined = joined
        self._names = names
        self._all: dict[str, list[Span]] = {}
        self._spans: dict[tuple[str, int, int, int], list[Span]] = {}
        self._asked: dict[str, int] = {}
        self._digits: dict[Span, int] = {}
        self._token_runs = ""
        self._runs: frozenset[str] = frozenset()
        # By kind: the stretch of text that was looked at last, and its runs.
        self._last: dict[str, tuple[int, int, list[Span]]] = {}

    def of(self, rule: Rule, needs_context: bool) -> Iterable[Span]:
        """Spans in which a match of a rule can begin; none if a cheap sign says that it cannot match at all.

        Args:
            needs_context: whether the rule counts only near a word of its context.
        """
        if rule.window == "token":
            runs = self._everywhere(rule)
            return runs if not rule.anchors or any(anchor in self._tokens() for anchor in rule.anchors) else ()
        text = self._anchored(rule)
        if rule.anchors:
            present = [anchor for anchor in rule.anchors if anchor in text]
            if not present or not any(rule.reach):
                return ((0, len(text)),) if present else ()
            return _widened(_occurrences(text, present, 0, len(text), sum(rule.reach)), *rule.reach)
        if rule.window:
            return self._everywhere(rule)
        if needs_context:
            folded = self._joined.folded
            present_runs = self._letters()
            words = [word for word in map(str.lower, rule.context) if _first_run(word) in present_runs]
            return _widened(_words(folded, words, 0, len(folded)), *_around_words(rule))
        return ((0, len(text)),)

    def within(self, rule: Rule, needs_context: bool, candidates: Sequence[Span]) -> Iterable[Span]:
        """What of the candidates (sorted by their start) lies in the rule's windows.

        Candidates of a rule that needs context are where a word of its context may stand, not where it may match.
        """
        if rule.anchors:
            if any(rule.reach) and not rule.window:
                if len(candidates) * _RARE > len(self._joined.text):
                    return _both(self.of(rule, needs_context), candidates)
                return _anchors_within(rule, self._anchored(rule), candidates)
            text = self._anchored(rule)
            if not any(anchor in text for anchor in rule.anchors):
                return ()
        if rule.window:
            return self._runs_within(rule, candidates)
        if needs_context and not rule.anchors:
            folded = self._joined.folded
            words = [word.lower() for word in rule.context]
            places = {span for start, end in candidates for span in _words(folded, words, start, end)}
            return _widened(places, *_around_words(rule))
        return candidates

    def _tokens(self) -> str:
        """All runs of the kind "token"."""
        if not self._token_runs:
            text = self._joined.text
            self._token_runs = "\n".join([text[start:end] for start, end in self._all["token"]])
        return self._token_runs

    def _letters(self) -> frozenset[str]:
        """Every run of letters in the folded text, and the empty one: a word that is there begins with one of them."""
        if not self._runs:
            self._runs = frozenset(("", *_LETTERS.findall(self._joined.folded)))
        return self._runs

    def _anchored(self, rule: Rule) -> str:
        return self._joined.folded if rule.ignore_case else self._joined.text

    def _runs_within(self, rule: Rule, candidates: Sequence[Span]) -> Iterable[Span]:
        asked = self._asked[rule.window] = self._asked.get(rule.window, 0) + len(candidates)
        if rule.window in self._all or asked * _FEW_RUNS > len(self._joined.text):
            return _both(self._everywhere(rule), candidates)
        return self._runs_around(rule, candidates)

    def _runs_around(self, rule: Rule, candidates: Sequence[Span]) -> Iterator[Span]:
        before, after = rule.reach
        for start, end in candidates:
            runs = self._enough(rule, self._near(rule.window, start - after, end + before))
            yield from _common(_widened(runs, before, after), start, end)

    def _near(self, window: str, start: int, end: int) -> list[Span]:
        """All runs that touch [start, end], and perhaps more."""
        last = self._last.get(window)
        if last is not None and last[0] <= start and end <= last[1]:
            return last[2]
        text, block = self._joined.text, _KINDS[window].block
        start = max(0, start)
        while start > 0 and (size := _measure(block, text[max(0, start - _STEP) : start][::-1])):
            start -= size
        match = block.match(text, min(len(text), end))
        end = match.end() if match is not None else end
        runs = self._find(window, start, end)
        self._last[window] = (start, end, runs)
        return runs

    def _everywhere(self, rule: Rule) -> Sequence[Span]:
        key = rule.window, rule.digits, *rule.reach
        spans = self._spans.get(key)
        if spans is None:
            runs = self._all.get(rule.window)
            if runs is None:
                runs = self._all[rule.window] = self._find(rule.window, 0, len(self._joined.text))
            spans = self._spans[key] = _widened(self._enough(rule, runs), *rule.reach)
        return spans

    def _enough(self, rule: Rule, runs: list[Span]) -> list[Span]:
        """The runs with as many digits as a rule wants."""
        if rule.window != "number":
            return runs
        return [run for run in runs if self._count(run) >= rule.digits]

    def _count(self, run: Span) -> int:
        count = self._digits.get(run)
        if count is None:
            count = self._digits[run] = len(digits(self._joined.text[run[0] : run[1]]))
        return count

    def _find(self, window: str, start: int, end: int) -> list[Span]:
        kind, text = _KINDS[window], self._joined.text
        if window == "name":
            found = kind.run.finditer(text, start, end)
            return [(m.start(), m.start() + 1) for m in found if m[0].lower() in self._names]
        return [m.span() for m in kind.run.finditer(text, start, end) if m.end() - m.start() >= kind.least]


def _anchors_within(rule: Rule, text: str, candidates: Sequence[Span]) -> Iterator[Span]:
    before, after = rule.reach
    for start, end in candidates:
        near = _occurrences(text, rule.anchors, start - after + 1, end + before, before + after)
        yield from _common(_widened(near, before, after), start, end)


def _measure(block: re.Pattern[str], text: str) -> int:
    match = block.match(text)
    return match.end() if match is not None else 0


def _common(spans: Iterable[Span], start: int, end: int) -> Iterator[Span]:
    """What of sorted spans lies in [start, end)."""
    for first, last in spans:
        if first < end and last > start:
            yield max(first, start), min(last, end)


def _both(spans: Iterable[Span], others: Sequence[Span]) -> Iterator[Span]:
    """What lies in spans and in others; both sorted and apart from each other."""
    place, count = 0, len(others)
    for start, end in spans:
        while place < count and others[place][1] <= start:
            place += 1
        index = place
        while index < count and others[index][0] < end:
            yield max(start, others[index][0]), min(end, others[index][1])
            index += 1


def _widened(spans: Iterable[Span], before: int, after: int) -> list[Span]:
    """Spans with what is before and after them, sorted, those that touch merged."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        start, end = max(0, start - before), end + after
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _occurrences(text: str, anchors: Sequence[str], start: int, end: int, gap: int) -> Iterator[Span]:
    """The places of anchors that begin in [start, end): from the first to the last of those no farther than `gap`."""
    for anchor in anchors:
        size = len(anchor)
        last = end + size - 1
        place = text.find(anchor, max(0, start), last)
        while place >= 0:
            first = place
            while (far := text.rfind(anchor, place + 1, min(last, place + gap + size))) >= 0:
                place = far
            yield first, place
            place = text.find(anchor, place + 1, last)


def _around_words(rule: Rule) -> tuple[int, int]:
    before, after = rule.near
    return after + _CONTEXT_WIDTH if after else 0, before + 2


def _words(folded: str, words: Sequence[str], start: int, end: int) -> Iterator[Span]:
    """Every place of a word that begins in [start, end) and is not part of a longer one, as an empty span."""
    for word in words:
        last = end + len(word) - 1
        place = folded.find(word, start, last)
        while place >= 0:
            if not (folded[place - 1 : place].isalpha() or folded[place + len(word) : place + len(word) + 1].isalpha()):
                yield place, place
            place = folded.find(word, place + 1, last)
