"""Telephone numbers that need no parsing are judged as `phonenumbers` judges them."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pii_shield.checks.phones import phone_e164, phone_international

EXAMPLES = sorted(
    phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    for region in phonenumbers.SUPPORTED_REGIONS
    for kind in range(11)
    if (number := phonenumbers.example_number_for_type(region, kind)) is not None
)


def parsed(text: str) -> str:
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return ""
    valid = phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if valid else ""


@settings(deadline=None)
@given(
    st.sampled_from(EXAMPLES),
    st.lists(st.tuples(st.integers(1, 15), st.sampled_from("0123456789 -./()")), max_size=3),
    st.integers(0, 2),
)
def test_an_international_number_is_judged_as_the_parser_does(
    number: str, changes: list[tuple[int, str]], cut: int
) -> None:
    text = list(number)
    for place, character in changes:
        text[place % len(text) : place % len(text) + 1] = character
    spelling = "+" + "".join(text[1 : len(text) - cut])
    assert phone_e164(spelling) == parsed(spelling)


@pytest.mark.parametrize(
    "spelling", ["+49 (0) 30 1234567", "+39 06 6982", "+1 (0) 212 555 0143", "+08 12345678", "+999 1234567"]
)
def test_trunk_prefixes_and_unknown_countries_too(spelling: str) -> None:
    assert phone_e164(spelling) == parsed(spelling)


@settings(deadline=None)
@given(st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)), st.from_regex("[0-9]{3,14}", fullmatch=True))
def test_any_digits_behind_a_country_code_are_judged_as_the_parser_does(country: int, rest: str) -> None:
    spelling = f"+{country}{rest}"
    assert phone_e164(spelling) == parsed(spelling)
    try:
        possible = phonenumbers.is_possible_number(phonenumbers.parse(spelling, None))
    except phonenumbers.NumberParseException:
        possible = False
    bare = spelling[1:].removeprefix("00")
    if len(bare) >= 9 and len(set(bare)) > 3 and not (len(bare) == 11 and bare[0] == "1"):
        assert phone_international(spelling) == (possible or parsed(spelling) != "")
