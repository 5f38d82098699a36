"""Ids that health systems give to people and to those who treat them. No I/O."""

import re

from .sums import luhn_sum, numbers, weighted
from .text import alnum


def uk_nhs(text: str) -> bool:
    """England, NHS number: weights mod 11."""
    number = numbers(text, 10)
    return bool(number) and weighted(number, range(10, 0, -1)) % 11 == 0


def us_npi(text: str) -> bool:
    """United States, National Provider Identifier: 1 or 2, Luhn behind 80840."""
    number = numbers(text, 10)
    return bool(number) and number[0] in (1, 2) and luhn_sum([8, 0, 8, 4, 0, *number]) == 0


def us_dea(text: str) -> bool:
    """United States, DEA number: two letters (or a letter and 9), two sums."""
    code = alnum(text)
    if not re.fullmatch(r"[A-HJ-MPRSTUX][A-Z9]\d{7}", code) or len(set(code[2:])) < 3:
        return False
    number = [int(char) for char in code[2:]]
    return (sum(number[:6:2]) + 2 * sum(number[1:6:2])) % 10 == number[6]


def de_kvnr(text: str) -> bool:
    """Germany, Krankenversichertennummer: a letter and nine digits, Luhn's sum from the left."""
    code = alnum(text)
    if not re.fullmatch(r"[A-Z]\d{9}", code):
        return False
    number = [int(char) for char in f"{ord(code[0]) - 64:02}{code[1:9]}"]
    return (sum(number[::2]) + sum(d * 2 - 9 * (d > 4) for d in number[1::2])) % 10 == int(code[9])


_NHI = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def nz_nhi(text: str) -> bool:
    """New Zealand, NHI number: three letters, then digits mod 11, or since 2019 a letter mod 23 at the end."""
    code = alnum(text)
    if not re.fullmatch(r"[A-HJ-NP-Z]{3}(?:\d{4}|\d\d[A-HJ-NP-Z]{2})", code):
        return False
    total = weighted((int(c) if c.isdigit() else _NHI.index(c) + 1 for c in code[:6]), range(7, 1, -1))
    if code[6].isdigit():
        return total % 11 > 0 and (11 - total % 11) % 10 == int(code[6])
    return _NHI[22 - total % 23] == code[6] if total % 23 else code[6] == "Z"


def ca_ohip(text: str) -> bool:
    """Ontario, health card: ten digits, Luhn, perhaps two letters."""
    number = numbers(text, 10)
    return bool(number) and number[0] > 0 and luhn_sum(number) == 0


CHECKS = (ca_ohip, de_kvnr, nz_nhi, uk_nhs, us_dea, us_npi)
