"""Is this string what it looks like? Check digits and syntax, one function per kind, str -> bool. No I/O.

Rules name these functions (`check = "luhn"`), see `CHECKS`. A check sees the matched text with its separators and must
be fast and bounded: it runs on hostile input. Checks that know words get their lists from `checks`.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache

from . import (
    accounts,
    americas,
    asia,
    eurasia,
    europe,
    health,
    ids,
    machines,
    network,
    numbers,
    phones,
    secrets,
    vat,
    words,
)
from .phones import phone_e164, without_extension
from .text import alnum, digits

__all__ = ["CHECKS", "NAMES", "Check", "alnum", "checks", "digits", "phone_e164", "without_extension"]

Check = Callable[[str], bool]
Words = Mapping[str, frozenset[str]]

CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        ids.base58check,
        ids.codice_fiscale,
        ids.cpf,
        ids.es_dni,
        ids.has_digit,
        ids.id_like,
        network.email,
        network.ip,
        network.ipv4,
        network.ipv6,
        network.mac,
        numbers.aba_routing,
        numbers.card,
        numbers.card_like,
        numbers.card_sure,
        numbers.iban,
        numbers.luhn,
        numbers.us_itin,
        numbers.us_ssn,
        phones.phone_grouped,
        phones.phone_international,
        phones.phone_national,
        phones.phone_shape,
        phones.phone_short,
        phones.phone_us,
        phones.phone_written,
        secrets.jwt,
        secrets.mixed,
        secrets.password,
        secrets.secret_field,
        secrets.secret_key,
        secrets.user_name,
        words.address_field,
        words.address_words,
        words.calendar_date,
        *accounts.CHECKS,
        *americas.CHECKS,
        *asia.CHECKS,
        *eurasia.CHECKS,
        *europe.CHECKS,
        *health.CHECKS,
        *machines.CHECKS,
        *vat.CHECKS,
    )
}
_WORD_CHECKS: dict[str, Callable[[str, Words], bool]] = {
    check.__name__: check for check in (words.first_name, words.full_name, words.known_first_name, words.not_word)
}
NAMES = frozenset(CHECKS) | frozenset(_WORD_CHECKS)


def checks(lists: Words) -> dict[str, Check]:
    """All checks by name, those that know words bound to the given lists."""
    return CHECKS | {name: _bound(check, lists) for name, check in _WORD_CHECKS.items()}


REMEMBERED = 4096
"""Texts whose verdict is remembered, for each check that knows words: names come again and again."""


def _bound(check: Callable[[str, Words], bool], lists: Words) -> Check:
    return lru_cache(REMEMBERED)(lambda text: check(text, lists))
