"""Pattern rules over many texts at once: tried only where `windows` says, in bounded pieces. No I/O.

With a scanner, one pass over the text says first which rules can match at all, and where; the findings are the same.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ..checks import Check
from ..rules import MAX_WIDTH, Rule, RuleSet
from ..types import Finding
from . import relaxed
from .database import Source
from .joined import Joined
from .scanner import Candidates, Scanner, Unscannable, merged
from .windows import Span, Windows

THRESHOLD = 0.5
"""Findings with a lower score do not count."""
CHUNK = 48 * 1024
"""Characters one regex call may search before another thread may run; with a match's width below 64 Ki."""
DENSE = 128
"""More candidates of a rule than this, and one more for each so many characters: its windows are sooner found all."""
FEW = 4
MAX_REFUSED = 16
"""A secret may begin anew at so many places inside one that its check refused. A text with more of them is made to cost
time, and what it hides counts as found."""
AVOID_BEFORE = 24
"""How near a word must stand that means something else, in characters."""

_LAST_GROUP = re.compile(r"[\s().\-/,;\u00a0\u2010-\u2013]+[^\s().\-/,;\u00a0\u2010-\u2013]*$")
_MIN_SHRUNK = 7


class _Rule:
    """A rule with what is compiled from it, when it is first needed."""

    __slots__ = ("_avoid", "_context", "_pattern", "_reach", "check", "foreign", "row")

    def __init__(self, row: Rule, check: Check | None) -> None:
        self.row = row
        self.check = check
        self._pattern: re.Pattern[str] | None = None
        self._context: re.Pattern[str] | None = None
        self._avoid: re.Pattern[str] | None = None
        self._reach = -1
        by_context = self.needs_context and not (row.anchors or row.window)
        # Words of the context that a scanner is not asked for: in its text they would look like any others.
        self.foreign = [word.lower() for word in row.context if _is_foreign(word)] if by_context else []

    @property
    def needs_context(self) -> bool:
        """Whether a match counts only near a word of the rule's context."""
        return self.row.score < THRESHOLD

    @property
    def reach(self) -> int:
        """How far from its beginning a match can reach or look, in characters."""
        if self._reach < 0:
            self._reach = min(MAX_WIDTH, relaxed.width(relaxed.parse(self.row.pattern, _flags(self.row))).total + 2)
        return self._reach

    @property
    def source(self) -> Source:
        """What a scanner is to look for: where the rule can match or, if it needs context, where that can stand."""
        if self.needs_context and not (self.row.anchors or self.row.window):
            words = [word for word in self.row.context if not _is_foreign(word)]
            return Source(_any_word(words).pattern.replace("\\ ", _SPACES), int(re.IGNORECASE), starts=False)
        near = self.row.anchors and any(self.row.reach) and not self.row.window
        return Source(self.row.pattern, int(_flags(self.row)), starts=self.row.type not in _RARE and not near)

    @property
    def pattern(self) -> re.Pattern[str]:
        if self._pattern is None:
            self._pattern = re.compile(self.row.pattern, _flags(self.row))
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


_RARE = frozenset({"SECRET", "PASSWORD"})
"""Types so rare that the time to find where one begins does not matter; nor does it where an anchor tells."""
# What `words.fold` makes a plain space of.
_SPACES = "[ \\n\\r\\t\\u00a0\\u202f\\u2009]"


def _flags(row: Rule) -> re.RegexFlag:
    return re.VERBOSE | (re.IGNORECASE if row.ignore_case else re.RegexFlag(0))


def _is_foreign(word: str) -> bool:
    return sum(letter.isascii() for letter in word) < 3 and not word.isascii()


