"""Many spellings, one identity; different values, different identities."""

import pytest

from pii_shield.detect.identity import identity


@pytest.mark.parametrize(
    ("type", "spellings"),
    [
        ("EMAIL", ["Jane@Acme.example", "jane@acme.EXAMPLE", "jane%40acme.example"]),
        ("PERSON", ["Jane Doe", "JANE  DOE", "jane\ndoe"]),
        ("PHONE", ["+1 (212) 555-0143", "212.555.0143", "1-212-555-0143", "001 212 555 0143", "2125550143"]),
        ("CREDIT_CARD", ["4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111"]),
        ("US_SSN", ["536-22-8726", "536 22 8726", "536228726"]),
        ("IBAN", ["DE89 3704 0044 0532 0130 00", "de89370400440532013000"]),
        ("MAC", ["00:1B:63:84:45:E6", "00-1b-63-84-45-e6", "001b.6384.45e6"]),
        ("SECRET", ["caf\u00e9-key", "cafe\u0301-key"]),
    ],
)
def test_spellings_of_one_value_are_one_identity(type: str, spellings: list[str]) -> None:
    assert len({identity(type, spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("type", "one", "other"),
    [
        ("EMAIL", "jane@acme.example", "jane@acme.examples"),
        ("PHONE", "212-555-0143 x1", "212-555-0143 x2"),
        ("PHONE", "+49 30 123456", "+49 30 123457"),
        ("SECRET", "aBc", "abc"),
        ("DOB", "1990-04-01", "1990-01-04"),
        ("CREDIT_CARD", "****", "####"),
    ],
)
def test_different_values_stay_apart(type: str, one: str, other: str) -> None:
    assert identity(type, one) != identity(type, other)
