"""What a field's name says about its value: JSON keys, CSV headers, words before a colon. No I/O."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..checks import Check
from ..rules import FieldRule
from ..types import Finding, Path
from .memo import Memo

Place = tuple[str, ...]
"""Names of a leaf's field, innermost first, at most three: ("email", "customer", "result")."""

_WORD = re.compile(r"[A-Z]+(?![a-zß-ÿ])|[A-Z]?[a-zß-ÿ]+|[0-9]+|[^\W\d_A-Za-zß-ÿ]+")
# Names that say nothing themselves: {"phone": {"value": ...}}, {"email": {"primary": ...}}.
_HOLLOW = frozenset(
    {"value", "number", "text", "raw", "formatted", "display", "primary", "default", "content", "#text"}
)
_PARENT_DEPTH = 3
_MEMO_SIZE = 4096
MAX_VALUE = 512
"""Longest value of a field, in characters; what is longer is prose and has no name."""


def place_of(path: Path) -> Place:
    """The names around a leaf, innermost first, array indices left out."""
    return tuple([part for part in path if part.__class__ is str][: -_PARENT_DEPTH - 1 : -1])


def words_of(name: str) -> tuple[str, ...]:
    """``words_of("customerEMail_2") == ("customer", "e", "mail")``: lower-case words without a number at the end."""
    words = [word.lower() for word in _WORD.findall(name[-80:])]
    while len(words) > 1 and words[-1].isdigit():
        words.pop()
    return tuple(words)


class Names:
    """Field rules, looked up by name. Lookups are remembered, so that a name costs once."""

    def __init__(self, rules: Sequence[FieldRule], checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self._last: dict[str, list[FieldRule]] = {}
        self._whole: dict[str, list[FieldRule]] = {}
        for rule in rules:
            _index(self._last, rule.keys, rule)
            _index(self._whole, rule.exact, rule)
        self._values = {rule.id: _compiled(rule.value, rule.ignore_case) for rule in rules}
        self._text_values = {rule.id: _compiled(rule.text_value, rule.ignore_case) for rule in rules}
        self._known: Memo[Place, tuple[FieldRule, ...]] = Memo(_MEMO_SIZE)
        self._asking: Memo[Place, bool] = Memo(_MEMO_SIZE)
        self._personal: Memo[str, bool] = Memo(_MEMO_SIZE)

    def rules_for(self, place: Place) -> tuple[FieldRule, ...]:
        """Rules whose name conditions hold at a place, most specific name first. `siblings` is not looked at."""
        known = self._known.get(place)
        if known is None:
            known = tuple(self._look_up(place))
            self._known.put(place, known)
        return known

    def asks_siblings(self, place: Place) -> bool:
        """Whether a rule for a place wants to know what stands next to it."""
        known = self._asking.get(place)
        if known is None:
            known = any(rule.siblings for rule in self.rules_for(place))
            self._asking.put(place, known)
        return known

    def _look_up(self, place: Place) -> Iterator[FieldRule]:
        if not place:
            return
        names = [words_of(name) for name in place]
        while len(names) > 1 and (not names[0] or names[0][0] in _HOLLOW) and len(names[0]) <= 1:
            names.pop(0)
        words = names[0]
        for rule, used in self._by_words(words):
            if _fits(rule, [words[:-used], *names[1:]]):
                yield rule

    def _by_words(self, words: tuple[str, ...]) -> Iterator[tuple[FieldRule, int]]:
        seen: set[str] = set()
        for form in (words, _singular(words)):
            for rule in self._whole.get(" ".join(form), ()):
                if rule.id not in seen:
                    seen.add(rule.id)
                    yield rule, len(words)
            for used in range(min(4, len(form)), 0, -1):
                for rule in self._last.get(" ".join(form[-used:]), ()):
                    if rule.id not in seen:
                        seen.add(rule.id)
                        yield rule, used

    def has_parent(self, rule: FieldRule, place: Place) -> bool:
        """Whether the enclosing names alone already satisfy `rule.parents`."""
        around = {word for name in place[1:] for word in words_of(name)}
        return not around.isdisjoint(rule.parents) or not set(words_of(place[0])[:-1]).isdisjoint(rule.parents)

    def is_personal(self, name: str) -> bool:
        """Whether a name marks its object as a person's: a sibling called "email", "phone", "first name", ..."""
        known = self._personal.get(name)
        if known is None:
            rules = self.rules_for((name,))
            known = any(rule.marks_person for rule in rules)
            self._personal.put(name, known)
        return known

    def find(self, text: str, place: Place, personal: bool, number: bool = False) -> Finding | None:
        """The finding that the field's name makes of its whole (trimmed) value, if any."""
        rules = self.rules_for(place)
        if not rules:
            return None
        value = text.strip()
        if not value or len(value) > MAX_VALUE:
            return None
        start = text.index(value[0])
        for rule in rules:
            if number and not rule.number:
                continue
            alone = rule.siblings and not self.has_parent(rule, place)
            if (personal or not alone) and self.accepts(rule, value, in_text=alone):
                return Finding(rule.type, start, start + len(value), rule.score, rule.id)
        return None

    def accepts(self, rule: FieldRule, value: str, in_text: bool = False) -> bool:
        """Whether a value has the form that a rule demands, in running text the stricter one."""
        shape = (self._text_values[rule.id] if in_text else None) or self._values[rule.id]
        if shape is not None and shape.fullmatch(value) is None:
            return False
        return not rule.check or self._checks[rule.check](value)


def _fits(rule: FieldRule, around: Sequence[tuple[str, ...]]) -> bool:
    """Whether the words before a rule's own and the enclosing names, nearest first, let it hold. The nearest one of a
    rule's parents decides: a project's owner is a person, however the project is called. A rule without parents looks
    no further than one name up."""
    for words in around if rule.parents else around[:2]:
        if not rule.not_parents or set(words).isdisjoint(rule.not_parents):
            if rule.parents and not set(words).isdisjoint(rule.parents):
                return True
        else:
            return False
    return not rule.parents or rule.siblings


def _index(table: dict[str, list[FieldRule]], names: Iterable[str], rule: FieldRule) -> None:
    for name in names:
        table.setdefault(name, []).append(rule)


def _singular(words: tuple[str, ...]) -> tuple[str, ...]:
    last = words[-1] if words else ""
    if len(last) < 4 or not last.endswith("s") or last.endswith("ss"):
        return words
    stem = last[:-2] if last.endswith("sses") else last[:-1]
    return (*words[:-1], stem)


def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str] | None:
    return re.compile(pattern, re.VERBOSE | (re.IGNORECASE if ignore_case else 0)) if pattern else None
