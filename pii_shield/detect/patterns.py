"""Pattern rules over many texts at once: tried only where `windows` says, in bounded pieces. No I/O."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ..checks import Check
from ..rules import MAX_WIDTH, Rule, RuleSet
from ..types import Finding
from .joined import Joined
from .windows import Span, Windows

THRESHOLD = 0.5
"""Findings with a lower score do not count."""
CHUNK = 48 * 1024
"""Characters one regex call may search before another thread may run; with a match's width below 64 Ki."""
AVOID_BEFORE = 24
"""How near a word must stand that means something else, in characters."""
_BEHIND = {"number": 24, "colon": 24, "token": 2, "name": 128}
_ANCHORED, _INTRODUCED = 2, 80
"""How far a match may reach out of its window (of a kind, around an anchor, behind a context word), in characters."""

_LAST_GROUP = re.compile(r"[\s().\-/,;\u00a0\u2010-\u2013]+[^\s().\-/,;\u00a0\u2010-\u2013]*$")
_MIN_SHRUNK = 7


class _Rule:
    """A rule with what is compiled from it, when it is first needed."""

    __slots__ = ("_avoid", "_context", "_pattern", "behind", "check", "row")

    def __init__(self, row: Rule, check: Check | None) -> None:
        self.row = row
        self.check = check
        self._pattern: re.Pattern[str] | None = None
        self._context: re.Pattern[str] | None = None
        self._avoid: re.Pattern[str] | None = None
        self.behind = _BEHIND.get(row.window) or (_ANCHORED if row.anchors else _INTRODUCED)

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
    """Pattern rules, ready to run.

    Args:
        rules: of which the patterns of `types` are used, those not for every day only with `all_rules`.
        checks: functions by name, see `checks.checks`.
    """

    def __init__(self, rules: RuleSet, types: frozenset[str], all_rules: bool, checks: Mapping[str, Check]) -> None:
        rows = [row for row in rules.patterns if row.type in types and (all_rules or row.by_default)]
        self._rules = [_Rule(row, checks[row.check] if row.check else None) for row in rows]
        self._names = rules.words.get("first_names", frozenset())

    def find(self, texts: Sequence[str], name_of: Callable[[int], str]) -> list[list[Finding]]:
        """Findings per text, unsorted and overlapping. `name_of(i)` gives the words of the i-th text's field name."""
        result: list[list[Finding]] = [[] for _ in texts]
        if not texts:
            return result
        joined = Joined(texts)
        windows = Windows(joined, self._names)
        for rule in self._rules:
            for span in windows.of(rule.row, rule.row.score < THRESHOLD):
                for found in _matches(rule, joined.text, *span):
                    index, start, end = joined.locate(*found)
                    score = _score(rule, texts[index], start, end, name_of, index)
                    if score >= THRESHOLD and start < end:
                        result[index].append(Finding(rule.row.type, start, end, score, rule.row.id))
        return result


def _score(rule: _Rule, text: str, start: int, end: int, name_of: Callable[[int], str], index: int) -> float:
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
        or (row.score >= THRESHOLD and rule.context.search(name_of(index)))
    )
    return max(row.context_score, row.score) if near else row.score


def _matches(rule: _Rule, text: str, start: int, end: int) -> Iterator[Span]:
    """Non-overlapping checked matches that begin in [start, end), searched piece by piece."""
    # A window of one character is a known place: there it begins or nowhere.
    search = rule.pattern.match if end - start == 1 else rule.pattern.search
    position = start
    while position < end:
        piece = min(position + CHUNK, end)
        # A match may need characters behind its piece: what it looks ahead to, or its own tail.
        match = search(text, position, piece + (MAX_WIDTH if piece < end else rule.behind))
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
    """The part of a match that passes the rule's check: all of it, or what is left without its last groups."""
    start, end = match.span("value" if "value" in match.re.groupindex else 0)
    check = rule.check
    if check is None or check(match.string[start:end]):
        return start, end
    while rule.row.shrink:
        tail = _LAST_GROUP.search(match.string[start:end])
        if tail is None or tail.start() < _MIN_SHRUNK:
            return None
        end = start + tail.start()
        if check(match.string[start:end]):
            return start, end
    return None
