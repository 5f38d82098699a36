"""What regulations name and ask for, next to what this program has. Types come from the one table. No I/O."""

from typing import Final, NamedTuple

from ...entities import TYPES
from ...profiles import NOT_PERSONAL


class Identifier(NamedTuple):
    """One of the 18 identifiers of HIPAA's Safe Harbor, 45 CFR 164.514(b)(2)(i).

    Attributes:
        letter: its paragraph.
        text: what it covers, shortened.
        gap: what of it no type of ours finds, "" if nothing is known.
    """

    letter: str
    text: str
    gap: str = ""

    @property
    def types(self) -> list[str]:
        """Our types for it."""
        return [kind.name for kind in TYPES.values() if kind.hipaa == self.letter and kind.name not in NOT_PERSONAL]


IDENTIFIERS: Final = (
    Identifier("A", "Names", "some names in running text"),
    Identifier("B", "Geographic subdivisions smaller than a state", "places named in running text, unless asked for"),
    Identifier(
        "C", "Dates of an individual except the year; ages over 89", "dates other than of birth, unless asked for"
    ),
    Identifier("D", "Telephone numbers"),
    Identifier("E", "Fax numbers", "found as telephone numbers, not told apart"),
    Identifier("F", "E-mail addresses"),
    Identifier("G", "Social security numbers"),
    Identifier("H", "Medical record numbers", "numbers without a known shape or a telling field name"),
    Identifier("I", "Health plan beneficiary numbers", "found as health insurance numbers, not told apart"),
    Identifier("J", "Account numbers", "numbers without a known shape or a telling field name"),
    Identifier("K", "Certificate and licence numbers", "licences of professions"),
    Identifier("L", "Vehicle identifiers and serial numbers, licence plates", "plates of many countries"),
    Identifier("M", "Device identifiers and serial numbers", "serial numbers without a known shape"),
    Identifier("N", "Web addresses (URLs)"),
    Identifier("O", "IP addresses"),
    Identifier("P", "Biometric identifiers", "not detected; binary content is withheld as a whole"),
    Identifier("Q", "Full-face photographs", "not detected; images are withheld as a whole"),
    Identifier("R", "Any other unique identifying number, characteristic or code", "what no rule describes"),
)
ALIASES: Final = {"E": "D", "I": "H"}
"""Identifiers whose values are found as those of another one."""


class Duty(NamedTuple):
    """Something that a regulation asks for.

    Attributes:
        where: article or requirement.
        asks: what it asks for, shortened.
        here: what this record has for it.
        open: what remains with the organisation.
    """

    where: str
    asks: str
    here: str
    open: str


GDPR_30: Final = (
    Duty("30(1)(a)", "Controller, representative, data protection officer", "as named in the configuration", ""),
    Duty("30(1)(b)", "Purposes of the processing", "as named in the configuration", ""),
    Duty("30(1)(c)", "Categories of people and of data", "categories of data, counted", "categories of people"),
    Duty("30(1)(d)", "Recipients", "every server that was handed a value, with its tool", "who runs each server"),
    Duty(
        "30(1)(e)",
        "Transfers to third countries",
        "nothing: a record of tools does not know where they run",
        "all of it",
    ),
    Duty("30(1)(f)", "Time limits for erasure", "retention of values and of this record", "retention at recipients"),
    Duty(
        "30(1)(g)",
        "Technical and organisational measures",
        "pseudonymisation, encryption, release policy, record",
        "all others",
    ),
)
PCI: Final = (
    Duty(
        "3.4",
        "Card numbers are masked where they are shown",
        "the model sees a token without any digit",
        "other systems",
    ),
    Duty(
        "3.5",
        "Stored card numbers are unreadable",
        "values in the vault are encrypted (AES-256-GCM)",
        "keys are kept apart",
    ),
    Duty(
        "10.2",
        "Actions on cardholder data are logged",
        "every protection, release and refusal has a row",
        "other systems",
    ),
    Duty(
        "10.3",
        "Logs are protected from changes",
        "chained rows, signed checkpoints in a second place",
        "who keeps checkpoints",
    ),
    Duty("10.5.1", "Logs are kept 12 months, 3 of them at hand", "nothing is deleted without `audit prune`", "backups"),
)
SOC_2: Final = (
    Duty(
        "CC6.1",
        "Logical access to data is restricted",
        "release policy: what may go to which tool",
        "access to this machine",
    ),
    Duty(
        "CC6.7", "Data is protected when it moves", "tokens in place of values towards the model", "network encryption"
    ),
    Duty(
        "CC7.2",
        "The system is monitored for anomalies",
        "refusals, errors, flows and observed times",
        "who looks at them",
    ),
    Duty("CC8.1", "Changes are authorised and recorded", "changes of policy and keys are rows", "their approval"),
    Duty(
        "C1.1",
        "Confidential information is identified",
        "types and classes of data, counted by tool",
        "what no rule finds",
    ),
)
AI_ACT: Final = (
    Duty(
        "Art. 12",
        "Events are recorded automatically over the system's lifetime",
        "every message with personal data",
        "prompts and answers",
    ),
    Duty("Art. 19", "Logs are kept for at least six months", "nothing is deleted without `audit prune`", "backups"),
    Duty(
        "Art. 26(6)",
        "Deployers keep the logs under their control",
        "the record lies on this machine, as one file",
        "its safekeeping",
    ),
)
