"""Disguised parts of a text are read, and findings in them lead back to the characters that hold them."""

import base64
import gzip
import itertools
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pii_shield.detect.views import FORMS, MAX_DECODED, disguised, signs, views
from pii_shield.types import Finding, Leaf

MAIL = "jané@acme.com"


def back(text: str, needle: str) -> tuple[str, str]:
    view = next(view for view in views(text) if needle in view.text)
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
    "text",
    [
        "100% sure",
        "a" * 40,
        "deadbeef" * 5,
        "%ff%fe",
        "3f786850e387550fdab836ed7e6dc881de23001b",
        "2026-11-22T10:00:00Z 7d0e4b49-1f0a-4c39-9a56-0b4cf849320c",
        "getCustomerNameFromConfiguration, MAX_CONNECTION_COUNT, src/views/index.ts",
        "👩\u200d👩\u200d👧 and ❤\ufe0f here",
        "می\u200cخواهم این را بخوانم",
        "Это обычный русский текст.",
        "これは日本語です。次の文。",
        "def f(a, *args, **kwargs): return a * 2 @ b",
        "a < b and c > d, at home, dotted",
    ],
)
def test_what_does_not_hide_words_is_no_view(text: str) -> None:
    assert list(views(text)) == []


@given(st.text(min_size=1, max_size=30), st.text(alphabet="ab ", max_size=5))
def test_any_percent_encoded_text_maps_back_exactly(value: str, around: str) -> None:
    value = "".join(c for c in value.encode("utf-8", "ignore").decode() if c >= " ") or "x"
    encoded = "".join(f"%{byte:02X}" for byte in value.encode())
    text = f"{around} {encoded} {around}"
    view = next(views(text))
    assert view.text == value
    assert view.starts is not None
    assert [text[a:b] for a, b in itertools.pairwise([*view.starts, view.end])] == [
        "".join(f"%{byte:02X}" for byte in character.encode()) for character in value
    ]


FRAGMENTS = (
    r"a jane 7 @ . com %40 %2540 &#64; &amp; &#x40; \u0040 \x40 \n =40 <b> </b> <!-- --> ** ` (at) [dot] moc."
    " \u200b \u00ad \u0301 \uff41 \uff20 \u0430 \u3002 \u2460 \u202e \u202c \U000e0061"
    " amFuZUBleGFtcGxlLmNvbQ== 6a616e65406578616d706c65"
)
HOSTILE = st.lists(st.sampled_from([*FRAGMENTS.split(" "), "=\n", " "]), max_size=30).map("".join)


@given(HOSTILE)
def test_every_character_of_a_view_stands_somewhere_in_its_part(text: str) -> None:
    for view in views(text):
        assert 0 <= view.start < view.end <= len(text)
        for place in range(len(view.text)):
            start, end = view.span(place, place + 1)
            assert view.start <= start < end <= view.end


@given(HOSTILE)
def test_a_text_with_a_view_shows_a_sign(text: str) -> None:
    if next(views(text), None) is not None:
        assert next(signs(text), None) is not None
        assert disguised([Leaf("plain"), Leaf(text), Leaf("jane@acme.com")]) == [1]


def test_only_texts_that_show_a_sign_are_read() -> None:
    assert disguised([Leaf("a%40b"), Leaf("a@b"), Leaf("1%40", kind="number"), Leaf("c&#64;d")]) == [0, 3]


def test_disguises_around_disguises_are_read_up_to_a_limit() -> None:
    text = "jane@acme.com"
    for _ in range(3):
        text = base64.b64encode(text.encode()).decode()
    assert back(text, "jane@acme.com")[0] == text
    deeper = base64.b64encode(text.encode()).decode()
    assert all("jane@acme.com" not in view.text for view in views(deeper))


def test_what_is_decoded_from_one_text_is_bounded() -> None:
    bomb = base64.b64encode(gzip.compress(b"jane " * 2_000_000)).decode()
    text = " ".join([bomb] * 60)
    assert sum(len(view.text) for view in views(text)) <= MAX_DECODED


PUMPS = [
    "%40", "%", "%E2%82", "&#64;", "&amp;", "&", "&#", "\\u0040", "\\", "\\n", "=40", "=", "=\n", "=C3", "a\u200b",
    "\u200b", "\u0301", "a\u0301", "\u0301\u034f", "\uff41", "\u0430", "\u0430a", "\u3002a", "\u2460", "\U000e0061",
    "\ufe00", "\u202e", "\u202ea", " (at) ", "(", "a (at) b (dot) com ", " at ", " dot ", "a at b dot ", "dot at ",
    "@ a", "a @ ", "@", "a@\n", "\n@a", "@a\n", "@a.", "a@a.\n", "<b>", "a<b>a", "<", "<!--", "a<b ", "*", "a*", "`a",
    "~~a", "moc.", "moc.a@", "moc.a.", "a", "A", "Aa1", "a/", "QUFB", "amFuZUBleGFtcGxlLmNvbQ", "6a", "40", "A2",
    "B" * 76 + "\n", "aB" * 38 + "\n", "jane@acme.com%20",
]  # fmt: skip


@pytest.mark.parametrize("pump", PUMPS)
def test_time_grows_with_the_size_of_hostile_text(pump: str) -> None:
    text = pump * (200_000 // len(pump))

    def seconds(part: str) -> float:
        start = time.process_time()
        for _ in signs(part):
            pass
        for _ in views(part):
            pass
        return time.process_time() - start

    # Ten times the text may take ten times as long; a generous bound keeps noise out.
    assert seconds(text) < max(40 * seconds(text[:20_000]), 2.0)


def test_forms_have_names_of_their_own() -> None:
    assert len({form.name for form in FORMS}) == len(FORMS)
