"""Ids of people in Europe and around: their check digits and the dates inside them. No I/O."""

import re

from .sums import is_date, is_day, luhn_sum, mod_11_10, numbers, value, verhoeff, weighted
from .text import alnum


def fr_nir(text: str) -> bool:
    """France, numéro de sécurité sociale: sex, year, month, place, key = 97 - number mod 97."""
    code = alnum(text)
    if not re.fullmatch(r"[1-478]\d{4}\d[0-9AB]\d{8}", code):
        return False
    number = code[:13].replace("2A", "19", 1) if code[5:7] == "2A" else code[:13]
    number = number.replace("2B", "18", 1) if code[5:7] == "2B" else number
    month = int(code[3:5])
    return number.isdigit() and (1 <= month <= 12 or month >= 20) and int(code[13:]) == 97 - int(number) % 97


def be_nrn(text: str) -> bool:
    """Belgium, rijksregisternummer: date (month +20 or +40 for visitors), mod 97 with a 2 before it since 2000."""
    number = numbers(text, 11)
    if not number or not _day_of(number, "ymd", (0, 20, 40)):
        return False
    key, rest = value(number[9:]), value(number[:9])
    return key in (97 - rest % 97, 97 - (2_000_000_000 + rest) % 97)


def _day_of(number: list[int], order: str, offsets: tuple[int, ...]) -> bool:
    """Whether the first six digits are a date once one of the offsets is taken from the month; unknown days pass."""
    first, month, last = value(number[:2]), value(number[2:4]), value(number[4:6])
    day = last if order == "ymd" else first
    return any(is_day(month - offset, day) for offset in offsets)


def ch_ahv(text: str) -> bool:
    """Switzerland, AHV: country 756 and the check digit of EAN-13."""
    number = numbers(text, 13)
    return number[:3] == [7, 5, 6] and weighted(number, (1, 3) * 6 + (1,)) % 10 == 0


def nl_bsn(text: str) -> bool:
    """Netherlands, burgerservicenummer: the eleven test."""
    number = numbers(text, 8, 9)
    return bool(number) and weighted(reversed(number), (-1, *range(2, 10))) % 11 == 0


def pt_nif(text: str) -> bool:
    """Portugal, NIF: mod 11."""
    number = numbers(text, 9)
    return bool(number) and number[0] > 0 and -weighted(number, range(9, 1, -1)) % 11 % 10 == number[8]


def pt_cc(text: str) -> bool:
    """Portugal, cartão de cidadão: Luhn over digits and letters."""
    code = alnum(text)
    if not re.fullmatch(r"\d{9}[0-9A-Z]{2}\d", code):
        return False
    worth = [int(char, 36) for char in reversed(code)]
    doubled = [2 * each for each in worth[1::2]]
    return (sum(worth[::2]) + sum(each - 9 if each > 9 else each for each in doubled)) % 10 == 0


def ie_pps(text: str) -> bool:
    """Ireland, PPS number: mod 23 letter, a second letter counts nine times."""
    code = alnum(text)
    if not re.fullmatch(r"\d{7}[A-W][A-IWTX]?", code):
        return False
    second = "WABCDEFGHI".find(code[8:]) if code[8:] else 0
    total = weighted(map(int, code[:7]), range(8, 1, -1)) + 9 * max(0, second)
    return "WABCDEFGHIJKLMNOPQRSTUV"[total % 23] == code[7]


def at_svnr(text: str) -> bool:
    """Austria, Sozialversicherungsnummer: fourth digit mod 11, then a date."""
    number = numbers(text, 10)
    if not number or number[0] == 0:
        return False
    month = value(number[6:8])
    dated = is_day(month, value(number[4:6])) or month in (13, 14, 15)
    return dated and weighted(number, (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)) % 11 == number[3]


def dk_cpr(text: str) -> bool:
    """Denmark, CPR: a date and four digits; it has had no check digit since 2007."""
    number = numbers(text, 10)
    return bool(number) and is_date(number, "dmy")


