"""What the vault's tests share: values, grants, a clock, a way to open the same vault again."""

import itertools
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from pii_shield import policy, tokens
from pii_shield.types import TokenRef, Value
from pii_shield.vault.base import DAY
from pii_shield.vault.keys import KeyFile
from pii_shield.vault.sqlite import SqliteVault

CRM, MAILER = "crm#1a2b3c4d5e6f", "mailer#0f0f0f0f0f0f"


def new_id() -> str:
    return tokens.mint_id(8, secrets.randbelow)


def ids() -> Callable[[], str]:
    """Ids that are valid, distinct and the same in every run."""
    numbers: Iterator[int] = itertools.count(1)

    def mint() -> str:
        body = f"A{next(numbers):07d}"
        return body + tokens.check_character(body)

    return mint


def email(name: str, spelling: str = "", rule: str = "email") -> Value:
    address = f"{name}@example.com"
    return Value("EMAIL", address, spelling or address, "string", rule)


def born(date: str) -> Value:
    return Value("DOB", date, date, "string", "field:dob")


def phone(kind: str = "string") -> Value:
    return Value("PHONE", "+4930123456", "4930123456", kind, "phone")


def grant(ref: TokenRef, server: str = CRM, scope: str = "default") -> policy.Grant:
    return policy.Grant(policy._MINT, scope, ref, server, False)


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_days(self, days: float) -> None:
        self.now += days * DAY


def sqlite_vault(directory: Path, clock: Callable[[], float] | None = None, name: str = "vault.db") -> SqliteVault:
    """The vault of a directory; call again for another process's view."""
    keys = KeyFile(directory / "keys" / "vault.key")
    path = directory / "data" / name
    return SqliteVault(path, keys, new_id, clock=clock) if clock else SqliteVault(path, keys, new_id)
