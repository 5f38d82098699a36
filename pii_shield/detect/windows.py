"""Where in a text a rule is worth trying: around its anchors, in runs of digits, at known first names. No I/O."""

import re
from collections.abc import Iterable, Iterator, Sequence

from ..checks import digits
from ..rules import Rule
from .joined import Joined

Span = tuple[int, int]

# Runs of digits with what may stand between them.
NUMBER_RUN = re.compile(r"[+(]{0,2}\d[\d().\-/+ \u00a0\u2010-\u2013]*")
_COLON_RUN = re.compile(r"[0-9A-Fa-f]{0,4}(?::|-(?=[0-9A-Fa-f]{2}-))[0-9A-Fa-f:.%-]+")
_TOKEN_RUN = re.compile(r"[\w.~+/=:%-]{18,}")
_CAPITALISED = re.compile(r"[A-Z][a-zà-ÿ]{2,14}")
_MIN_NUMBER = 6
_MIN_COLON = 5
_CONTEXT_WIDTH = 80
"""Longest match that a context word behind it may follow, in characters."""


class Windows:
    """The windows of one joined text; each kind is worked out once, when a rule asks for it."""

    def __init__(self, joined: Joined, names: frozenset[str]) -> None:
        self._joined = joined
        self._names = names
        self._kinds: dict[str, list[Span]] = {}
        self._digits: list[int] = []
        self._tokens = ""

    def of(self, rule: Rule, needs_context: bool) -> Iterable[Span]:
        """Spans in which a match of a rule can begin; none if a cheap sign says that it cannot match at all."""
        if rule.window == "token":
            runs = self._run(rule)
            return runs if not rule.anchors or any(anchor in self._tokens for anchor in rule.anchors) else ()
        text = self._joined.folded if rule.ignore_case else self._joined.text
        if rule.anchors:
            present = [anchor for anchor in rule.anchors if anchor in text]
            if not present or not any(rule.reach):
                return ((0, len(text)),) if present else ()
            return _around(text, present, *rule.reach)
        if rule.window:
            return self._run(rule)
        if needs_context:
            near = rule.near
            before = near[1] + _CONTEXT_WIDTH if near[1] else 0
            words = [word for word in map(str.lower, rule.context) if word in self._joined.folded]
            return _around(self._joined.folded, words, before, near[0] + 2)
        return ((0, len(text)),)

    def _run(self, rule: Rule) -> Iterable[Span]:
        runs = self._kinds.get(rule.window)
        if runs is None:
            runs = self._kinds[rule.window] = list(self._find(rule.window))
        if rule.window == "number":
            runs = [span for span, count in zip(runs, self._digits, strict=True) if count >= rule.digits]
        return _widened(runs, *rule.reach) if any(rule.reach) else runs

    def _find(self, window: str) -> Iterator[Span]:
        text = self._joined.text
        if window == "number":
            spans = [m.span() for m in NUMBER_RUN.finditer(text) if m.end() - m.start() >= _MIN_NUMBER]
            self._digits = [len(digits(text[start:end])) for start, end in spans]
            yield from spans
        elif window == "colon":
            yield from (m.span() for m in _COLON_RUN.finditer(text) if m.end() - m.start() >= _MIN_COLON)
        elif window == "token":
            tokens = list(_TOKEN_RUN.finditer(text))
            self._tokens = "\n".join(m[0] for m in tokens)
            yield from (m.span() for m in tokens)
        else:
            yield from self._named(text)

    def _named(self, text: str) -> Iterator[Span]:
        if self._names.isdisjoint(map(str.lower, set(_CAPITALISED.findall(text)))):
            return
        for match in _CAPITALISED.finditer(text):
            if match[0].lower() in self._names:
                yield match.start(), match.start() + 1


def _around(text: str, anchors: Sequence[str], before: int, after: int) -> list[Span]:
    """Merged windows around every place of an anchor."""
    places = sorted(_occurrences(text, anchors))
    return _widened([(place, place) for place in places], before, after)


def _widened(spans: Iterable[Span], before: int, after: int) -> list[Span]:
    merged: list[Span] = []
    for start, end in spans:
        start, end = max(0, start - before), end + after
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _occurrences(text: str, anchors: Sequence[str]) -> Iterator[int]:
    for anchor in anchors:
        place = text.find(anchor)
        while place >= 0:
            yield place
            place = text.find(anchor, place + len(anchor))
