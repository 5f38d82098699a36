"""Check digits and syntax accept what authorities publish and refuse one changed character."""

import pytest

from pii_shield.checks import CHECKS, NAMES, checks, digits, phone_e164, without_extension

LISTS = {
    "first_names": frozenset({"jane", "john"}),
    "common": frozenset({"blue", "team", "my"}),
    "places": frozenset({"york"}),
}


@pytest.mark.parametrize(
    ("check", "good"),
    [
        ("luhn", "4111 1111 1111 1111"),
        ("luhn", "４１１１ １１１１ １１１１ １１１１"),
        ("card", "378282246310005"),
        ("card", "6011-1111-1111-1117"),
        ("card", "30569309025904"),
        ("card_sure", "5555555555554444"),
        ("card_like", "4111111111111112"),
        ("iban", "DE89 3704 0044 0532 0130 00"),
        ("iban", "MT84MALT011000012345MTLCAST001S"),
        ("us_ssn", "536-22-8726"),
        ("us_itin", "912-70-1234"),
        ("aba_routing", "021000021"),
        ("ipv4", "203.0.113.9"),
        ("ipv6", "2001:db8::7"),
        ("ip", "10.0.0.1"),
        ("mac", "00:1b:63:84:45:e6"),
        ("email", "o'brien+x@mail.acme.example"),
        ("email", "jane%40acme.example"),
        ("phone_international", "+44 20 7946 0958"),
        ("phone_international", "+1 (212) 555-0143 ext. 9"),
        ("phone_us", "212-555-0143"),
        ("phone_national", "020 7946 0958"),
        ("phone_national", "030 12345678"),
        ("phone_shape", "732 4816"),
        ("calendar_date", "April 1, 1990"),
        ("calendar_date", "01.04.1990"),
        ("codice_fiscale", "MRTMTT25D09F205Z"),
        ("es_dni", "54362315K"),
        ("es_dni", "X2482300W"),
        ("cpf", "390.533.447-05"),
        ("base58check", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"),
        ("id_like", "900215-1234567"),
        ("secret_field", "9f8e-77aa-01bc-55d2"),
        ("password", "correct horse battery"),
        ("user_name", "jdoe42"),
        ("address_field", "415 Harbor View Blvd"),
        ("first_name", "Jane van Doe"),
        ("full_name", "Zsófia Kovács"),
        ("not_word", "Doe"),
    ],
)
def test_published_values_pass(check: str, good: str) -> None:
    assert checks(LISTS)[check](good)


@pytest.mark.parametrize(
    ("check", "bad"),
    [
        ("luhn", "4111 1111 1111 1112"),
        ("luhn", "0000000000000000"),
        ("card", "1234567812345670"),
        ("card_sure", "4222222222222"),
        ("iban", "DE89 3704 0044 0532 0130 01"),
        ("iban", "DE89370400440532013"),
        ("us_ssn", "000-12-3456"),
        ("us_ssn", "078-05-1120"),
        ("us_itin", "912-10-1234"),
        ("aba_routing", "021000022"),
        ("ipv4", "127.0.0.1"),
        ("ipv4", "1.2.3.256"),
        ("ipv4", "01.2.3.4"),
        ("ipv6", "::1"),
        ("ipv6", "12:30:45"),
        ("mac", "ff:ff:ff:ff:ff:ff"),
        ("email", "noreply@acme.example"),
        ("email", "git@github.com"),
        ("email", "icon@2x.png"),
        ("email", "a..b@acme.example"),
        ("phone_international", "+100000000000000"),
        ("phone_us", "012-555-0143"),
        ("phone_national", "01-02-2024"),
        ("phone_shape", "2024-01-02"),
        ("calendar_date", "99-99-1990"),
        ("codice_fiscale", "MRTMTT25D09F205A"),
        ("es_dni", "54362315Z"),
        ("cpf", "390.533.447-06"),
        ("base58check", "1BoatSLRHtKNngkdXEeobR76b53LETtpyU"),
        ("id_like", "3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
        ("secret_field", "https://acme.example/token"),
        ("secret_field", "correct horse"),
        ("password", "${DB_PASSWORD}"),
        ("password", "string"),
        ("secret_key", "xxxxxxxxxxxxxxxxxxxxxxxx"),
        ("mixed", "YOUR_API_KEY_12345"),
        ("user_name", "input"),
        ("address_field", "db.internal:5432"),
        ("address_words", "12 of the best"),
        ("first_name", "Blue Chair"),
        ("first_name", "Jane"),
        ("full_name", "New York"),
        ("not_word", "My Team"),
    ],
)
def test_near_misses_do_not_pass(check: str, bad: str) -> None:
    assert not checks(LISTS)[check](bad)


@pytest.mark.parametrize("name", sorted(NAMES))
@pytest.mark.parametrize("text", ["", " ", "a", "@", "+", "1" * 400, "é" * 50, "٣" * 16, "\x00", "-" * 300])
def test_no_check_fails_on_hostile_text(name: str, text: str) -> None:
    assert checks(LISTS)[name](text) in (True, False)


def test_one_changed_digit_breaks_every_card() -> None:
    number = "4012888888881881"
    for place in range(len(number)):
        for digit in "0123456789":
            changed = number[:place] + digit + number[place + 1 :]
            assert CHECKS["luhn"](changed) == (changed == number)


def test_spellings_of_a_phone_number_share_one_international_form() -> None:
    assert phone_e164("+44 20 7946 0958") == phone_e164("020 7946 0958", "GB") == "+442079460958"


def test_an_extension_is_no_part_of_the_number() -> None:
    assert digits(without_extension("212-555-0143 ext. 12")) == "2125550143"
