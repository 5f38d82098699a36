"""A server is off for as long as a sealed file says, and no other file, name, time or setting will do."""

import json
import os
from pathlib import Path

import pytest

from pii_shield import assemble, off
from pii_shield.off import MAX_SECONDS, Period, Periods
from pii_shield.settings import Config, Server
from pii_shield.vault.memory import MemoryVault

NOW = 1_800_000_000
LINE = b'{"jsonrpc":"2.0","id":1,"result":{"t":"jane@acme.com"}}'


class Desk:
    """A vault, its file of periods, and a clock that a test turns."""

    def __init__(self, folder: Path) -> None:
        self.config = Config(vault=folder / "v.db")
        self.vault = MemoryVault(lambda: "")
        self.path = off.file_of(self.config)
        self.now = float(NOW)

    @property
    def periods(self) -> Periods:
        return Periods(self.path, lambda: self.vault.secret(off.SECRET))

    def switch_off(self, server: str = "crm", seconds: int = 60) -> None:
        self.periods.change(server, Period(server, int(self.now), int(self.now) + seconds), self.now)

    def says(self, name: str = "crm", config: Config | None = None):
        return off.off(config or self.config, name, self.vault, lambda: self.now)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_it_counts_at_once_and_ends_by_itself(desk: Desk) -> None:
    says = desk.says()
    assert says() == ""
    desk.switch_off()
    assert says().startswith("crm is switched OFF until ")
    desk.now += 59.9
    assert says()
    desk.now += 0.1
    assert says() == ""


def test_on_ends_it_and_says_what_was_ended(desk: Desk) -> None:
    says = desk.says()
    desk.switch_off("mailer")
    desk.switch_off()
    was = desk.periods.change("crm", None, desk.now + 1)
    assert was == Period("crm", NOW, NOW + 60)
    assert says() == ""
    assert desk.says("mailer")()
    assert desk.periods.change("crm", None, desk.now) is None


def test_a_second_period_takes_the_place_of_the_first(desk: Desk) -> None:
    desk.switch_off(seconds=3600)
    desk.switch_off(seconds=10)
    desk.now += 10
    assert desk.says()() == ""


def test_nobody_else_is_off(desk: Desk) -> None:
    desk.switch_off()
    assert desk.says("mailer")() == desk.says("")() == ""


def test_forbidden_is_forbidden_whatever_the_file_says(desk: Desk) -> None:
    desk.switch_off()
    assert desk.says(config=desk.config._replace(off="forbidden"))() == ""
    assert off.notices(desk.config._replace(off="forbidden"), NOW) == []
    assert len(off.notices(desk.config, NOW)) == 1
    assert off.notices(desk.config, NOW + 60) == []


@pytest.mark.parametrize("period", [[NOW, NOW + MAX_SECONDS + 1], [NOW + 1, NOW + 60], [NOW - 60, NOW]])
def test_too_long_too_early_or_over_is_not_off(desk: Desk, period: list[int]) -> None:
    desk.periods.change("crm", Period("crm", *period), NOW)
    assert desk.says()() == ""
    desk.periods.change("crm", Period("crm", NOW, NOW + MAX_SECONDS), NOW)
    assert desk.says()()


def forged(desk: Desk) -> list[bytes]:
    sealed = json.loads(desk.path.read_bytes())
    later = {**sealed, "periods": [["crm", NOW + 60, NOW + 120]]}
    return [json.dumps(said).encode() for said in (later, {**sealed, "seal": ""}, {**sealed, "seal": 1}, [], {})] + [
        b"",
        b"\xff",
        b'{"periods": [["crm", 1]], "seal": ""}',
    ]


@pytest.mark.parametrize("number", range(8))
def test_a_file_that_somebody_else_wrote_switches_nothing_off(desk: Desk, number: int) -> None:
    desk.switch_off()
    desk.path.write_bytes(forged(desk)[number])
    assert [desk.says()()] == [""]
    desk.now += 60
    assert desk.says()() == ""


def test_another_vaults_file_switches_nothing_off(desk: Desk) -> None:
    desk.switch_off()
    desk.vault = MemoryVault(lambda: "")
    assert desk.says()() == ""


@pytest.mark.skipif(os.name != "posix", reason="mode bits")
def test_the_file_is_private(desk: Desk) -> None:
    desk.switch_off()
    assert desk.path.stat().st_mode & 0o777 == 0o600


def test_a_running_server_passes_meanwhile_is_told_of_it_twice_and_recorded(tmp_path: Path) -> None:
    config = Config(vault=tmp_path / "v.db", servers={"crm": Server()})
    conversation = assemble.conversation(config, name="crm", command=("crm",))
    outcomes = [conversation.from_server(LINE)]
    store = assemble.vault(config)
    periods = Periods(off.file_of(config), lambda: store.secret(off.SECRET))
    import time

    now = int(time.time())
    periods.change("crm", Period("crm", now, now + 60), now)
    outcomes += [conversation.from_server(LINE), conversation.from_server(LINE)]
    periods.change("crm", None, now)
    outcomes += [conversation.from_server(LINE)]
    store.close()
    conversation.close()
    assert [b"jane" in (outcome.forward or b"") for outcome in outcomes] == [False, True, True, False]
    assert ["OFF" in outcome.notice for outcome in outcomes] == [False, True, False, False]
    assert "protected again" in outcomes[3].notice


def test_another_server_of_that_name_is_not_off(tmp_path: Path) -> None:
    config = Config(vault=tmp_path / "v.db")
    assemble.conversation(config, name="crm", command=("crm",)).close()
    store = assemble.vault(config)
    import time

    now = int(time.time())
    Periods(off.file_of(config), lambda: store.secret(off.SECRET)).change("crm", Period("crm", now, now + 60), now)
    store.close()
    other = assemble.conversation(config, name="crm", command=("evil",))
    assert b"jane" not in (other.from_server(LINE).forward or b"")
    other.close()
