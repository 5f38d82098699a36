"""The canonical form of a value within its type: many spellings, one identity. No I/O."""

import unicodedata
from collections.abc import Callable

from ..checks import alnum, digits, phone_e164, without_extension


def identity(type: str, spelling: str) -> str:
    """Canonical form of a spelling: E.164 phone, folded e-mail and name, bare card digits; else NFC and exact."""
    return _FORMS.get(type, _exact)(spelling)


def _exact(spelling: str) -> str:
    return unicodedata.normalize("NFC", spelling)


def _folded(spelling: str) -> str:
    return " ".join(unicodedata.normalize("NFC", spelling).casefold().split())


def _email(spelling: str) -> str:
    return _folded(spelling.replace("%40", "@"))


def _phone(spelling: str) -> str:
    """E.164 if that can be told, else the digits as dialled; an extension makes another number."""
    number = without_extension(spelling)
    extension = digits(spelling[len(number) :])
    bare = digits(number)
    international = "+" + bare.removeprefix("00") if number.lstrip(" (").startswith(("+", "00")) else ""
    known = phone_e164(international) if international else phone_e164("+1" + bare) if len(bare) == 10 else ""
    known = known or international or (phone_e164("+" + bare) if len(bare) == 11 and bare[0] == "1" else "")
    return (known or bare or _folded(spelling)) + (f";ext={extension}" if extension else "")


def _digits(spelling: str) -> str:
    return digits(spelling) or _exact(spelling)


def _alnum(spelling: str) -> str:
    return alnum(spelling) or _exact(spelling)


_FORMS: dict[str, Callable[[str], str]] = {
    "EMAIL": _email,
    "PERSON": _folded,
    "ADDRESS": _folded,
    "ORG": _folded,
    "LOCATION": _folded,
    "PHONE": _phone,
    "CREDIT_CARD": _digits,
    "US_SSN": _digits,
    "IBAN": _alnum,
    "MAC": _alnum,
    "NATIONAL_ID": _alnum,
    "TAX_ID": _alnum,
    "PASSPORT": _alnum,
    "DRIVER_LICENSE": _alnum,
    "IP": str.casefold,
    "UUID": str.casefold,
}
