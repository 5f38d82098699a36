"""Ids of vehicles and devices. No I/O."""

import re

from .sums import luhn_sum, numbers
from .text import alnum

_VIN = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", map(int, "123456781234579" + "23456789" + "0123456789"), strict=True)
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def vin(text: str) -> bool:
    """Vehicle identification number: 17 characters with the check digit of North America and China."""
    code = text.strip().upper()
    if not vin_shape(code):
        return False
    total = sum(_VIN[char] * weight for char, weight in zip(code, _VIN_WEIGHTS, strict=True))
    return "0123456789X"[total % 11] == code[8]


def vin_shape(text: str) -> bool:
    """17 letters and digits without I, O, Q, both kinds, digits at the end."""
    code = text.strip().upper()
    return re.fullmatch(r"(?=[0-9]{0,16}[A-Z])[A-HJ-NPR-Z0-9]{13}[0-9]{4}", code) is not None and len(set(code)) > 5


def imei(text: str) -> bool:
    """Mobile equipment identity: 15 digits, Luhn, a reporting body's prefix; or 16 with a software version."""
    number = numbers(text, 15, 16)
    return bool(number) and number[0] in (0, 1, 3, 4, 5, 8, 9) and (len(number) == 16 or luhn_sum(number) == 0)


def imsi(text: str) -> bool:
    """Mobile subscriber identity: 14 or 15 digits with a country code of ITU-T E.212."""
    number = numbers(text, 14, 15)
    return bool(number) and 2 <= number[0] <= 7


def advertising_id(text: str) -> bool:
    """A UUID or 40 hexadecimal digits that are not all the same."""
    return len(alnum(text)) in (24, 32, 40) and len(set(alnum(text))) > 4


CHECKS = (advertising_id, imei, imsi, vin, vin_shape)
