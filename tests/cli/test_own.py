"""Which addresses are one's own: asked until the answer makes sense, and once."""

from argparse import Namespace
from pathlib import Path

import pytest

from pii_shield.cli import clients, own
from pii_shield.settings import Config


def asked(monkeypatch: pytest.MonkeyPatch, folder: Path, *answers: str, yes: bool = False) -> list[str]:
    said = list(answers)
    monkeypatch.setattr(clients, "answer", lambda _: said.pop(0))
    found = own.wanted(Namespace(own=[], yes=yes), Config(tuning=(folder / "tuning.toml",)))
    assert not said, "an answer that nobody asked for"
    return found


def test_an_answer_that_makes_no_sense_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = ("gmail.com", "me@Outlook.com, nonsense", "@acme", "acme.example, me@gmail.com")
    assert asked(monkeypatch, tmp_path, *answers) == ["acme.example", "me@gmail.com"]
    shown = capsys.readouterr().out
    assert "everybody's" in shown and "nonsense is no domain" in shown and "no mail address" in shown


def test_nobody_is_asked_who_does_not_want_to_be_or_has_decided(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert asked(monkeypatch, tmp_path, "") == []
    assert asked(monkeypatch, tmp_path, yes=True) == []
    (tmp_path / "tuning.toml").touch()
    assert asked(monkeypatch, tmp_path) == []
