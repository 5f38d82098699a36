"""Ids of governments and wallets: their check characters. No I/O."""

import hashlib
import re

from .text import alnum, digits

_BASE58 = {char: value for value, char in enumerate("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")}
_ODD_VALUES = "1 0 5 7 9 13 15 17 19 21 1 0 5 7 9 13 15 17 19 21 2 4 18 20 11 3 6 8 12 14 16 10 22 25 24 23".split()
_ODD = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", map(int, _ODD_VALUES), strict=True))
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


def has_digit(text: str) -> bool:
    """At least one digit."""
    return any(map(str.isdigit, text))


def id_like(text: str) -> bool:
    """7 to 20 letters and digits, mostly digits or a fixed-width code, no date and no word."""
    code = alnum(text)
    if not 7 <= len(code) <= 20 or len(set(code)) < 3 or _UUID.fullmatch(text):
        return False
    return len(digits(code)) >= 4 or (len(code) in (16, 18) and text == code)


def codice_fiscale(text: str) -> bool:
    """Check letter of the Italian tax code."""
    if len(text) != 16 or not text.isalnum() or not text.isascii():
        return False
    total = sum(_ODD[c] for c in text[:15:2]) + sum(int(c) if c.isdigit() else ord(c) - 65 for c in text[1:15:2])
    return text[15] == chr(65 + total % 26)


def es_dni(text: str) -> bool:
    """Check letter of the Spanish DNI and NIE."""
    code = alnum(text)
    if len(code) != 9:
        return False
    number = {"X": "0", "Y": "1", "Z": "2"}.get(code[0], code[0]) + code[1:8]
    return number.isdigit() and "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == code[8]


def cpf(text: str) -> bool:
    """Both check digits of the Brazilian CPF."""
    number = [int(d) for d in digits(text)]
    if len(number) != 11 or len(set(number)) == 1:
        return False
    return all(
        sum(d * w for d, w in zip(number, range(end + 1, 1, -1), strict=False)) * 10 % 11 % 10 == number[end]
        for end in (9, 10)
    )


def base58check(text: str) -> bool:
    """Double SHA-256 checksum of a Bitcoin address."""
    value = 0
    for char in text:
        if char not in _BASE58:
            return False
        value = value * 58 + _BASE58[char]
    if value >> 200:
        return False
    raw = value.to_bytes(25, "big")
    return hashlib.sha256(hashlib.sha256(raw[:21]).digest()).digest()[:4] == raw[21:] and value > 0
