"""Pieces of a text: what is shown in the end does not depend on where it was cut."""

import itertools
import re
from collections.abc import AsyncIterator

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pii_shield.client import reveal

TOKEN = "[EMAIL_7K2QF9M36]"
SHAPES = (
    TOKEN,
    "[EMAIL_7K2QF9M36~2]",
    "[PHONE.DE_7K2QF9M36]",
    "EMAIL_7K2QF9M36",
    r"\[EMAIL\_7K2QF9M36\]",
    "%5BEMAIL_7K2QF9M36%5D",
    "&#91;EMAIL_7K2QF9M36&#93;",
    r"\u005bEMAIL_7K2QF9M36\u005d",
    "[E-Mail Adresse_7K2QF9M36]",
)
ANY_SHAPE = re.compile("|".join(re.escape(shape) for shape in SHAPES))
TEXTS = st.lists(
    st.sampled_from((*SHAPES, " ", ", ", "\n", "[1] see ", "[open ", "x", "a.b", "&amp;", "100% ", "\\"))
).map("".join)


def show(text: str) -> str:
    return ANY_SHAPE.sub("<value>", text)


def pieces(text: str, cuts: list[int]) -> list[str]:
    edges = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    return [text[start:end] for start, end in itertools.pairwise(edges)]


@given(TEXTS, st.lists(st.integers(0, 500)))
def test_where_the_text_is_cut_changes_nothing(text: str, cuts: list[int]) -> None:
    assert "".join(reveal.in_pieces(pieces(text, cuts), show)) == show(text)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_token_in_single_characters_is_put_together(shape: str) -> None:
    assert "".join(reveal.in_pieces(f"Dear {shape}, hello", show)) == "Dear <value>, hello"


def test_what_cannot_become_a_token_is_shown_at_once() -> None:
    shown: list[str] = []

    def chunks() -> "list[str]":
        return ["Dear customer, ", "see [1] ", "and ", TOKEN, "."]

    for piece in reveal.in_pieces(chunks(), show):
        shown.append(piece)
    assert shown == ["Dear customer, ", "see [1] ", "and ", "<value>", "."]


def test_a_bracket_that_never_closes_does_not_hold_the_text_for_ever() -> None:
    given_out = list(reveal.in_pieces(["[" + "x y " * reveal.MAX_HELD, "z"], show))
    assert len(given_out[0]) > 3 * reveal.MAX_HELD


def test_asynchronous_pieces_give_the_same() -> None:
    async def chunks() -> AsyncIterator[str]:
        for character in f"Dear {TOKEN}!":
            yield character

    async def shown(text: str) -> str:
        return show(text)

    async def main() -> str:
        return "".join([piece async for piece in reveal.in_pieces_async(chunks(), shown)])

    assert anyio.run(main) == "Dear <value>!"
