"""Ids of people and firms in the Americas: their check digits. No I/O."""

import re

from .sums import is_date, luhn_sum, numbers, weighted
from .text import alnum


def br_cnpj(text: str) -> bool:
    """Brazil, CNPJ: two check digits; since 2026 letters may stand before them."""
    code = alnum(text)
    if not re.fullmatch(r"[0-9A-Z]{12}\d\d", code) or len(set(code)) == 1:
        return False
    worth = [ord(char) - 48 for char in code]
    weights = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    return all(-weighted(worth[:end], weights[13 - end :]) % 11 % 10 == worth[end] for end in (12, 13))


def br_pis(text: str) -> bool:
    """Brazil, PIS/PASEP/NIS: mod 11."""
    number = numbers(text, 11)
    return bool(number) and -weighted(number, (3, 2, 9, 8, 7, 6, 5, 4, 3, 2)) % 11 % 10 == number[10]


def ar_cuit(text: str) -> bool:
    """Argentina, CUIT and CUIL: kind of holder, mod 11."""
    number = numbers(text, 11)
    if not number or "".join(map(str, number[:2])) not in ("20", "23", "24", "25", "26", "27", "30", "33", "34"):
        return False
    return min(9, -weighted(number, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11) == number[10]


def cl_rut(text: str) -> bool:
    """Chile, RUT: mod 11, K for ten."""
    code = alnum(text)
    if not re.fullmatch(r"\d{7,8}[0-9K]", code) or len(set(code)) < 3:
        return False
    total = weighted(map(int, reversed(code[:-1])), (2, 3, 4, 5, 6, 7, 2, 3))
    return "0K987654321"[total % 11] == code[-1]


def co_nit(text: str) -> bool:
    """Colombia, NIT: primes mod 11."""
    number = numbers(text, 8, 9, 10)
    if not number:
        return False
    total = weighted(reversed(number[:-1]), (3, 7, 13, 17, 19, 23, 29, 37, 41)) % 11
    return (11 - total if total > 1 else total) == number[-1]


def pe_ruc(text: str) -> bool:
    """Peru, RUC: kind of holder, mod 11."""
    number = numbers(text, 11)
    if not number or number[0] * 10 + number[1] not in (10, 15, 16, 17, 20):
        return False
    return (11 - weighted(number, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 10 == number[10]


def ec_ci(text: str) -> bool:
    """Ecuador, cédula, also with 001 behind it (RUC): province, Luhn."""
    number = numbers(text, 10, 13)
    if not number or not (1 <= number[0] * 10 + number[1] <= 24 or number[:2] == [3, 0]) or number[2] > 5:
        return False
    return number[10:] in ([], [0, 0, 1]) and luhn_sum(number[:10]) == 0


def ve_rif(text: str) -> bool:
    """Venezuela, RIF: kind of holder, mod 11."""
    code = alnum(text)
    if not re.fullmatch(r"[VEJPG]\d{9}", code):
        return False
    total = {"V": 4, "E": 8, "J": 12, "P": 16, "G": 20}[code[0]]
    total += weighted(map(int, code[1:9]), (3, 2, 7, 6, 5, 4, 3, 2))
    return "00987654321"[total % 11] == code[9]


def uy_ci(text: str) -> bool:
    """Uruguay, cédula de identidad: mod 10."""
    number = numbers(text, 7, 8)
    return bool(number) and weighted(reversed(number), (1, 4, 3, 6, 7, 8, 9, 2)) % 10 == 0


def do_cedula(text: str) -> bool:
    """Dominican Republic, cédula: Luhn."""
    number = numbers(text, 11)
    return bool(number) and luhn_sum(number) == 0


def ca_sin(text: str) -> bool:
    """Canada, social insurance number: Luhn, not beginning with 0 or 8."""
    number = numbers(text, 9)
    return bool(number) and number[0] not in (0, 8) and luhn_sum(number) == 0


_RFC = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ"


def mx_rfc(text: str) -> bool:
    """Mexico, RFC: a date, mod 11 over letters; not the generic numbers of the tax office."""
    code = re.sub(r"[\s-]", "", text[:24]).upper()
    if not re.fullmatch(r"[A-ZÑ&]{3,4}[0-9]{6}[0-9A-Z]{2}[0-9A]", code) or code[:3] in ("XAX", "XEX"):
        return False
    total = sum(_RFC.index(char) * weight for char, weight in zip(code[:-1].rjust(12), range(13, 1, -1), strict=True))
    return is_date([int(char) for char in code[-9:-3]]) and "0A987654321"[total % 11] == code[-1]


_CURP = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"


def mx_curp(text: str) -> bool:
    """Mexico, CURP: a date, weighted sum mod 10."""
    code = text.strip().upper()
    if len(code) != 18 or not code.isalnum() or not code.isascii() or not code[4:10].isdigit():
        return False
    total = sum(_CURP.index(char) * weight for char, weight in zip(code[:17], range(18, 1, -1), strict=True))
    return is_date([int(char) for char in code[4:10]]) and str(-total % 10) == code[17]


def us_ein(text: str) -> bool:
    """United States, employer identification number: a campus prefix."""
    number = numbers(text, 9)
    unused = {0, 7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89, 96, 97}
    return bool(number) and number[0] * 10 + number[1] not in unused


CHECKS = (
    ar_cuit,
    br_cnpj,
    br_pis,
    ca_sin,
    cl_rut,
    co_nit,
    do_cedula,
    ec_ci,
    mx_curp,
    mx_rfc,
    pe_ruc,
    us_ein,
    uy_ci,
    ve_rif,
)
