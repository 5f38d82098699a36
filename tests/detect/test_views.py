"""Encoded runs are decoded, and findings in them lead back to the characters that hold them."""

import base64
import itertools
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pii_shield.detect.views import views
from pii_shield.types import Finding

MAIL = "jané@acme.com"


def back(text: str, needle: str) -> tuple[str, str]:
    (view,) = views(text)
    at = view.text.index(needle)
    finding = view.back(Finding("EMAIL", at, at + len(needle), 1.0, "r"))
    return text[finding.start : finding.end], finding.decoded


def test_percent_encoding_leads_back_to_the_encoded_characters() -> None:
    text = f"see https://x.example/?a=%20b&mail={quote(MAIL)}&z=1 there"
    assert back(text, MAIL) == (quote(MAIL), MAIL)


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("padded", [True, False])
def test_base64_is_replaced_as_a_whole(encode: Callable[[bytes], bytes], padded: bool) -> None:
    run = encode(f"mail {MAIL} today".encode()).decode()
    run = run if padded else run.rstrip("=")
    span, decoded = back(f"data:{run}, more", MAIL)
    assert span == run
    assert decoded == f"mail {MAIL} today"


def test_base64_of_one_value_is_a_spelling_of_that_value() -> None:
    assert back(base64.b64encode(MAIL.encode()).decode(), MAIL)[1] == MAIL


@pytest.mark.parametrize(
    "text", ["100% sure", "a" * 40, "deadbeef" * 5, "%ff%fe", "3f786850e387550fdab836ed7e6dc881de23001b"]
)
def test_what_does_not_decode_to_words_is_no_view(text: str) -> None:
    assert list(views(text)) == []


@given(st.text(min_size=1, max_size=30), st.text(alphabet="ab ", max_size=5))
def test_any_percent_encoded_text_maps_back_exactly(value: str, around: str) -> None:
    value = value.encode("utf-8", "ignore").decode() or "x"
    encoded = "".join(f"%{byte:02X}" for byte in value.encode())
    text = f"{around} {encoded} {around}"
    (view,) = views(text)
    assert view.text == value
    assert [text[a:b] for a, b in itertools.pairwise(view.offsets or [])] == [
        "".join(f"%{byte:02X}" for byte in character.encode()) for character in value
    ]
