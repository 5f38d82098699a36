"""Observing a server ends by itself, and begins anew for nobody."""

from datetime import date

from pii_shield.observing import OBSERVE_DAYS, notices, observing
from pii_shield.settings import Config, Server
from pii_shield.vault.memory import MemoryVault

DAY = 86_400
START = (date(2026, 5, 31) - date(1970, 1, 1)).days * DAY


class Clock:
    now = float(START)

    def __call__(self) -> float:
        return self.now


def config(mode: str = "observe", begin: date | None = None) -> Config:
    return Config(servers={"crm": Server(mode=mode, observe_from=begin)})


def vault() -> MemoryVault:
    return MemoryVault(lambda: "")


def test_nobody_is_observed_by_default() -> None:
    assert observing(Config(), "crm", vault(), Clock())() == ""
    assert observing(config("protect"), "crm", vault(), Clock())() == ""
    assert observing(config(), "mailer", vault(), Clock())() == ""
    assert observing(config(), "", vault(), Clock())() == ""


def test_observing_ends_after_two_weeks_while_the_program_runs() -> None:
    clock = Clock()
    says = observing(config(), "crm", vault(), clock)
    assert says() == "crm is OBSERVED until 2026-06-14: what it says is recorded and NOT PROTECTED"
    clock.now = START + OBSERVE_DAYS * DAY - 1
    assert says()
    clock.now += 1
    assert says() == ""


def test_a_restart_does_not_begin_it_anew_in_whatever_scope() -> None:
    clock, store = Clock(), vault()
    observing(config(), "crm", store, clock)
    clock.now += OBSERVE_DAYS * DAY
    for scope in ("default", "other"):
        assert observing(config()._replace(scope=scope), "crm", store, clock)() == ""


def test_a_first_day_that_is_named_counts() -> None:
    clock = Clock()
    for begin, says in ((date(2026, 5, 18), True), (date(2026, 5, 17), False), (date(2026, 6, 1), False)):
        assert bool(observing(config(begin=begin), "crm", vault(), clock)()) is says


def test_a_clock_set_back_before_the_beginning_protects() -> None:
    clock = Clock()
    says = observing(config(), "crm", vault(), clock)
    clock.now -= 1
    assert says() == ""


def test_people_are_told_of_every_server_that_is_observed() -> None:
    today = date(2026, 5, 31)
    assert notices(Config(servers={"mailer": Server()}), today) == []
    (said,) = notices(config(), today)
    assert said == "crm is set to be OBSERVED for 14 days from its first use: until then it is NOT PROTECTED"
    (said,) = notices(config(begin=date(2026, 5, 18)), today)
    assert "until 2026-06-01" in said
    assert notices(config(begin=date(2026, 5, 17)), today) == []
