"""Personal data of every default type, made from a seed: one fresh value for each (surface, type). No I/O.

A surface is one place in the protocol where a server can put a text, like "tools/list description".
"""

import base64
import json
import random
import string
from collections.abc import Callable
from typing import Any, NamedTuple

FIRST = "Ottilie Tadeusz Marisol Ingrid Ayodele Zofia Henrike Leocadia Evander Siobhan Rafaela Torvald".split()
LAST_A = "Brand Okon Feather Lund Quist Hal Vander Mont Wester Ober Silva Gren Křiv Åker".split()
LAST_B = "vold kwo stone ström berg borough meer clair holm hauser heim ová".split()
STREETS = "Larkspur Juniper Tamarack Hawthorn Sycamore Magnolia Cottonwood Briarwood".split()
KINDS = "Street Avenue Road Lane".split()
TOWNS = "Springfield Riverton Ashland Georgetown Fairview Clayton".split()
PHONES = ("+1 415 555 {:04d}", "+1-212-555-{:04d}", "(312) 555-{:04d}", "+44 20 7946 {:04d}", "+49 30 2312 {:04d}")


class Plant(NamedTuple):
    """One planted value."""

    surface: str
    type: str
    value: str


def luhn_digit(body: str) -> str:
    """The check digit that makes `body` pass Luhn's test."""
    doubled = [int(d) * 2 if index % 2 == 0 else int(d) for index, d in enumerate(reversed(body))]
    return str(-sum(n - 9 if n > 9 else n for n in doubled) % 10)


def _name(dice: random.Random) -> str:
    return f"{dice.choice(FIRST)} {dice.choice(LAST_A)}{dice.choice(LAST_B)}"


def _email(dice: random.Random) -> str:
    name = f"{dice.choice(FIRST)}.{dice.choice(LAST_A[:11])}{dice.choice(LAST_B[:3])}".lower()
    return f"{name}{dice.randrange(10**4)}@{dice.choice(('example.com', 'mail.example.org', 'acme.example.net'))}"


def _phone(dice: random.Random) -> str:
    return dice.choice(PHONES).format(dice.randrange(1000, 10**4))


def _card(dice: random.Random) -> str:
    body = "4" + "".join(dice.choices(string.digits, k=14))
    digits = body + luhn_digit(body)
    return " ".join(digits[at : at + 4] for at in range(0, 16, 4))


def _iban(dice: random.Random) -> str:
    account = "".join(dice.choices(string.digits, k=18))
    return f"DE{98 - int(account + '131400') % 97:02d}{account}"


def _ssn(dice: random.Random) -> str:
    return f"{dice.randrange(101, 660)}-{dice.randrange(11, 99)}-{dice.randrange(1001, 9999)}"


def _secret(dice: random.Random) -> str:
    """A key in the shape that one of the big vendors documents; put together here, so that no file holds one."""
    letters = string.ascii_letters + string.digits
    pick: Callable[[int, str], str] = lambda length, alphabet: "".join(dice.choices(alphabet, k=length))  # noqa: E731
    header = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode()).decode().rstrip("=")
    claims = base64.urlsafe_b64encode(json.dumps({"sub": pick(8, letters)}).encode()).decode().rstrip("=")
    shapes = (
        "gh" + "p_" + pick(36, letters),
        "AK" + "IA" + pick(16, string.ascii_uppercase + "234567"),
        "xo" + f"xb-{pick(12, string.digits)}-{pick(12, string.digits)}-{pick(24, letters)}",
        f"{header}.{claims}.{pick(43, letters)}",
    )
    return dice.choice(shapes)


def _password(dice: random.Random) -> str:
    return "".join(dice.choices(string.ascii_letters + string.digits, k=10)) + "!7q"


def _address(dice: random.Random) -> str:
    return f"{dice.randrange(100, 9999)} {dice.choice(STREETS)} {dice.choice(KINDS)}, {dice.choice(TOWNS)}"


def _dob(dice: random.Random) -> str:
    return f"19{dice.randrange(40, 99)}-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}"


MAKERS: dict[str, Callable[[random.Random], str]] = {
    "EMAIL": _email,
    "PHONE": _phone,
    "CREDIT_CARD": _card,
    "IBAN": _iban,
    "US_SSN": _ssn,
    "SECRET": _secret,
    "PASSWORD": _password,
    "PERSON": _name,
    "ADDRESS": _address,
    "DOB": _dob,
}
"""Of each type: dice to one value in the form that a server would write."""

FIELD_NAMES = {
    "PERSON": "full_name",
    "EMAIL": "email",
    "PHONE": "phone",
    "ADDRESS": "street_address",
    "DOB": "date_of_birth",
    "CREDIT_CARD": "credit_card",
    "IBAN": "iban",
    "US_SSN": "ssn",
    "PASSWORD": "password",
    "SECRET": "api_key",
}


class Planter:
    """Makes texts that hold values, and remembers each.

    Attributes:
        plants: everything made so far; the same (surface, type) is made once.
    """

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self.plants: dict[tuple[str, str], Plant] = {}

    def value(self, surface: str, type: str) -> str:
        """The value of one type for one surface."""
        plant = Plant(surface, type, MAKERS[type](random.Random(f"{self._seed}/{surface}/{type}")))
        return self.plants.setdefault((surface, type), plant).value

    def prose(self, surface: str) -> str:
        """A sentence that holds the types which can be told by their own form."""
        value = {
            type: self.value(surface, type) for type in ("EMAIL", "PHONE", "CREDIT_CARD", "IBAN", "US_SSN", "SECRET")
        }
        return (
            f"Write to {value['EMAIL']} or call {value['PHONE']}. Card {value['CREDIT_CARD']}, IBAN {value['IBAN']}, "
            f"SSN {value['US_SSN']}, key {value['SECRET']}, "
            f"database postgres://svc:{self.value(surface, 'PASSWORD')}@db.example.com/crm"
        )

    def fields(self, surface: str) -> dict[str, Any]:
        """A record that holds every type, each under a telling name."""
        return {name: self.value(surface, type) for type, name in FIELD_NAMES.items()}

    def json(self, surface: str) -> str:
        """The record as JSON text."""
        return json.dumps(self.fields(surface), ensure_ascii=False)

    def json_in_json(self, surface: str) -> str:
        """JSON text that holds the record as JSON text."""
        return json.dumps({"nested": self.json(surface)})

    def csv(self, surface: str) -> str:
        """The record as a table with a header."""
        record = self.fields(surface)
        return ",".join(record) + "\n" + ",".join(f'"{value}"' for value in record.values()) + "\n"

    def numbers(self, surface: str) -> dict[str, int]:
        """Values as JSON numbers."""
        digits = {type: "".join(filter(str.isdigit, self.value(surface, type))) for type in ("CREDIT_CARD", "US_SSN")}
        return {"credit_card": int(digits["CREDIT_CARD"]), "ssn": int(digits["US_SSN"])}
