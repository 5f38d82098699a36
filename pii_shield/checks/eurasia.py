"""Ids of people and firms in the south-east of Europe and the north of Asia: their check digits. No I/O."""

from .sums import is_date, numbers, value, weighted


def jmbg(text: str) -> bool:
    """Serbia, Bosnia, Montenegro, North Macedonia, Slovenia (EMŠO): a date, weights mod 11."""
    number = numbers(text, 13)
    if not number or not is_date(number, "dmy") or number[4] not in (0, 9):
        return False
    return -weighted(number, (7, 6, 5, 4, 3, 2) * 2) % 11 % 10 == number[12]


def ua_rnokpp(text: str) -> bool:
    """Ukraine, RNOKPP: weights mod 11."""
    number = numbers(text, 10)
    return bool(number) and weighted(number, (-1, 5, 7, 9, 4, 6, 10, 5, 7)) % 11 % 10 == number[9]


_INN = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)


def ru_inn(text: str) -> bool:
    """Russia, INN of a person (two check digits) or a firm (one)."""
    number = numbers(text, 10, 12)
    places = (9,) if len(number) == 10 else (10, 11)
    return bool(number) and all(weighted(number, _INN[11 - place :]) % 11 % 10 == number[place] for place in places)


def ru_snils(text: str) -> bool:
    """Russia, SNILS: weights mod 101."""
    number = numbers(text, 11)
    return bool(number) and weighted(number, range(9, 0, -1)) % 101 % 100 == value(number[9:])


def kz_iin(text: str) -> bool:
    """Kazakhstan, IIN: a date, two rounds of weights mod 11."""
    number = numbers(text, 12)
    if not number or not is_date(number):
        return False
    first = weighted(number, range(1, 12)) % 11
    second = weighted(number, (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)) % 11
    return (first if first < 10 else second) == number[11]


def tr_tckn(text: str) -> bool:
    """Türkiye, T.C. kimlik numarası: two check digits."""
    number = numbers(text, 11)
    if not number or number[0] == 0:
        return False
    tenth = (7 * sum(number[:9:2]) - sum(number[1:8:2])) % 10
    return number[9] == tenth and sum(number[:10]) % 10 == number[10]


CHECKS = (jmbg, kz_iin, ru_inn, ru_snils, tr_tckn, ua_rnokpp)
