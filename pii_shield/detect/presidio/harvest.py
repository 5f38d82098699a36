"""Presidio's pattern recognisers, searched for in one pass; results as `recognizer.analyze` gives them. No I/O.

Vectorscan says where a pattern may match; there its own compiled regex is run, then its own validation. What cannot be
searched for that way runs over the whole text. A regex that takes too long raises: the message is blocked, not passed.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import regex  # type: ignore[import-untyped]
from presidio_analyzer import PatternRecognizer

from ..database import Row, Source
from ..relaxed import UNBOUNDED
from ..scanner import EDGE, Candidate, Scanner, Unscannable

TIMEOUT = 5.0
"""Seconds one pattern may take in one text."""
FEW = 256
"""Places up to which a pattern without a longest match is tried one by one."""

_KNOWN_FLAGS = regex.I | regex.M | regex.S | regex.X | regex.A | regex.U | regex.VERSION0
# What `regex` reads otherwise than `re`: POSIX classes, fuzzy matching, sets of sets.
_FOREIGN = re.compile(r"\[:\^?\w+:\]|\{[^}]*[a-z<=]|\[\[|--|&&|\|\||~~")


class Hit(NamedTuple):
    """A result: recogniser by number, and what it says."""

    recognizer: int
    start: int
    end: int
    score: float


class _Pattern(NamedTuple):
    recognizer: int
    score: float
    compiled: Any
    flags: int


class Harvest:
    """The pattern recognisers among some recognisers.

    Attributes:
        recognizers: those that are harvested.
        others: those that have code of their own and must be asked themselves.
    """

    def __init__(self, recognizers: Iterable[Any]) -> None:
        self.recognizers: list[Any] = []
        self.others: list[Any] = []
        for recognizer in recognizers:
            (self.recognizers if is_plain(recognizer) else self.others).append(recognizer)
        self._patterns = [
            _Pattern(number, pattern.score, regex.compile(pattern.regex, flags=flags), int(flags))
            for number, recognizer in enumerate(self.recognizers)
            for flags in (recognizer.global_regex_flags,)
            for pattern in recognizer.patterns
        ]
        self._scanner: Scanner | None = None

    def sources(self) -> list[Source]:
        """What a scanner must look for, in order. An empty pattern stands for one that cannot be searched for."""
        return [
            Source(
                "" if _is_foreign(pattern) else pattern.compiled.pattern, pattern.flags & int(re.I | re.M | re.S | re.X)
            )
            for pattern in self._patterns
        ]

    def use(self, scanner: Scanner) -> None:
        """Search with a scanner of `sources` from now on."""
        if len(scanner.rows) != len(self._patterns):
            raise ValueError("a scanner of other patterns")
        self._scanner = scanner

    def find(self, texts: Sequence[str]) -> list[list[Hit]]:
        """Results per text: of each recogniser what its `analyze` returns, without explanations.

        Raises:
            TimeoutError: a pattern took too long.
        """
        results: list[list[Hit]] = [[] for _ in texts]
        judged: dict[tuple[int, str], float] = {}
        for index, pattern, span in self._matches(texts):
            start, end = span
            spelling = texts[index][start:end]
            score = judged.get((id(pattern), spelling))
            if score is None:
                score = judged[id(pattern), spelling] = self._judge(pattern, spelling)
            if score > 0:
                results[index].append(Hit(pattern.recognizer, start, end, score))
        return [_distinct(hits) if len(hits) > 1 else hits for hits in results]

    def _judge(self, pattern: _Pattern, spelling: str) -> float:
        recognizer = self.recognizers[pattern.recognizer]
        valid = recognizer.validate_result(spelling)
        score: float = pattern.score if valid is None else 1.0 if valid else 0.0
        return 0.0 if recognizer.invalidate_result(spelling) else score

    def _matches(self, texts: Sequence[str]) -> Iterator[tuple[int, _Pattern, tuple[int, int]]]:
        """(index of the text, pattern, span) of every match that is not empty."""
        found = self._scan(texts)
        for number, pattern in enumerate(self._patterns):
            row = found.rows[number] if found else None
            if found is None or row is None or not row.scanned:
                for index, text in enumerate(texts):
                    for match in pattern.compiled.finditer(text, timeout=TIMEOUT):
                        if match.end() > match.start():
                            yield index, pattern, match.span()
                continue
            for index, places in found.places.get(number, {}).items():
                for span in _confirmed(pattern.compiled, texts[index], places, row):
                    yield index, pattern, span

    def _scan(self, texts: Sequence[str]) -> "_Found | None":
        if self._scanner is None:
            return None
        try:
            candidates = self._scanner.scan(EDGE.join(texts))
        except Unscannable:
            return None
        starts: list[int] = []
        position = 0
        for text in texts:
            starts.append(position)
            position += len(text) + 1
        places: dict[int, dict[int, list[Candidate]]] = {}
        for number, events in candidates.found.items():
            of_text = places[number] = {}
            for first, last in events:
                # One candidate may run over the end of a text, and then counts in each that it touches.
                for index in range(bisect_right(starts, max(first, 0)) - 1, bisect_right(starts, last - 1)):
                    begin = starts[index]
                    place = max(0, first - begin), min(last - begin, len(texts[index]) + 1)
                    of_text.setdefault(index, []).append(place)
        return _Found(candidates.rows, places)


class _Found(NamedTuple):
    rows: tuple[Row, ...]
    places: dict[int, dict[int, list[Candidate]]]


def is_plain(recognizer: Any) -> bool:
    """Whether a recogniser does nothing but match, validate and invalidate."""
    return isinstance(recognizer, PatternRecognizer) and all(
        getattr(type(recognizer), name) is getattr(PatternRecognizer, name)
        for name in ("analyze", "enhance_using_context")
    )


def _is_foreign(pattern: _Pattern) -> bool:
    return bool(pattern.flags & ~int(_KNOWN_FLAGS)) or _FOREIGN.search(pattern.compiled.pattern) is not None


def _confirmed(compiled: Any, text: str, places: Sequence[Candidate], row: Row) -> Iterator[tuple[int, int]]:
    """What `finditer` over the whole text would find, looking only at candidates."""
    bounded = row.width < UNBOUNDED
    position = 0
    for first, last in places:
        position = max(position, first)
        while position < last:
            if bounded:
                match = compiled.search(text, position, min(len(text), last + row.width + 2), timeout=TIMEOUT)
            elif last - position <= FEW:
                match = _begins(compiled, text, position, last)
            else:
                match = compiled.search(text, position, timeout=TIMEOUT)
            if match is None or match.start() >= last:
                position = last
                break
            yield match.span()
            position = match.end()


def _begins(compiled: Any, text: str, first: int, last: int) -> Any:
    """The first match that begins in [first, last)."""
    for place in range(first, last):
        match = compiled.match(text, place, timeout=TIMEOUT)
        if match is not None:
            return match
    return None


def _distinct(hits: list[Hit]) -> list[Hit]:
    """Each recogniser's hits as `EntityRecognizer.remove_duplicates` leaves them."""
    kept: list[Hit] = []
    active: list[Hit] = []
    for hit in sorted(set(hits), key=lambda hit: (hit.recognizer, hit.start, -hit.end, -hit.score)):
        active = [other for other in active if other.recognizer == hit.recognizer and other.end >= hit.start]
        if not any(hit.start >= other.start and hit.end <= other.end and hit.score <= other.score for other in active):
            kept.append(hit)
            active.append(hit)
    return kept
