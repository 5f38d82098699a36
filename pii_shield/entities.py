"""The one vocabulary of entity types: what each is called, how sensitive it is, where regulations place it.

A pure table. `label` is the word inside a token: neutral for government and financial ids, because models refuse
to handle something that calls itself SSN.
"""

from enum import Enum
from typing import NamedTuple


class Sensitivity(Enum):
    """Class of harm. The release policy speaks of classes, never of single types."""

    CONTACT = "contact"
    IDENTITY = "identity"
    NETWORK = "network"
    HEALTH = "health"
    FINANCIAL = "financial"
    GOVERNMENT = "government"
    SECRET = "secret"


class EntityType(NamedTuple):
    """One row of the table.

    Attributes:
        name: the type, as rules and reports say it.
        label: the display word inside tokens.
        sensitivity: class used by the release policy.
        by_default: whether `run` protects it without configuration (`scan` always knows all types).
        low_entropy: values that can be listed exhaustively: they link only within (scope, origin).
        gdpr: Article 4(1) identifier, Article 9 special category, or "".
        hipaa: number of the Safe Harbor identifier in 45 CFR 164.514(b)(2)(i), A-R, or "".
        pci: "CHD" (cardholder data), "SAD" (sensitive authentication data) or "".
        title: what its values are, for people.
    """

    name: str
    label: str
    sensitivity: Sensitivity
    by_default: bool
    low_entropy: bool
    gdpr: str
    hipaa: str
    pci: str
    title: str


_C = Sensitivity
_ROWS = (
    EntityType("EMAIL", "EMAIL", _C.CONTACT, True, False, "4(1)", "F", "", "e-mail addresses"),
    EntityType("PHONE", "PHONE", _C.CONTACT, True, False, "4(1)", "D", "", "phone numbers"),
    EntityType("ADDRESS", "ADDRESS", _C.CONTACT, True, False, "4(1)", "B", "", "street addresses"),
    EntityType("POSTAL_CODE", "POSTCODE", _C.CONTACT, False, True, "4(1)", "B", "", "postal codes"),
    EntityType("PERSON", "PERSON", _C.IDENTITY, True, False, "4(1)", "A", "", "names of people"),
    EntityType("USERNAME", "USER", _C.IDENTITY, False, False, "4(1)", "R", "", "user names"),
    EntityType("DOB", "DOB", _C.IDENTITY, True, True, "4(1)", "C", "", "dates of birth"),
    EntityType("AGE", "AGE", _C.IDENTITY, False, True, "4(1)", "C", "", "ages"),
    EntityType("DATE", "DATE", _C.IDENTITY, False, True, "", "C", "", "dates"),
    EntityType("LOCATION", "LOCATION", _C.IDENTITY, False, False, "4(1)", "B", "", "places"),
    EntityType("GEO", "GEO", _C.IDENTITY, False, False, "4(1)", "B", "", "coordinates"),
    EntityType("ORG", "ORG", _C.IDENTITY, False, False, "", "", "", "organisations"),
    EntityType("CREDIT_CARD", "CARD", _C.FINANCIAL, True, False, "4(1)", "J", "CHD", "payment card numbers"),
    EntityType("IBAN", "ACCOUNT", _C.FINANCIAL, True, False, "4(1)", "J", "", "IBANs"),
    EntityType("BANK_ACCOUNT", "ACCOUNT", _C.FINANCIAL, True, False, "4(1)", "J", "", "bank account numbers"),
    EntityType("CRYPTO", "WALLET", _C.FINANCIAL, True, False, "4(1)", "J", "", "crypto wallets"),
    EntityType("US_SSN", "ID", _C.GOVERNMENT, True, True, "4(1)", "G", "", "US social security numbers"),
    EntityType("NATIONAL_ID", "ID", _C.GOVERNMENT, True, True, "4(1)", "R", "", "national identity numbers"),
    EntityType("TAX_ID", "ID", _C.GOVERNMENT, True, True, "4(1)", "R", "", "tax numbers"),
    EntityType("PASSPORT", "ID", _C.GOVERNMENT, True, False, "4(1)", "K", "", "passport numbers"),
    EntityType("DRIVER_LICENSE", "ID", _C.GOVERNMENT, True, False, "4(1)", "K", "", "driver licence numbers"),
    EntityType("HEALTH_ID", "ID", _C.HEALTH, True, False, "9", "H", "", "health insurance and patient numbers"),
    EntityType("VEHICLE", "VEHICLE", _C.IDENTITY, False, False, "4(1)", "L", "", "vehicle numbers and plates"),
    EntityType("DEVICE_ID", "DEVICE", _C.NETWORK, False, False, "4(1)", "M", "", "device numbers"),
    EntityType("IP", "IP", _C.NETWORK, False, True, "4(1)", "O", "", "IP addresses"),
    EntityType("MAC", "MAC", _C.NETWORK, False, False, "4(1)", "M", "", "MAC addresses"),
    EntityType("URL", "URL", _C.NETWORK, False, False, "4(1)", "N", "", "web addresses"),
    EntityType("UUID", "UUID", _C.NETWORK, False, False, "", "R", "", "UUIDs"),
    EntityType("SECRET", "SECRET", _C.SECRET, True, False, "", "", "", "keys and other secrets"),
    EntityType("PASSWORD", "SECRET", _C.SECRET, True, False, "", "", "SAD", "passwords"),
    # Not personal data: server text that looks like a token of ours, kept apart so that releasing restores it exactly.
    EntityType("LITERAL", "LITERAL", _C.NETWORK, True, False, "", "", "", "text that looks like a token"),
    # An opaque protocol string (cursor, requestState) that holds a finding and must return byte-exact.
    EntityType("OPAQUE", "OPAQUE", _C.IDENTITY, True, False, "4(1)", "R", "", "sealed protocol strings"),
)

TYPES: dict[str, EntityType] = {row.name: row for row in _ROWS}
LABELS: frozenset[str] = frozenset(row.label for row in _ROWS)
DEFAULT_TYPES: frozenset[str] = frozenset(row.name for row in _ROWS if row.by_default)
# Widest duty of care first: when one value was seen as several types, the strictest class applies.
STRICTEST_FIRST: tuple[Sensitivity, ...] = (
    _C.SECRET,
    _C.GOVERNMENT,
    _C.FINANCIAL,
    _C.HEALTH,
    _C.IDENTITY,
    _C.CONTACT,
    _C.NETWORK,
)
