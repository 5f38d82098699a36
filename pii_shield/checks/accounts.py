"""Bank accounts and wallets: check digits beyond IBAN and ABA. No I/O."""

import hashlib
import re
from collections.abc import Sequence

from .sums import numbers, value, weighted
from .text import alnum

_COUNTRIES = frozenset(
    (
        "AD AE AF AG AI AL AM AO AR AT AU AW AZ BA BB BD BE BF BG BH BI BJ BM BN BO BR BS BT BW BY BZ CA CD CF CG CH "
        "CI CL CM CN CO CR CU CV CW CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FO FR GA GB GD GE GH GI GL GM GN "
        "GQ GR GT GW GY HK HN HR HT HU ID IE IL IN IQ IR IS IT JM JO JP KE KG KH KM KN KR KW KY KZ LA LB LC LI LK LR "
        "LS LT LU LV LY MA MC MD ME MG MK ML MM MN MO MR MT MU MV MW MX MY MZ NA NE NG NI NL NO NP NZ OM PA PE PG PH "
        "PK PL PS PT PY QA RO RS RU RW SA SB SC SD SE SG SI SK SL SM SN SO SR SS ST SV SY SZ TC TD TG TH TJ TL TM TN "
        "TO TR TT TW TZ UA UG US UY UZ VA VC VE VG VN VU WS XK YE ZA ZM ZW"
    ).split()
)


def bic(text: str) -> bool:
    """ISO 9362: bank, country, place, branch."""
    code = text.strip().upper()
    return re.fullmatch(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", code) is not None and code[4:6] in _COUNTRIES


def clabe(text: str) -> bool:
    """Mexico, CLABE: 18 digits, weights 3 7 1 mod 10."""
    number = numbers(text, 18)
    products = [digit * weight % 10 for digit, weight in zip(number[:17], (3, 7, 1) * 6, strict=False)]
    return bool(number) and value(number[:3]) > 1 and -sum(products) % 10 == number[17]


def ar_cbu(text: str) -> bool:
    """Argentina, CBU: two blocks with weights 7 1 3 9."""
    number = numbers(text, 22)
    if not number:
        return False
    first = -weighted(number[:7], (7, 1, 3, 9, 7, 1, 3)) % 10
    second = -weighted(number[8:21], (3, 9, 7, 1) * 3 + (3,)) % 10
    return first == number[7] and second == number[21]


def fr_rib(text: str) -> bool:
    """France, RIB: bank, branch, account, key mod 97."""
    code = alnum(text)
    if not re.fullmatch(r"\d{10}[0-9A-Z]{11}\d\d", code):
        return False
    number = "".join(
        char if char.isdigit() else str(int("12345678912345678923456789"[ord(char) - 65])) for char in code
    )
    return (89 * int(number[:5]) + 15 * int(number[5:10]) + 3 * int(number[10:21]) + int(number[21:])) % 97 == 0


def es_ccc(text: str) -> bool:
    """Spain, CCC: two check digits mod 11."""
    number = numbers(text, 20)
    if not number:
        return False
    wanted = (_es_digit([0, 0, *number[:8]]), _es_digit(number[10:]))
    return wanted == (number[8], number[9])


def _es_digit(number: Sequence[int]) -> int:
    rest = weighted(number, (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11
    return rest if rest < 2 else 11 - rest


_BECH32 = {char: worth for worth, char in enumerate("qpzry9x8gf2tvdw0s3jn54khce6mua7l")}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def bech32(text: str) -> bool:
    """Checksum of BIP 173 (bech32) or BIP 350 (bech32m)."""
    prefix, _, data = text.lower().rpartition("1")
    if not 1 <= len(prefix) <= 12 or not 6 <= len(data) <= 120 or any(char not in _BECH32 for char in data):
        return False
    spread = [*(ord(char) >> 5 for char in prefix), 0, *(ord(char) & 31 for char in prefix)]
    return _polymod([*spread, *(_BECH32[char] for char in data)]) in (1, 0x2BC830A3)


def _polymod(values: Sequence[int]) -> int:
    check = 1
    for worth in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ worth
        for place, term in enumerate(_GENERATOR):
            check ^= term if top >> place & 1 else 0
    return check


_BASE58 = {char: worth for worth, char in enumerate("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")}
_RIPPLE58 = {char: worth for worth, char in enumerate("rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz")}


def _sum_of_25(text: str, alphabet: dict[str, int]) -> bool:
    """Whether 25 bytes in some base 58 end in the beginning of their double SHA-256."""
    number = 0
    for char in text[:64]:
        if char not in alphabet:
            return False
        number = number * 58 + alphabet[char]
    if number >> 200 or number == 0:
        return False
    raw = number.to_bytes(25, "big")
    return hashlib.sha256(hashlib.sha256(raw[:21]).digest()).digest()[:4] == raw[21:]


def coin_base58(text: str) -> bool:
    """Address of Litecoin, Dogecoin, Dash, Tron, Zcash' twin and others: base 58 with a double SHA-256."""
    return _sum_of_25(text, _BASE58)


def ripple(text: str) -> bool:
    """Address of the XRP ledger."""
    return _sum_of_25(text, _RIPPLE58)


def solana(text: str) -> bool:
    """32 bytes in base 58, both cases and digits."""
    number = 0
    for char in text[:64]:
        if char not in _BASE58:
            return False
        number = number * 58 + _BASE58[char]
    return 1 << 240 < number < 1 << 256 and any(map(str.isdigit, text)) and any(map(str.islower, text))


CHECKS = (ar_cbu, bech32, bic, clabe, coin_base58, es_ccc, fr_rib, ripple, solana)
