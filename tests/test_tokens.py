"""The token grammar: strict writing, tolerant reading, and a check character that catches slips."""

import base64
import itertools
import random
import secrets
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pii_shield import tokens
from pii_shield.entities import LABELS
from pii_shield.types import TokenRef

VECTORS = [("00000001", "D"), ("7K2QF9M3", "6"), ("ZZZZZZZZ", "3"), ("A1B2C3", "0"), ("0123456789ABCDEF", "9")]
ids = st.builds(
    lambda length, seed: tokens.mint_id(length, random.Random(seed).randrange),
    st.integers(tokens.MIN_LENGTH, tokens.MAX_LENGTH),
    st.integers(),
)
ID = "7K2QF9M3" + tokens.check_character("7K2QF9M3")


def only(text: str) -> tokens.Match:
    (match,) = tokens.find(text)
    return match


@pytest.mark.parametrize(("body", "check"), VECTORS)
def test_check_character_agrees_with_published_vectors(body: str, check: str) -> None:
    assert tokens.check_character(body) == check


@given(ids, st.data())
def test_every_single_substitution_is_caught(token_id: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(token_id) - 1))
    other = data.draw(st.sampled_from([c for c in tokens.ALPHABET if c != token_id[at]]))
    changed = token_id[:at] + other + token_id[at + 1 :]
    assert tokens.check_character(changed[:-1]) != changed[-1]


@given(ids, st.data())
def test_every_swap_of_two_characters_is_caught(token_id: str, data: st.DataObject) -> None:
    i, j = data.draw(st.lists(st.integers(0, len(token_id) - 1), min_size=2, max_size=2, unique=True))
    characters = list(token_id)
    characters[i], characters[j] = characters[j], characters[i]
    swapped = "".join(characters)
    assert swapped == token_id or tokens.check_character(swapped[:-1]) != swapped[-1]


@given(ids, st.sampled_from(sorted(LABELS)), st.integers(1, 9))
def test_what_is_written_is_read_back(token_id: str, label: str, spelling: int) -> None:
    ref = TokenRef(token_id, spelling)
    for text in (
        tokens.write(label, ref),
        f"see {tokens.write_bare(label, ref)}, thanks",
        tokens.write(label, ref).lower(),
    ):
        match = only(text)
        assert (match.label, match.ref, match.valid) == (label, ref, True)


def test_minted_ids_differ_and_hold_letter_and_digit() -> None:
    minted = {tokens.mint_id(8, secrets.randbelow) for _ in range(2000)}
    assert len(minted) == 2000
    assert all(len(i) == 9 and not i[:-1].isdigit() and not i[:-1].isalpha() for i in minted)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (f"[EMAIL_{ID}]", "bracketed"),
        (f"[email_{ID.lower()}]", "bracketed"),
        (f"\\[EMAIL\\_{ID}\\]", "markdown"),
        (f"%5BEMAIL_{ID}%5D", "percent"),
        (f"%5bEMAIL%5F{ID}%5d", "percent"),
        (f"&#91;EMAIL_{ID}&#93;", "html"),
        (f"\\u005bEMAIL_{ID}\\u005d", "json"),
        (f"EMAIL_{ID}", "bare"),
        (f"[Correo electrónico_{ID}]", "bracketed"),
        (f"[PHONE.DE_{ID}]", "bracketed"),
    ],
)
def test_tolerant_reading_covers_the_whole_written_form(text: str, form: str) -> None:
    match = only(f"x {text} y")
    assert (match.ref.id, match.form, match.start, match.end) == (ID, form, 2, 2 + len(text))


def test_look_alike_letters_are_read_as_digits() -> None:
    body = "1K0QF9M3"
    written = f"[EMAIL_LKOQF9M3{tokens.check_character(body)}]"
    assert only(written).ref.id.startswith(body)


@pytest.mark.parametrize(
    "text",
    [
        "email_preferences",
        "[USER_PREFERENCES]",
        "[ID_20240101]",
        "my_variable1x9",
        "[section_overview]",
        "[EMAIL_ADDRESS]",
    ],
)
def test_ordinary_words_are_no_tokens(text: str) -> None:
    assert tokens.find(text) == []


def test_bracketed_near_miss_is_reported_as_invalid() -> None:
    wrong = ID[:-1] + ("0" if ID[-1] != "0" else "1")
    assert not only(f"[EMAIL_{wrong}]").valid


def test_escape_before_a_plain_bracket_is_not_part_of_the_token() -> None:
    assert only(f"\\[EMAIL_{ID}]").start == 1


def test_nested_brackets_and_glued_tokens_are_separate() -> None:
    text = f"[[EMAIL_{ID}]][EMAIL_{ID}][EMAIL_{ID}]"
    assert [m.start for m in tokens.find(text)] == [1, 19, 36]


@given(ids, st.sampled_from(sorted(LABELS)), st.booleans())
def test_no_document_that_holds_a_token_is_passed_over(token_id: str, label: str, escape: bool) -> None:
    token = tokens.write(label, TokenRef(token_id))
    spelled = "".join(f"\\u{ord(c):04x}" for c in token) if escape else token
    for hidden in (spelled, base64.b64encode(token.encode()).decode(), quote(quote(token)), quote(token)):
        assert tokens.may_hold(f'{{"a":"{hidden}"}}')


@given(st.text(alphabet="[]\\_%5BDEMAIL7K2QF9M3~ &#;", max_size=60))
def test_finding_never_fails_and_never_overlaps(text: str) -> None:
    matches = tokens.find(text)
    assert all(a.end <= b.start for a, b in itertools.pairwise(matches))


@pytest.mark.parametrize(
    ("before", "after", "fits"), [("/", "/", True), ("x", "", False), ("", "~2", False), ("=", "&", True)]
)
def test_bare_form_is_used_only_where_it_reads_back(before: str, after: str, fits: bool) -> None:
    text = before + "VALUE" + after
    assert tokens.bare_fits(text, len(before), len(before) + 5) is fits
