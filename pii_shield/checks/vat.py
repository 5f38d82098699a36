"""Value added tax numbers of European countries: one check per country prefix. No I/O."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from .europe import gr_afm, hr_oib, ie_pps, nl_bsn, pt_nif
from .ids import es_dni
from .sums import luhn_sum, mod_11_10, value, weighted
from .text import alnum, digits

Number = list[int]


def _remainder(size: int, weights: tuple[int, ...], modulus: int, rest: int = 0) -> Callable[[str], bool]:
    """A check: so many digits, whose weighted sum leaves `rest`."""
    return lambda text: len(number := _ints(text)) == size and weighted(number, weights) % modulus == rest


def _ints(text: str) -> Number:
    return list(map(int, text)) if text.isdecimal() and text.isascii() else []


def _at(text: str) -> bool:
    number = _ints(text[1:])
    return text[0] == "U" and len(number) == 8 and (6 - luhn_sum(number[:7])) % 10 == number[7]


def _be(text: str) -> bool:
    number = _ints(text)
    return len(number) == 10 and number[0] < 2 and value(number[:8]) % 97 + value(number[8:]) == 97


_CY_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)


def _cy(text: str) -> bool:
    number = _ints(text[:8])
    return len(number) == 8 and chr(65 + (sum(_CY_ODD[d] for d in number[::2]) + sum(number[1::2])) % 26) == text[8:]


def _de(text: str) -> bool:
    number = _ints(text)
    return len(number) == 9 and number[0] > 0 and mod_11_10(number)


def _es(text: str) -> bool:
    return es_dni(text) or es_cif(text)


def es_cif(text: str) -> bool:
    """Spain, NIF of a firm: letter of its form, seven digits, Luhn as digit or letter."""
    code = alnum(text)
    if not re.fullmatch(r"[ABCDEFGHJNPQRSUVW]\d{7}[0-9A-J]", code):
        return False
    check = -luhn_sum([*map(int, code[1:8]), 0]) % 10
    return code[8] in (str(check), "JABCDEFGHI"[check])


def _fr(text: str) -> bool:
    number = _ints(text)
    return len(number) == 11 and luhn_sum(number[2:]) == 0 and (12 + 3 * value(number[2:])) % 97 == value(number[:2])


def fr_siren(text: str) -> bool:
    """France, SIREN and SIRET: Luhn."""
    number = _ints(digits(text))
    return len(number) in (9, 14) and len(set(number)) > 2 and luhn_sum(number[:9]) == 0 == luhn_sum(number)


def _gb(text: str) -> bool:
    number = _ints(text[:9])
    return len(text) in (9, 12) and len(number) == 9 and weighted(number, (8, 7, 6, 5, 4, 3, 2, 10, 1)) % 97 in (0, 42)


def _ie(text: str) -> bool:
    return ie_pps(text)


def _lt(text: str) -> bool:
    number = _ints(text)
    if len(number) not in (9, 12) or number[-2] != 1:
        return False
    first, second = (sum(d * (1 + (place + by) % 9) for place, d in enumerate(number[:-1])) % 11 for by in (0, 2))
    return (first if first < 10 else second % 10) == number[-1]


def _lu(text: str) -> bool:
    number = _ints(text)
    return len(number) == 8 and value(number[:6]) % 89 == value(number[6:])


def _nl(text: str) -> bool:
    if not re.fullmatch(r"\d{9}B\d\d", text):
        return False
    return nl_bsn(text[:9]) or int("".join(str(int(char, 36)) for char in "NL" + text)) % 97 == 1


def pl_nip(text: str) -> bool:
    """Poland, NIP: weights mod 11."""
    number = _ints(digits(text))
    return (
        len(number) == 10 and len(set(number)) > 1 and weighted(number, (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11 == number[9]
    )


def _ro(text: str) -> bool:
    number = _ints(text)
    if not 4 <= len(number) <= 10 or number[0] == 0:
        return False
    return weighted(number[-2::-1], (2, 3, 5, 7, 1, 2, 3, 5, 7)) * 10 % 11 % 10 == number[-1]


def _se(text: str) -> bool:
    number = _ints(text)
    return len(number) == 12 and number[10:] == [0, 1] and luhn_sum(number[:10]) == 0


def _si(text: str) -> bool:
    number = _ints(text)
    return (
        len(number) == 8
        and number[0] > 0
        and (rest := -weighted(number, range(8, 1, -1)) % 11) % 10 == number[7]
        and rest > 0
    )


def _sk(text: str) -> bool:
    number = _ints(text)
    return len(number) == 10 and number[0] > 0 and number[2] in (2, 3, 4, 7, 8, 9) and value(number) % 11 == 0


def _it(text: str) -> bool:
    number = _ints(text)
    return len(number) == 11 and len(set(number)) > 2 and luhn_sum(number) == 0


_COUNTRIES: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        "AT": _at,
        "BE": _be,
        "CHE": _remainder(9, (5, 4, 3, 2, 7, 6, 5, 4, 1), 11),
        "CY": _cy,
        "DE": _de,
        "DK": _remainder(8, (2, 7, 6, 5, 4, 3, 2, 1), 11),
        "EE": _remainder(9, (3, 7, 1, 3, 7, 1, 3, 7, 1), 10),
        "EL": gr_afm,
        "ES": _es,
        "FI": _remainder(8, (7, 9, 10, 5, 8, 4, 2, 1), 11),
        "FR": _fr,
        "GB": _gb,
        "HR": hr_oib,
        "HU": _remainder(8, (9, 7, 3, 1, 9, 7, 3, 1), 10),
        "IE": _ie,
        "IT": _it,
        "LT": _lt,
        "LU": _lu,
        "LV": _remainder(11, (9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1), 11, 3),
        "MT": _remainder(8, (3, 4, 6, 7, 8, 9, 10, 1), 37),
        "NL": _nl,
        "PL": pl_nip,
        "PT": pt_nif,
        "RO": _ro,
        "SE": _se,
        "SI": _si,
        "SK": _sk,
        "XI": _gb,
    }
)
_SUFFIX = re.compile(r"(?:MWST|TVA|IVA)$")


def vat(text: str) -> bool:
    """A VAT number with its country's prefix and check digits, and not just zeros and a check digit."""
    code = _SUFFIX.sub("", alnum(text))
    prefix = "CHE" if code.startswith("CHE") else code[:2]
    check, body = _COUNTRIES.get(prefix), code[len(prefix) :]
    return check is not None and len(body) >= 6 and len(set(digits(body))) > 2 and check(body)


CHECKS = (es_cif, fr_siren, pl_nip, vat)
