"""What nearly counted lacked exactly one thing, which is named without the value."""

import pytest

from pii_shield import entities, rules
from pii_shield.detect.engine import Engine
from pii_shield.detect.nearly import Miss, misses
from pii_shield.entities import DEFAULT_TYPES
from pii_shield.types import Leaf

RULES = rules.load()


def near(text: str, types: frozenset[str] = DEFAULT_TYPES, all_rules: bool = False) -> list[Miss]:
    found = Engine(RULES, types, all_rules).find([Leaf(text)])[0]
    return misses(text, RULES, types, all_rules, found)


def said(text: str, value: str, **more: bool) -> str:
    return next((m.reason for m in near(text, **more) if text[m.start : m.end] == value), "")


@pytest.mark.parametrize(
    ("text", "value", "reason"),
    [
        ("from 203.0.113.9 port 22", "203.0.113.9", "IP is not protected here"),
        ("paid with 4111 1111 1111 1112 today", "4111 1111 1111 1112", "it fails the check card"),
        ("order 4012888888881881", "4012888888881881", "'order' before it says that it is something else"),
        ("From: no-reply@acme.example", "no-reply@acme.example", "the rule is for `scan` and greedy profiles only"),
        ("email: nobody here", "nobody here", "its field's name fits"),
        ('{"email": "nobody here"}', "nobody here", "its field's name fits"),
    ],
)
def test_the_one_thing_that_was_lacking(text: str, value: str, reason: str) -> None:
    assert reason in said(text, value)


def test_a_weak_shape_names_the_words_that_would_have_helped() -> None:
    reason = said("number 536228726", "536228726")
    assert "too weak" in reason


def test_what_was_found_is_no_near_miss() -> None:
    assert near("jane@acme.example") == []
    assert near("nothing at all") == []


def test_no_reason_repeats_the_value() -> None:
    for miss in near("order 4012888888881881 from 203.0.113.9, email: jane at home"):
        assert not any(part in miss.reason + repr(miss) for part in ("4012888888881881", "203.0.113.9", "jane"))


def test_with_every_type_and_rule_only_checks_and_context_are_lacking() -> None:
    for miss in near("from 203.0.113.9, no-reply@acme.example", frozenset(entities.TYPES), all_rules=True):
        assert "not protected" not in miss.reason and "greedy" not in miss.reason
