"""What a process knows of a scope, and how it hears of what others add or end."""

import random
from collections.abc import Callable

from pii_shield import tokens
from pii_shield.known import KnownValues
from pii_shield.types import Value
from pii_shield.vault.base import DAY
from pii_shield.vault.memory import MemoryVault

JANE = Value("EMAIL", "jane@acme.com", "jane@acme.com", "string", "email.address")


def new_vault() -> MemoryVault:
    random_ = random.Random(1)
    return MemoryVault(lambda: tokens.mint_id(8, random_.randrange))


def known_values(vault: MemoryVault, clock: Callable[[], float] = lambda: 0.0) -> KnownValues:
    return KnownValues(vault, "default", frozenset(), clock)


def test_a_value_in_daily_use_does_not_expire_as_idle() -> None:
    now = [0.0]
    vault = MemoryVault(lambda: tokens.mint_id(8, random.randrange), clock=lambda: now[0], retention_days=3)
    known = known_values(vault, lambda: now[0])
    token = known.tokens_of("crm#1", [JANE])[JANE]
    for day in range(1, 12):
        now[0] = day * (DAY + 60)
        known.sync()
        assert known.tokens_of("crm#1", [JANE])[JANE] == token
    (row,) = vault.look("default", [token[1]])
    assert row is not None
    assert not row.expired


def test_a_new_value_is_kept_and_recalled() -> None:
    known = known_values(new_vault())
    token = known.tokens_of("crm#1", [JANE])[JANE]
    assert token[0] == "EMAIL"
    known.sync()
    assert known.recall.find("to jane@acme.com", "mail#1")


def test_values_of_other_processes_arrive() -> None:
    vault = new_vault()
    here, there = (known_values(vault) for _ in range(2))
    token = there.tokens_of("crm#1", [JANE])[JANE]
    assert not here.recall.find("jane@acme.com", "crm#1")
    here.sync()
    assert here.recall.find("jane@acme.com", "crm#1")
    assert here.tokens_of("crm#1", [JANE])[JANE] == token


def test_what_is_forgotten_is_no_longer_recalled_and_gets_a_new_token() -> None:
    vault = new_vault()
    known = known_values(vault)
    label, ref = known.tokens_of("crm#1", [JANE])[JANE]
    assert vault.forget("default", ref)
    known.sync()
    assert not known.recall.find("jane@acme.com", "crm#1")
    assert known.tokens_of("crm#1", [JANE])[JANE] != (label, ref)


def test_another_server_that_sends_a_known_value_becomes_an_origin() -> None:
    vault = new_vault()
    known = known_values(vault)
    first = known.tokens_of("crm#1", [JANE])[JANE]
    assert known.tokens_of("mail#1", [JANE])[JANE] == first
    (row,) = vault.look("default", [first[1]])
    assert row is not None
    assert row.origins == {"crm#1", "mail#1"}