def _any_word(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(r"(?<![^\W\d_])(?:" + "|".join(map(re.escape, words)) + r")(?![^\W\d_])", re.IGNORECASE)


class _ForeignWords:
    """Which rules have a word of their context that a scanner is not asked for in a text; one look for most texts."""

    def __init__(self, rules: Sequence[_Rule]) -> None:
        self._by_sign: dict[str, list[tuple[str, int]]] = {}
        for number, rule in enumerate(rules):
            for word in rule.foreign:
                sign = max(word)  # the last in Unicode's order: the least likely in a text of another script
                self._by_sign.setdefault(sign, []).append((word, number))
        self._signs = re.compile("[" + re.escape("".join(sorted(self._by_sign))) + "]" if self._by_sign else "(?!)")

    def rules_in(self, folded: str) -> frozenset[int]:
        """Numbers of the rules one of whose words is in a folded text."""
        signs = set(self._signs.findall(folded))
        return frozenset(number for sign in signs for word, number in self._by_sign[sign] if word in folded)


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
        self._scanner: Scanner | None = None
        # With a scanner: numbers of the rules that it does not look for, and of those with words it is not asked for.
        self._unscanned: frozenset[int] = frozenset()
        self._foreign = _ForeignWords(())

    def sources(self) -> list[Source]:
        """What a scanner for these rules must look for, in order."""
        return [rule.source for rule in self._rules]

    def use(self, scanner: Scanner) -> None:
        """Search with a scanner of `sources` from now on."""
        if len(scanner.rows) != len(self._rules):
            raise ValueError("a scanner of other rules")
        self._unscanned = frozenset(number for number, row in enumerate(scanner.rows) if not row.scanned)
        self._foreign = _ForeignWords(self._rules)
        self._scanner = scanner

    @property
    def has_scanner(self) -> bool:
        """Whether a scanner is used."""
        return self._scanner is not None

    def find(self, texts: Sequence[str], name_of: Callable[[int], str]) -> list[list[Finding]]:
        """Findings per text, unsorted and overlapping. `name_of(i)` gives the words of the i-th text's field name."""
        result: list[list[Finding]] = [[] for _ in texts]
        if not texts:
            return result
        joined = Joined(texts)
        for rule, windows in self._windows(joined):
            for found in _matches(rule, joined.text, windows):
                index, start, end = joined.locate(*found)
                score = _score(rule, texts[index], start, end, name_of, index)
                if score >= THRESHOLD and start < end:
                    result[index].append(Finding(rule.row.type, start, end, score, rule.row.id))
        return result

    def _windows(self, joined: Joined) -> Iterator[tuple[_Rule, Iterable[Span]]]:
        """Each rule with the spans in which a match can begin."""
        windows = Windows(joined, self._names)
        candidates = self._scan(joined.text)
        if candidates is None:
            for rule in self._rules:
                yield rule, windows.of(rule.row, rule.needs_context)
            return
        dense = DENSE + len(joined.text) // DENSE
        anywhere = self._unscanned
        if not joined.text.isascii():
            anywhere = anywhere | self._foreign.rules_in(joined.folded)
        for number in sorted(anywhere | candidates.found.keys()):
            rule, places = self._rules[number], merged(candidates.found.get(number, []))
            if number in anywhere or len(places) > dense:
                yield rule, windows.of(rule.row, rule.needs_context)
            else:
                yield rule, windows.within(rule.row, rule.needs_context, places)

    def _scan(self, text: str) -> Candidates | None:
        if self._scanner is None:
            return None
        try:
            return self._scanner.scan(text)
        except Unscannable:
            return None


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


def _matches(rule: _Rule, text: str, windows: Iterable[Span]) -> Iterator[Span]:
    """Checked matches that begin in windows, from left to right, none beginning inside another; searched in pieces."""
    search, begins, reach = rule.pattern.search, rule.pattern.match, rule.reach
    position = until = refused = 0
    for start, end in windows:
        position = max(position, start)
        while position < end:
            # To look on for what begins behind the window would be lost work: few places are tried one by one.
            few = end - position <= FEW
            piece = position + 1 if few else min(position + CHUNK, end)
            match = begins(text, position, piece + reach) if few else search(text, position, piece + reach)
            if match is None or match.start() >= piece:
                position = piece
                continue
            span = _accepted(rule, match)
            if span is None:
                if match.start() >= until:
                    until, refused = match.end(), 0
                refused += 1
                if refused > MAX_REFUSED and rule.row.type in _RARE:
                    span = match.span("value" if "value" in match.re.groupindex else 0)
            if span is not None:
                yield span
            position = max(span[1] if span else 0, match.start() + 1)


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
