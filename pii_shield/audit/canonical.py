"""JSON in the one form of RFC 8785, so that equal data are equal bytes and hash alike everywhere. No I/O."""

import json
import math
import re
from typing import Any, Final

simple: Final = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False
).encode
"""The canonical text of a tree whose keys are ASCII, and that holds no fractions, large integers or surrogates."""
MAX_INTEGER: Final = 2**53 - 1
_DIGITS: Final = re.compile(r"(-?)([0-9])(?:\.([0-9]+))?e([+-]?[0-9]+)\Z")
_POINT_MOVES_TO: Final = 21
_LEADING_ZEROS: Final = 6


def dumps(value: Any) -> str:
    """The canonical text of a tree of dict, list, str, int, float, bool and None.

    Raises:
        ValueError: keys that are no strings, lone surrogates, integers beyond 2**53 - 1, NaN and infinities.
    """
    return simple(value) if _is_plain(value) else _general(value)


def _is_plain(value: Any) -> bool:
    """Whether Python's own encoder gives the canonical form: keys in ASCII, small integers, no floats."""
    kind = type(value)
    if kind is str:
        return bool(value.isascii())
    if kind is int:
        return bool(-MAX_INTEGER <= value <= MAX_INTEGER)
    if kind is dict:
        return all(type(key) is str and key.isascii() and _is_plain(inner) for key, inner in value.items())
    if kind is list:
        return all(map(_is_plain, value))
    return value is None or kind is bool


def _general(value: Any) -> str:
    if isinstance(value, str):
        value.encode()  # a lone surrogate has no UTF-8 form: UnicodeEncodeError is a ValueError
        return simple(value)
    if value is None or isinstance(value, bool):
        return simple(value)
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise ValueError("an integer that not every reader keeps exact")
        return str(value)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_general, value))}]"
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
        return "{" + ",".join(f"{_general(key)}:{_general(inner)}" for key, inner in members) + "}"
    raise ValueError("not JSON")


def number(value: float) -> str:
    """A double as ECMAScript writes it: the shortest digits that read back as the same double."""
    if not math.isfinite(value):
        raise ValueError("not a JSON number")
    if value == 0:
        return "0"
    match = _DIGITS.match(_scientific(value))
    if match is None:
        raise ValueError("not a JSON number")
    sign, first, rest, exponent = match[1], match[2], match[3] or "", int(match[4])
    digits, point = (first + rest).rstrip("0"), exponent + 1
    if len(digits) <= point <= _POINT_MOVES_TO:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= _POINT_MOVES_TO:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -_LEADING_ZEROS < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    mantissa = f"{digits[0]}.{digits[1:]}" if digits[1:] else digits
    return f"{sign}{mantissa}e{exponent:+d}"


def _scientific(value: float) -> str:
    """Python's shortest digits, as d.ddde±x."""
    text = repr(value)
    sign = "-" if text.startswith("-") else ""
    mantissa, _, exponent = text.lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    shift = len(whole) - 1 if whole != "0" else -(len(fraction) - len(fraction.lstrip("0"))) - 1
    return f"{sign}{digits[0]}.{digits[1:] or '0'}e{int(exponent or 0) + shift}"
