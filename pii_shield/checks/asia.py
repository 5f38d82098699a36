"""Ids of people and firms in Asia, the Pacific, the Near East and Africa: their check digits. No I/O."""

import re

from .sums import is_date, is_day, luhn_sum, numbers, value, verhoeff, weighted
from .text import alnum


def in_aadhaar(text: str) -> bool:
    """India, Aadhaar: twelve digits, not beginning with 0 or 1, Verhoeff."""
    number = numbers(text, 12)
    return bool(number) and number[0] > 1 and number != number[::-1] and verhoeff(number)


def in_gstin(text: str) -> bool:
    """India, GSTIN: state, PAN, Luhn modulo 36."""
    code = alnum(text)
    if not re.fullmatch(r"[0-3]\d[A-Z]{5}\d{4}[A-Z][1-9A-Z]Z[0-9A-Z]", code):
        return False
    products = [int(char, 36) * (1 + place % 2) for place, char in enumerate(code[:14])]
    return -sum(each // 36 + each % 36 for each in products) % 36 == int(code[14], 36)


def sg_nric(text: str) -> bool:
    """Singapore, NRIC and FIN: a letter of weights mod 11."""
    code = alnum(text)
    if not re.fullmatch(r"[STFGM]\d{7}[A-Z]", code):
        return False
    total = weighted(map(int, code[1:8]), (2, 7, 6, 5, 4, 3, 2)) + {"T": 4, "G": 4, "M": 3}.get(code[0], 0)
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "M": "XWUTRQPNJLK"}.get(code[0], "XWUTRQPNMLK")
    return letters[total % 11] == code[8]


