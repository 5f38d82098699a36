"""Runs of characters that are bytes are read, however they are cut; nothing makes the reader fail."""

import base64
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pii_shield.detect.views import codecs
from pii_shield.detect.views.codecs import encoded, runs

MAIL = "jane.doe@example.com"
B64 = base64.b64encode(MAIL.encode()).decode()


@settings(max_examples=500)
@given(
    st.lists(
        st.sampled_from([*"Aa0-_+/=\r\n .,é", B64, B64[3:], "B" * 60, "aG" * 30, "A2" * 9, "6a" * 9, "H4sI", "eJ"])
    )
)
def test_no_run_makes_the_reader_fail(parts: list[str]) -> None:
    text = "".join(parts)
    for view in encoded(text):
        assert 0 <= view.start < view.end <= len(text)
        assert view.text


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_let_alone(raw: bytes) -> None:
    for text in (base64.b64encode(raw).decode(), base64.b32encode(raw).decode(), raw.hex(), raw.hex().upper()):
        list(encoded(text))


@pytest.mark.parametrize("prefix", ["", "x", "x_", "x_1", "x_12", "/p/", "Ab-"])
@pytest.mark.parametrize("suffix", ["", "/z", "-9_"])
def test_base64_may_begin_and_end_anywhere_in_a_run(prefix: str, suffix: str) -> None:
    body = B64.rstrip("=")
    text = prefix + body + suffix
    found = [view for view in encoded(text) if MAIL in view.text]
    assert found
    assert any(view.start <= len(prefix) and view.end >= len(prefix + body) for view in found)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_base64_in_lines_is_one_run(end: str) -> None:
    text = base64.encodebytes(("Dear all, " * 20 + MAIL).encode()).decode().replace("\n", end).strip()
    (view,) = encoded(text)
    assert view.text.endswith(MAIL)
    assert (view.start, view.end) == (0, len(text))


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_read(order: str) -> None:
    (view,) = encoded(base64.b64encode(MAIL.encode(order)).decode())
    assert view.text == MAIL


def test_compressed_text_is_read_up_to_a_limit() -> None:
    (view,) = encoded(base64.b64encode(zlib.compress(MAIL.encode())).decode())
    assert view.text == MAIL
    (bomb,) = encoded(base64.b64encode(zlib.compress(b"a" * 10_000_000)).decode())
    assert len(bomb.text) <= codecs.MAX_INFLATED


@pytest.mark.parametrize("name", ["name=", "id="])
def test_padding_is_no_equals_sign_of_an_assignment(name: str) -> None:
    (view,) = encoded(f"{name}{B64}")
    assert view.start == len(name)
    assert view.end == len(name + B64)


@pytest.mark.parametrize(
    "text",
    [
        "9a560b4cf849320c36b0e3b121976f5101f12bacd00e",
        "sha512-" + "z7+/AbC9" * 11 + "==",
        "getCustomerNameFromConfiguration",
        "0123456789012345678901234567890123456789",
        "https://git.example/src/Views/DetailPage.test.tsx",
    ],
)
def test_hashes_names_and_paths_are_not_read(text: str) -> None:
    assert list(encoded(text)) == []


def test_signs_are_where_runs_begin() -> None:
    assert list(runs(f"see {B64} and {MAIL.encode().hex()}")) == [4, 4 + len(B64) + 5]
