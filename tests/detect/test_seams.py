"""An address that goes on in the next text of a message is hidden in both."""

import pytest

from pii_shield import rules
from pii_shield.detect.engine import Engine
from pii_shield.entities import DEFAULT_TYPES
from pii_shield.types import Leaf


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(rules.load(), DEFAULT_TYPES)


def block(index: int, text: str) -> list[Leaf]:
    """One text block of an answer."""
    place = ("result", "content", index)
    return [Leaf("type", (*place, "type"), "key"), Leaf("text", (*place, "type")), Leaf(text, (*place, "text"))]


def hidden(engine: Engine, *texts: str) -> list[list[str]]:
    leaves = [leaf for index, text in enumerate(texts) for leaf in block(index, text)]
    found = engine.find(leaves)
    return [
        [leaf.text[f.start : f.end] for f in findings]
        for leaf, findings in zip(leaves, found, strict=True)
        if leaf.path[-1] == "text"
    ]


@pytest.mark.parametrize(
    ("first", "second"), [("jane.doe@", "example.com"), ("jane.doe@exa", "mple.com"), ("jane.doe@example", ".com")]
)
def test_both_halves_of_an_address_are_hidden(first: str, second: str, engine: Engine) -> None:
    assert hidden(engine, f"write to {first}", f"{second} today") == [[first], [second]]


def test_a_whole_address_does_not_reach_into_the_next_text(engine: Engine) -> None:
    assert hidden(engine, "write to jane.doe@example.com", "com.example is ours") == [["jane.doe@example.com"], []]


def test_what_does_not_make_an_address_stays(engine: Engine) -> None:
    assert hidden(engine, "mail root@host", "and more") == [[], []]
    assert hidden(engine, "mail jane.doe@", " example.com") == [[], []]


def test_lines_in_an_array_are_neighbours(engine: Engine) -> None:
    leaves = [Leaf("to jane.doe@exa", ("lines", 0)), Leaf("mple.com", ("lines", 1)), Leaf("mple.com", ("lines", 2))]
    assert [bool(findings) for findings in engine.find(leaves)] == [True, True, False]