def jp_my_number(text: str) -> bool:
    """Japan, My Number: weights mod 11."""
    number = numbers(text, 12)
    if not number:
        return False
    rest = weighted(number, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return (11 - rest if rest > 1 else 0) == number[11]


def cn_id(text: str) -> bool:
    """China, resident identity number: place, date, ISO 7064 Mod 11-2."""
    code = alnum(text)
    if not re.fullmatch(r"[1-9]\d{5}(?:19|20)\d{9}[0-9X]", code) or not is_date([int(c) for c in code[8:14]]):
        return False
    total = weighted(map(int, code[:17]), (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2))
    return "10X98765432"[total % 11] == code[17]


_TW = "ABCDEFGHJKLMNPQRSTUVXYWZIO"


def tw_id(text: str) -> bool:
    """Taiwan, national id and residence certificate: a letter of the place, weights mod 10."""
    code = alnum(text)
    if not re.fullmatch(r"[A-Z][1289]\d{8}", code):
        return False
    place = 10 + _TW.index(code[0])
    return (place // 10 + place % 10 * 9 + weighted(map(int, code[1:]), (8, 7, 6, 5, 4, 3, 2, 1, 1))) % 10 == 0


def hk_id(text: str) -> bool:
    """Hong Kong, identity card: weights mod 11, A for ten."""
    code = alnum(text)
    if not re.fullmatch(r"[A-Z]{1,2}\d{6}[0-9A]", code):
        return False
    worth = [36 if char == " " else int(char, 36) for char in code.rjust(9)]
    return weighted(worth, range(9, 0, -1)) % 11 == 0


def th_id(text: str) -> bool:
    """Thailand, citizen id: weights mod 11."""
    number = numbers(text, 13)
    return (
        bool(number) and number[0] not in (0, 9) and (11 - weighted(number, range(13, 1, -1)) % 11) % 10 == number[12]
    )


# What MyKad numbers have for the place of birth: no such place.
_MY_NOWHERE = frozenset((0, 17, 18, 19, 20, 69, 70, 73, 80, 81, 94, 95, 96, 97))


def my_nric(text: str) -> bool:
    """Malaysia, MyKad: a date and a place of birth."""
    number = numbers(text, 12)
    return bool(number) and is_date(number) and value(number[6:8]) not in _MY_NOWHERE


def id_nik(text: str) -> bool:
    """Indonesia, NIK: province, a date (day +40 for women)."""
    number = numbers(text, 16)
    if not number or not 11 <= value(number[:2]) <= 96 or value(number[12:]) == 0:
        return False
    day = value(number[6:8])
    return is_day(value(number[8:10]), day - 40 if day > 40 else day)


def kr_brn(text: str) -> bool:
    """South Korea, business registration number: weights mod 10."""
    number = numbers(text, 10)
    if not number:
        return False
    total = weighted(number, (1, 3, 7, 1, 3, 7, 1, 3)) + number[8] * 5 // 10 + number[8] * 5
    return -total % 10 == number[9]


def au_tfn(text: str) -> bool:
    """Australia, tax file number: weights mod 11."""
    number = numbers(text, 8, 9)
    weights = (1, 4, 3, 7, 5, 8, 6, 9, 10) if len(number) == 9 else (10, 7, 8, 4, 6, 3, 5, 1)
    return bool(number) and weighted(number, weights) % 11 == 0


def au_medicare(text: str) -> bool:
    """Australia, Medicare card: weights mod 10."""
    number = numbers(text, 10, 11)
    return bool(number) and 2 <= number[0] <= 6 and weighted(number, (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == number[8]


def au_abn(text: str) -> bool:
    """Australia, business number: weights mod 89."""
    number = numbers(text, 11)
    return bool(number) and (weighted(number, (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)) - 10) % 89 == 0


def nz_ird(text: str) -> bool:
    """New Zealand, IRD number: two rounds of weights mod 11."""
    number = numbers(text, 8, 9)
    if not number or not 10_000_000 < value(number) < 150_000_000:
        return False
    number = [0] * (9 - len(number)) + number
    first = -weighted(number, (3, 2, 7, 6, 5, 4, 3, 2)) % 11
    second = -weighted(number, (7, 4, 3, 2, 5, 2, 7, 6)) % 11
    return (first if first < 10 else second) == number[8]


def za_id(text: str) -> bool:
    """South Africa, identity number: a date, citizenship, Luhn."""
    number = numbers(text, 13)
    return bool(number) and is_date(number) and number[10] in (0, 1, 2) and number[11] > 7 and luhn_sum(number) == 0


def il_id(text: str) -> bool:
    """Israel, Teudat Zehut: Luhn over nine digits."""
    number = numbers(text, 8, 9)
    return bool(number) and luhn_sum(number) == 0


def ae_id(text: str) -> bool:
    """United Arab Emirates, Emirates id: 784, year, Luhn."""
    number = numbers(text, 15)
    return number[:3] == [7, 8, 4] and 1900 <= value(number[3:7]) <= 2099 and luhn_sum(number) == 0


def sa_id(text: str) -> bool:
    """Saudi Arabia, national id and iqama: 1 or 2, Luhn."""
    number = numbers(text, 10)
    return bool(number) and number[0] in (1, 2) and luhn_sum(number) == 0


def ir_id(text: str) -> bool:
    """Iran, national code: weights mod 11."""
    number = numbers(text, 10)
    if not number:
        return False
    rest = weighted(number, range(10, 1, -1)) % 11
    return (rest if rest < 2 else 11 - rest) == number[9]


def eg_id(text: str) -> bool:
    """Egypt, national id: century, date, governorate."""
    number = numbers(text, 14)
    return bool(number) and number[0] in (2, 3) and is_date(number[1:7]) and 1 <= value(number[7:9]) <= 88


CHECKS = (
    ae_id,
    au_abn,
    au_medicare,
    au_tfn,
    cn_id,
    eg_id,
    hk_id,
    id_nik,
    il_id,
    in_aadhaar,
    in_gstin,
    ir_id,
    jp_my_number,
    kr_brn,
    my_nric,
    nz_ird,
    sa_id,
    sg_nric,
    th_id,
    tw_id,
    za_id,
)
