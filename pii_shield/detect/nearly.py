"""What nearly counted, and the one thing that it lacked. For people who ask; never on the way of a message. No I/O."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .. import jsontext
from ..checks import Check, checks
from ..errors import WireError
from ..rules import Rule, RuleSet
from ..types import Finding
from .fields import MAX_VALUE, Names, place_of
from .patterns import AVOID_BEFORE, THRESHOLD

MAX_TEXT = 1 << 20
"""Longest text that is looked at, in characters."""
MAX_PER_RULE = 50
_WORDS_SHOWN = 6
_PAIR = re.compile(
    r"^[ \t>*#-]{0,8}[\"']?([^\W\d_][\w .-]{0,47}?)[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?([^\n\"']{1,256})", re.MULTILINE
)


class Miss(NamedTuple):
    """Something that would have been a finding but for one reason.

    Attributes:
        type, start, end, rule: as a finding has them.
        score: what its rule gives without context.
        reason: half a sentence for people, without the value.
        is_sound: whether the value itself is as it should be.
    """

    type: str
    start: int
    end: int
    score: float
    rule: str
    reason: str
    is_sound: bool = True

    def __repr__(self) -> str:
        return f"Miss({self.type}, {self.start}, {self.end}, {self.rule})"


def misses(text: str, rules: RuleSet, types: frozenset[str], all_rules: bool, found: Sequence[Finding]) -> list[Miss]:
    """Near misses in a text, sorted, without overlap.

    Args:
        types: entity types that are looked for.
        all_rules: whether rules that are not for every day are used.
        found: what was found; near misses within it are none.
    """
    text = text[:MAX_TEXT]
    known = checks(rules.words)
    every = [miss for rule in rules.patterns for miss in _of_rule(text, rule, known.get(rule.check), types, all_rules)]
    every += _of_fields(text, rules, types)
    taken = {place for finding in found for place in range(finding.start, finding.end)}
    left: list[Miss] = []
    for miss in sorted(every, key=_nearness, reverse=True):
        places = range(miss.start, miss.end)
        if taken.isdisjoint(places):
            taken.update(places)
            left.append(miss)
    return sorted(left, key=lambda one: one.start)


def _nearness(miss: Miss) -> tuple[bool, bool, float, int]:
    """A shape that says enough, then a sound value, then what scores higher or is longer."""
    return miss.score >= THRESHOLD, miss.is_sound, miss.score, miss.end - miss.start


def _of_rule(text: str, rule: Rule, check: Check | None, types: frozenset[str], all_rules: bool) -> Iterator[Miss]:
    flags = re.VERBOSE | (re.IGNORECASE if rule.ignore_case else re.RegexFlag(0))
    pattern = re.compile(rule.pattern, flags)
    group = "value" if "value" in pattern.groupindex else 0
    given = 0
    for match in pattern.finditer(text):
        start, end = match.span(group)
        reasons = list(_reasons(text, start, end, rule, check, types, all_rules))
        if len(reasons) == 1 and start < end:
            given += 1
            is_sound = check is None or check(text[start:end])
            yield Miss(rule.type, start, end, rule.score, rule.id, reasons[0], is_sound)
        if given >= MAX_PER_RULE:
            return


def _reasons(
    text: str, start: int, end: int, rule: Rule, check: Check | None, types: frozenset[str], all_rules: bool
) -> Iterator[str]:
    if rule.type not in types:
        yield f"{rule.type} is not protected here"
    if not (rule.by_default or all_rules):
        yield "the rule is for `scan` and greedy profiles only"
    if check is not None and not check(text[start:end]):
        yield f"it fails the check {rule.check}"
    before = text[max(0, start - AVOID_BEFORE) : start]
    if word := _first_word(rule.avoid, before):
        yield f"{word!r} before it says that it is something else"
    near = text[max(0, start - rule.near[0]) : start] + "\n" + text[end : end + rule.near[1]]
    if rule.score < THRESHOLD and not _first_word(rule.context, near):
        words = ", ".join(rule.context[:_WORDS_SHOWN]) + (", ..." if len(rule.context) > _WORDS_SHOWN else "")
        yield f"its shape alone is too weak ({rule.score:g}), and near it there is none of: {words}"


def _first_word(words: Sequence[str], text: str) -> str:
    """The first of some words of ours that stands in a text; never a word of the text that we do not know."""
    folded = text.lower()
    return next((w for w in words if re.search(rf"(?<![^\W\d_]){re.escape(w.lower())}(?![^\W\d_])", folded)), "")


def _of_fields(text: str, rules: RuleSet, types: frozenset[str]) -> Iterator[Miss]:
    names = Names(rules.fields, checks(rules.words))
    for place, value, start in (*_json_fields(text), *_pairs(text)):
        for rule in names.rules_for(place):
            reasons = [f"{rule.type} is not protected here"] if rule.type not in types else []
            is_sound = names.accepts(rule, value)
            if not is_sound:
                check = f" or fails the check {rule.check}" if rule.check else ""
                reasons.append(f"its field's name fits, but the value has another form{check}")
            if len(reasons) == 1:
                yield Miss(rule.type, start, start + len(value), rule.score, rule.id, reasons[0], is_sound)


_Field = tuple[tuple[str, ...], str, int]


def _pairs(text: str) -> Iterator[_Field]:
    for match in _PAIR.finditer(text):
        value = match[2].strip(" \t,;")
        if value:
            yield (match[1],), value, match.start(2)


def _json_fields(text: str) -> Iterator[_Field]:
    try:
        tree = jsontext.loads(text)
    except WireError:
        return
    nodes = [n for n in jsontext.walk(tree) if isinstance(n.value, str) and not n.is_key and n.path]
    where = jsontext.spans(text, {node.ordinal for node in nodes})
    for node in nodes:
        start, end = where[node.ordinal]
        quoted = text[start : start + 1] == '"'
        value = str(node.value).strip()
        if 0 < len(value) <= MAX_VALUE and value in text[start:end]:
            yield place_of(node.path), value, text.index(value, start + quoted)
