"""Escapes are read as the characters that they stand for; what stands for none is let alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pii_shield.detect.views import escapes, views


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a%u0040b", "a@b"),
        ("%E2%82%AC %41", "€"),
        ("a&commat;b&#x2e;c&#46;d", "a@b.c.d"),
        (r"a\u0040b\x2ec\u{2e}d\056e", "a@b.c.d.e"),
        (r"\ud83d\ude00 \U0001F600", "😀 😀"),
        (r"a\_b\@c", "a_b@c"),
        ("a=40b=2Ec=\n.d", "a@b.c.d"),
        ("a=C3=A9=40b", "aé@b"),
    ],
)
def test_escapes_are_read(text: str, said: str) -> None:
    assert said in {view.text for view in views(text)} | {view.text.split(" ")[0] for view in views(text)}


@pytest.mark.parametrize(
    "text", [r"\ud83d x", "%uD83D", "&nosuchentity;", "%ff", "=FF=", r"\U00110000", "ip=192.168.1.1"]
)
def test_what_stands_for_no_character_is_let_alone(text: str) -> None:
    assert list(views(text)) == []


@given(
    st.lists(st.sampled_from(["%", "&#", "\\", "=", "u", "x", "{", "}", ";", "0", "4", "d8", "DC", "ff", "\n", " "]))
)
def test_no_escape_makes_the_reader_fail_or_says_half_a_character(parts: list[str]) -> None:
    text = "".join(parts)
    for make in (escapes.percent, escapes.entities, escapes.backslashes, escapes.quoted_printable):
        for view in make(text):
            view.text.encode("utf-8")
