"""Rules are tried only where a cheap sign says that they can match, and everywhere there."""

import pytest

from pii_shield import rules
from pii_shield.detect.joined import SEPARATOR, Joined
from pii_shield.detect.windows import Windows

NAMES = frozenset({"jane"})
BASE = rules.Rule("r", "EMAIL", 0.9, "x", ("r",), ("e",), ("n",))


def windows(text: str, needs_context: bool = False, **changes: object) -> list[str]:
    rule = BASE._replace(**changes)  # type: ignore[arg-type]
    return [text[start:end] for start, end in Windows(Joined([text]), NAMES).of(rule, needs_context)]


def test_without_any_sign_a_rule_is_tried_everywhere() -> None:
    assert windows("abc def") == ["abc def"]


def test_an_anchor_that_is_nowhere_ends_it() -> None:
    assert windows("abc def", anchors=("@",)) == []


def test_windows_around_anchors_merge() -> None:
    assert windows("aaaa@bb@cccc    dddd@e", anchors=("@",), reach=(2, 2)) == ["aa@bb@c", "dd@e"]


def test_anchors_ignore_case_with_the_rule() -> None:
    assert windows("x BEARER y", anchors=("bearer",), ignore_case=True) == ["x BEARER y"]
    assert windows("x BEARER y", anchors=("bearer",)) == []


@pytest.mark.parametrize(
    ("window", "text", "expected"),
    [
        ("number", "a 2024-01-02 b 212-555-0143.", ["212-555-0143."]),
        ("colon", "at 00:1b:63 x::y 12-34", ["00:1b:63", "::"]),
        ("token", "short " + "k" * 18, ["k" * 18]),
        ("name", "jane Jane Janet", ["J"]),
    ],
)
def test_each_kind_of_run_is_found(window: str, text: str, expected: list[str]) -> None:
    found = windows(text, window=window, digits=10)
    assert [run.strip() for run in found][: len(expected)] == [
        run for run in expected if len(run) > 4 or window == "name"
    ]


def test_a_rule_that_needs_context_is_tried_behind_its_words() -> None:
    text = "x" * 50 + " Card: 1234 " + "x" * 50
    (window,) = windows(text, needs_context=True, context=("card",), near=(10, 0))
    assert window == "Card: 1234 x"


def test_joined_texts_are_told_apart_again() -> None:
    joined = Joined(["ab", "", "cde"])
    place = joined.text.index("cde")
    assert joined.text == "ab" + SEPARATOR + SEPARATOR + "cde"
    assert joined.locate(place + 1, place + 3) == (2, 1, 3)
    assert joined.locate(0, 3) == (0, 0, 2)
