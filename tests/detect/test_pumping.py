"""No rule takes long on a text made of nothing but what it looks for."""

import time

import pytest

from pii_shield import entities, rules
from pii_shield.checks import checks
from pii_shield.detect import patterns
from pii_shield.detect.joined import Joined
from pii_shield.detect.patterns import Patterns
from pii_shield.detect.windows import Windows

SIZE = 30_000
LIMIT = 0.1
"""Seconds of processor time: thirteen times what benchmarks/pumping.py allows, for machines that are slow or busy."""

KNOWN = rules.load()
RULES = {rule.row.id: rule for rule in Patterns(KNOWN, frozenset(entities.TYPES), True, checks(KNOWN.words))._rules}
UNITS = ["a", "1", "a.", "A1", "1 ", "Aa ", "1234 1234 ", "Jane Doe ", "12:34:56:", "2024-01-01 ", "key=", '"A" <a@']


def seconds(rule: patterns._Rule, text: str) -> float:
    joined = Joined([text])
    windows = list(Windows(joined, KNOWN.words["first_names"]).of(rule.row, rule.needs_context))
    started = time.process_time()
    for _ in patterns._matches(rule, joined.text, windows):
        pass
    return time.process_time() - started


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_a_rule_is_bounded_by_the_size_of_the_text(rule: patterns._Rule) -> None:
    assert rule.pattern is not None and rule.reach  # compiled now, not on the clock
    words = [f"{word} {unit}" for word in rule.row.context[:1] for unit in ("", "1 ", "A1 ")]
    for unit in [*UNITS, *words, *rule.row.anchors, *(f"{anchor}1a " for anchor in rule.row.anchors)]:
        text = (unit * SIZE)[:SIZE]
        # One that seems slow is asked again: the machine may have been busy.
        assert any(seconds(rule, text) < LIMIT for _ in range(3)), repr(unit)


def test_a_secret_that_is_hidden_among_refused_ones_counts_as_found() -> None:
    rule = RULES["secret-gitlab"]
    text = "glpat-" * 40 + "x"
    spans = list(patterns._matches(rule, text, [(0, len(text))]))
    assert spans, "more refused beginnings than MAX_REFUSED: what they hide is hidden"
    few = "glpat-" * (patterns.MAX_REFUSED // 2)
    assert not list(patterns._matches(rule, few, [(0, len(few))]))
