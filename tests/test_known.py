"""What a process knows of a scope, and how it hears of what others add or end."""

import random
import threading
from collections.abc import Callable

import pytest

from pii_shield import tokens
from pii_shield.detect.identity import identity
from pii_shield.errors import PolicyDenied, VaultError
from pii_shield.known import ORACLE_BUDGET, TOGETHER, Budget, KnownValues
from pii_shield.types import Value
from pii_shield.vault.base import DAY, Known
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


def test_a_value_has_one_token_whatever_rule_found_it() -> None:
    known = known_values(new_vault())
    token = known.tokens_of("crm#1", [JANE])[JANE]
    again = JANE._replace(rule="recall")
    assert known.tokens_of("crm#1", [again]) == {again: token}
    other = JANE._replace(kind="number")
    assert known.tokens_of("crm#1", [other])[other] != token


def test_many_new_values_are_learned_while_they_are_put() -> None:
    known = known_values(new_vault())
    many = [person(number) for number in range(TOGETHER + 1)]
    assert len(known.tokens_of("crm#1", many)) == len(many)
    assert known.recall.find(many[0].spelling)
    assert not known.recall.find(many[-1].spelling)  # the rest is for the next message
    known.sync()
    assert known.recall.find(many[-1].spelling)


class SlowVault(MemoryVault):
    """A vault whose known values take as long to read as the test wants; a page holds one identity."""

    def __init__(self) -> None:
        super().__init__(lambda: tokens.mint_id(8, random.randrange))
        self.gate = threading.Event()
        self.broken = False

    def known(self, scope: str, since: int) -> tuple[int, list[Known]]:
        self.gate.wait()
        if self.broken:
            raise VaultError("out of order", code="PS411")
        _, rows = super().known(scope, 0)
        changed = {row.ref.id: number for number, row in enumerate(rows, start=1)}
        page = [row for row in rows if changed[row.ref.id] == since + 1]
        return (since + 1, page) if page else (since, [])


def test_a_message_waits_for_what_was_known_before_and_is_refused_if_that_takes_too_long() -> None:
    vault = SlowVault()
    vault.put("default", "crm#1", [person(number) for number in range(3)])
    known = KnownValues(vault, "default", frozenset(), lambda: 0.0, patience=0.01)
    with pytest.raises(VaultError, match="still being read") as caught:
        known.sync()
    assert caught.value.code == "PS417"
    vault.gate.set()
    waited = KnownValues(vault, "default", frozenset(), lambda: 0.0)
    waited.sync()
    assert all(waited.recall.find(person(number).spelling) for number in range(3))


def test_what_is_wrong_with_the_vault_is_said_at_the_next_message_and_mends() -> None:
    vault = SlowVault()
    vault.put("default", "crm#1", [person(1)])
    vault.broken = True
    vault.gate.set()
    known = KnownValues(vault, "default", frozenset(), lambda: 0.0)
    for _ in range(2):
        with pytest.raises(VaultError, match="out of order"):
            known.sync()
    vault.broken = False
    known.sync()
    assert known.recall.find(person(1).spelling)


def person(number: int, rule: str = "person-title") -> Value:
    spelling = f"Jane Zimmer{number}x"
    return Value("PERSON", identity("PERSON", spelling), spelling, "string", rule)


def test_a_server_that_guesses_known_names_runs_out_of_its_budget() -> None:
    now = [0.0]
    vault = new_vault()
    vault.put("default", "crm#1", [person(number) for number in range(ORACLE_BUDGET + 1)])
    known = known_values(vault, lambda: now[0])
    known.sync()
    guesses = [person(number, "recall") for number in range(ORACLE_BUDGET + 1)]
    known.spend("web#1", guesses[:-1])
    with pytest.raises(PolicyDenied) as caught:
        known.spend("web#1", guesses[-1:])
    assert caught.value.code == "PS521"
    assert "Zimmer" not in str(caught.value)
    known.spend("mail#1", guesses[:1])
    now[0] = 3600.0
    known.spend("web#1", guesses[-1:])


def test_what_a_server_sent_or_got_or_any_rule_finds_costs_it_nothing() -> None:
    vault = new_vault()
    values = [person(number) for number in range(ORACLE_BUDGET + 1)]
    vault.put("default", "crm#1", values)
    known = known_values(vault)
    known.sync()
    again = [person(number, "recall") for number in range(ORACLE_BUDGET + 1)]
    known.spend("crm#1", again)
    known.spend("web#1", values)
    known.tokens_of("mail#1", again)
    known.sync()
    known.spend("mail#1", again)
    with pytest.raises(PolicyDenied):
        known.spend("web#1", again)


def test_a_refused_message_takes_nothing_from_the_budget() -> None:
    budget = Budget(10, 0.0)
    assert not budget.spend(11, 0.0)
    assert budget.spend(10, 0.0)
    assert not budget.spend(1, 300.0)
    assert budget.spend(1, 400.0)


def test_the_first_rule_of_a_recalled_value_is_known() -> None:
    vault = new_vault()
    vault.put("default", "crm#1", [person(1)])
    known = known_values(vault)
    known.sync()
    assert known.rule_of("PERSON", person(1).identity) == "person-title"
