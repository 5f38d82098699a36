"""Numbers with check digits: cards, accounts, American ids. No I/O."""

import re

from .text import alnum, digits

_LUHN_DOUBLE = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def luhn(text: str) -> bool:
    """Luhn's check digit (ISO/IEC 7812-1), and not all the same digit."""
    number = digits(text)
    if len(number) < 8 or len(set(number)) == 1:
        return False
    total = sum(map(int, number[-1::-2])) + sum(_LUHN_DOUBLE[int(d)] for d in number[-2::-2])
    return total % 10 == 0


# First digits and lengths of the card networks (ISO/IEC 7812 issuer ranges).
_CARD = re.compile(
    r"""4[0-9]{12} | 4[0-9]{15} | 4[0-9]{18}
    | (?: 5[1-5][0-9]{2} | 222[1-9] | 22[3-9][0-9] | 2[3-6][0-9]{2} | 27[01][0-9] | 2720 ) [0-9]{12}
    | 3[47][0-9]{13}
    | 3(?: 0[0-5] | 09 | [689][0-9] ) [0-9]{11,13}
    | (?: 6011 | 65[0-9]{2} | 64[4-9][0-9] ) [0-9]{12,15}
    | 62[0-9]{14,17}
    | 35(?: 2[89] | [3-8][0-9] ) [0-9]{12,15}
    | 220[0-4][0-9]{12}
    | (?: 2131 | 1800 ) [0-9]{11}
    | 9792[0-9]{12}
    | (?: 5[0678][0-9]{2} | 6[0-9]{3} ) [0-9]{8,15}""",
    re.VERBOSE,
)
# The same without the lengths and ranges that ordinary identifiers share: for digits without any context.
_CARD_SURE = re.compile(
    r"""4[0-9]{15} | 5[1-5][0-9]{14} | 2(?: 22[1-9] | 2[3-9][0-9] | [3-6][0-9]{2} | 7[01][0-9] | 720 )[0-9]{12}
    | 3[47][0-9]{13} | 3(?:0[0-5]|[68][0-9])[0-9]{11} | (?:6011|65[0-9]{2}|64[4-9][0-9]|35(?:2[89]|[3-8][0-9]))[0-9]{12}
    | 62[0-9]{14}""",
    re.VERBOSE,
)


def card(text: str) -> bool:
    """A payment card number: known issuer range, length for it, Luhn."""
    number = digits(text)
    return _CARD.fullmatch(number) is not None and luhn(number)


def card_sure(text: str) -> bool:
    """A payment card number of the common lengths, for digits that nothing introduces."""
    number = digits(text)
    return _CARD_SURE.fullmatch(number) is not None and luhn(number)


def card_like(text: str) -> bool:
    """12 to 19 digits that pass Luhn, or are grouped as on a card: enough where a field says it is a card."""
    number = digits(text)
    return 12 <= len(number) <= 19 and len(set(number)) > 1 and (luhn(number) or len(number) in (15, 16))


# Length of an IBAN by country (SWIFT IBAN registry, release 99).
_IBAN_LENGTHS = {
    country: length
    for length, countries in {
        15: "NO",
        16: "BE",
        18: "DK FI FK FO GL NL SD",
        19: "MK SI",
        20: "AT BA EE KZ LT LU MN XK",
        21: "CH CR HR LI LV",
        22: "BG BH DE GB GE IE ME RS VA",
        23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG DZ",
        25: "LY PT ST",
        26: "IS TR",
        27: "BI BJ DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
        29: "BR EG PS QA UA",
        30: "JO KW MU YE",
        31: "MT SC",
        32: "LC",
        33: "RU",
    }.items()
    for country in countries.split()
}
_IBAN_LENGTHS |= {"BJ": 28, "CI": 28, "SN": 28, "ML": 28, "CM": 27, "BF": 28, "MG": 27, "AO": 25, "MZ": 25, "CV": 25}


def iban(text: str) -> bool:
    """ISO 13616: the country's length and mod 97 == 1."""
    code = alnum(text)
    if _IBAN_LENGTHS.get(code[:2]) != len(code) or not code[2:4].isdigit():
        return False
    return int("".join(str(int(c, 36)) for c in code[4:] + code[:4])) % 97 == 1


def us_ssn(text: str) -> bool:
    """Nine digits the Social Security Administration can have assigned; no advertised numbers."""
    number = digits(text)
    if len(number) != 9 or number in {"078051120", "219099999", "123456789", "987654321"}:
        return False
    area = number[:3]
    return area not in {"000", "666"} and area < "900" and number[3:5] != "00" and number[5:] != "0000"


def us_itin(text: str) -> bool:
    """Nine digits, 9xx and a fourth-fifth pair of the ITIN ranges."""
    number = digits(text)
    group = number[3:5]
    ranges = ("50" <= group <= "65", "70" <= group <= "88", "90" <= group <= "92", "94" <= group <= "99")
    return len(number) == 9 and number[0] == "9" and any(ranges)


def aba_routing(text: str) -> bool:
    """A US bank routing number: nine digits, weights 3-7-1, a Federal Reserve prefix."""
    number = digits(text)
    if len(number) != 9 or number == "000000000" or not ("00" < number[:2] <= "12" or "21" <= number[:2] <= "32"):
        return False
    return sum(int(d) * w for d, w in zip(number, (3, 7, 1) * 3, strict=True)) % 10 == 0