def no_fnr(text: str) -> bool:
    """Norway, fødselsnummer and D-nummer: two digits mod 11, a date."""
    number = numbers(text, 11)
    if not number:
        return False
    day = value(number[:2])
    return (
        _day_of([(day - 40) // 10, day % 10, *number[2:]] if day > 40 else number, "dmy", (0, 40, 80))
        and weighted(number, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)) % 11 == 0
        and weighted(number, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0
    )


def se_pnr(text: str) -> bool:
    """Sweden, personnummer and samordningsnummer: Luhn over the last ten digits, a date (day +60)."""
    number = numbers(text, 10, 12)[-10:]
    if not number:
        return False
    day = value(number[4:6])
    return is_day(value(number[2:4]), day - 60 if day > 60 else day) and luhn_sum(number) == 0


def fi_hetu(text: str) -> bool:
    """Finland, henkilötunnus: a date, a mark for the century, mod 31."""
    code = text.strip().upper()
    if not re.fullmatch(r"[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-Y]", code):
        return False
    number = code[:6] + code[7:10]
    return is_date(list(map(int, code[:6])), "dmy") and "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(number) % 31] == code[10]


def cz_rc(text: str) -> bool:
    """Czechia and Slovakia, rodné číslo: a date (month +50 for women, +20 when numbers ran out), mod 11."""
    number = numbers(text, 10)
    if not number or not _day_of(number, "ymd", (0, 50, 20, 70)):
        return False
    return value(number) % 11 == 0 or (value(number[:9]) % 11 == 10 and number[9] == 0)


def pl_pesel(text: str) -> bool:
    """Poland, PESEL: a date (month + century), weights 1 3 7 9."""
    number = numbers(text, 11)
    return (
        bool(number)
        and _day_of(number, "ymd", (0, 80, 20, 40, 60))
        and weighted(number, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0
    )


def de_idnr(text: str) -> bool:
    """Germany, steuerliche Identifikationsnummer: one digit twice or thrice among ten, ISO 7064 Mod 11,10."""
    number = numbers(text, 11)
    if not number or number[0] == 0:
        return False
    counts = sorted(map(number[:10].count, set(number[:10])))
    return counts[-1] in (2, 3) and counts[-2] == 1 and mod_11_10(number)


def de_rvnr(text: str) -> bool:
    """Germany, Rentenversicherungsnummer: area, date, letter, digit sums mod 10."""
    code = alnum(text)
    if not re.fullmatch(r"\d{8}[A-Z]\d{3}", code) or not is_day(int(code[4:6]), (int(code[2:4]) - 1) % 50 + 1):
        return False
    spread = f"{code[:8]}{ord(code[8]) - 64:02}{code[9:11]}"
    products = map(int.__mul__, map(int, spread), (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1))
    return sum(each // 10 + each % 10 for each in products) % 10 == int(code[11])


def ro_cnp(text: str) -> bool:
    """Romania, CNP: sex, date, county, mod 11."""
    number = numbers(text, 13)
    if not number or number[0] == 0 or not is_date(number[1:7]):
        return False
    rest = weighted(number, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return number[12] == (1 if rest == 10 else rest)


def bg_egn(text: str) -> bool:
    """Bulgaria, EGN: a date (month +20, +40), weights of powers of two mod 11."""
    number = numbers(text, 10)
    if not number or not _day_of(number, "ymd", (0, 20, 40)):
        return False
    return weighted(number, (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10 == number[9]


def hr_oib(text: str) -> bool:
    """Croatia, OIB: ISO 7064 Mod 11,10."""
    number = numbers(text, 11)
    return bool(number) and mod_11_10(number)


def ee_ik(text: str) -> bool:
    """Estonia and Lithuania, isikukood and asmens kodas: century, date, two rounds of weights mod 11."""
    number = numbers(text, 11)
    if not number or number[0] in (0, 9) or not is_date(number[1:7]):
        return False
    first = weighted(number, (1, 2, 3, 4, 5, 6, 7, 8, 9, 1)) % 11
    second = weighted(number, (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)) % 11 % 10
    return (first if first < 10 else second) == number[10]


def lv_pk(text: str) -> bool:
    """Latvia, personas kods: a date or 32, weights mod 11."""
    number = numbers(text, 11)
    if not number or not (number[:2] == [3, 2] or is_date(number, "dmy")):
        return False
    return (1 + weighted(number, (10, 5, 8, 4, 2, 1, 6, 3, 7, 9))) % 11 % 10 == number[10]


def hu_taj(text: str) -> bool:
    """Hungary, TAJ: weights 3 and 7."""
    number = numbers(text, 9)
    return bool(number) and weighted(number, (3, 7) * 4) % 10 == number[8]


def hu_tax(text: str) -> bool:
    """Hungary, adóazonosító jel: 8, then weights 1 to 9 mod 11."""
    number = numbers(text, 10)
    return bool(number) and number[0] == 8 and weighted(number, range(1, 10)) % 11 == number[9]


def gr_amka(text: str) -> bool:
    """Greece, AMKA: a date and Luhn."""
    number = numbers(text, 11)
    return bool(number) and is_date(number, "dmy") and luhn_sum(number) == 0


def gr_afm(text: str) -> bool:
    """Greece, AFM: powers of two mod 11."""
    number = numbers(text, 9)
    return bool(number) and weighted(number, (256, 128, 64, 32, 16, 8, 4, 2)) % 11 % 10 == number[8]


def is_kt(text: str) -> bool:
    """Iceland, kennitala: a date (day +40 for firms), weights mod 11, century."""
    number = numbers(text, 10)
    if not number or number[9] not in (0, 8, 9):
        return False
    day = value(number[:2])
    dated = is_day(value(number[2:4]), day - 40 if day > 40 else day)
    return dated and weighted(number, (3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def lu_pin(text: str) -> bool:
    """Luxembourg, matricule: a date, Luhn, Verhoeff."""
    number = numbers(text, 13)
    if not number or number[0] not in (1, 2) or not is_day(value(number[4:6]), value(number[6:8])):
        return False
    return luhn_sum(number[:12]) == 0 and verhoeff([*number[:11], number[12]])


def uk_utr(text: str) -> bool:
    """United Kingdom, unique taxpayer reference: the first digit checks the others."""
    number = numbers(text, 10)
    return bool(number) and int("21987654321"[weighted(number[1:], (6, 7, 8, 9, 10, 5, 4, 3, 2)) % 11]) == number[0]


CHECKS = (
    at_svnr,
    be_nrn,
    bg_egn,
    ch_ahv,
    cz_rc,
    de_idnr,
    de_rvnr,
    dk_cpr,
    ee_ik,
    fi_hetu,
    fr_nir,
    gr_afm,
    gr_amka,
    hr_oib,
    hu_taj,
    hu_tax,
    ie_pps,
    is_kt,
    lu_pin,
    lv_pk,
    nl_bsn,
    no_fnr,
    pl_pesel,
    pt_cc,
    pt_nif,
    ro_cnp,
    se_pnr,
    uk_utr,
)
