"""The demo from start to end: real servers, real `pii-shield run`."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pii_shield.demo.people import CUSTOMERS
from pii_shield.demo.stage import Play, play
from pii_shield.errors import ShieldError
from pii_shield.tokens import find, is_whole

DEBTOR = CUSTOMERS[0]


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def shielded() -> Iterator[Play]:
    yield play(os.environ)


def test_without_the_shield_the_model_sees_what_the_servers_say(temporary: Path) -> None:
    direct = play(os.environ, lambda _name, _folder, command: command)
    assert all(step.saw.content == step.said and step.call.arguments == step.received for step in direct.steps)
    assert DEBTOR["card_number"] in direct.leaked


def test_nothing_is_left_behind(temporary: Path) -> None:
    play(os.environ, lambda _name, _folder, command: command)
    assert list(temporary.iterdir()) == []


def test_nothing_is_left_behind_when_a_server_does_not_start(temporary: Path) -> None:
    with pytest.raises(ShieldError, match="ended"):
        play(os.environ, lambda _name, _folder, command: [command[0], "-c", "raise SystemExit('no')"])
    assert list(temporary.iterdir()) == []


def test_behind_the_shield_no_value_reaches_the_model(shielded: Play) -> None:
    assert shielded.leaked == ()


def test_the_model_gets_a_token_for_each_field_that_is_personal(shielded: Play) -> None:
    record = shielded.steps[1].saw.content
    personal = {key: record[key] for key in ("full_name", "email", "phone", "date_of_birth", "card_number")}
    assert all(is_whole(text, find(text)) for text in personal.values())
    assert record["overdue_invoices"] == DEBTOR["overdue_invoices"]


def test_the_servers_receive_the_values(shielded: Play) -> None:
    assert shielded.steps[1].received == {"email": DEBTOR["email"]}
    mail = shielded.steps[3].received
    assert mail["to"] == DEBTOR["email"]
    assert DEBTOR["full_name"] in mail["body"]
    assert DEBTOR["phone"] in mail["body"]


def test_the_server_nobody_vouched_for_receives_nothing_and_the_human_is_told(shielded: Play) -> None:
    refused = shielded.steps[4]
    assert refused.saw.failed
    assert refused.received is None
    assert refused.notice
