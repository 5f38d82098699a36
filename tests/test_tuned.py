"""Tuning counts from the next message on; a broken edit leaves in force what was there before."""

import os
import tomllib
from pathlib import Path

import pytest

from pii_shield.detect.engine import Engine
from pii_shield.errors import ConfigError
from pii_shield.rules import RuleSet
from pii_shield.settings import Config
from pii_shield.tuned import Files, Tuned, digest, tuned
from pii_shield.tuning.entries import Tuning, read
from pii_shield.vault.memory import MemoryVault

ALLOW = '[[allow]]\ntype = "{}"\n'


def write(path: Path, text: str) -> None:
    """As an editor does: another file under the same name."""
    new = path.with_name("new")
    new.write_text(text, "utf-8")
    new.chmod(0o600)
    new.replace(path)


class Watched:
    def __init__(self, folder: Path) -> None:
        self.user, self.managed = folder / "tuning.toml", folder / "managed.toml"
        self.said: list[str] = []
        self.files = Files([self.user, self.managed], self.said.append)

    def allowed(self) -> list[str]:
        return [entry.type for entry in self.files().allow]


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def test_files_need_not_be_there_and_count_when_they_come_and_go(watched: Watched) -> None:
    assert watched.allowed() == []
    write(watched.user, ALLOW.format("IP"))
    assert watched.allowed() == ["IP"]
    write(watched.managed, ALLOW.format("MAC"))
    assert watched.allowed() == ["IP", "MAC"]
    watched.user.unlink()
    assert watched.allowed() == ["MAC"]
    assert watched.said == []


def test_what_did_not_change_is_not_read_again(watched: Watched) -> None:
    write(watched.user, ALLOW.format("IP"))
    first = watched.files()
    assert watched.files() is first


@pytest.mark.parametrize("broken", ["[[allow]\n", '[[allow]]\ntype = "jane@acme.example"\n', "\ud800"])
def test_a_broken_edit_keeps_what_was_before_and_is_told_once(watched: Watched, broken: str) -> None:
    write(watched.user, ALLOW.format("IP"))
    assert watched.allowed() == ["IP"]
    watched.user.write_bytes(broken.encode("utf-8", "surrogatepass"))
    assert watched.allowed() == watched.allowed() == ["IP"]
    (said,) = watched.said
    assert said.startswith("kept the settings from before (PS")
    assert str(watched.user) in said
    assert "jane" not in said
    write(watched.user, ALLOW.format("MAC"))
    assert watched.allowed() == ["MAC"]


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_a_file_that_others_may_write_does_not_count(watched: Watched) -> None:
    assert watched.allowed() == []
    write(watched.user, ALLOW.format("IP"))
    watched.user.chmod(0o666)
    assert watched.allowed() == []
    assert "somebody else" in watched.said[0]


def test_a_file_that_never_held_is_an_error(watched: Watched) -> None:
    write(watched.user, "[[allow]\n")
    with pytest.raises(ConfigError, match="is not TOML"):
        watched.files()
    with pytest.raises(ConfigError, match="is not TOML"):
        watched.files()


def engine(types: frozenset[str]) -> Engine:
    return Engine(RuleSet(), types)


def tuning(text: str) -> Tuning:
    return read(tomllib.loads(text), "t")


def test_an_engine_for_other_types_is_built_when_they_are_asked_for() -> None:
    now = tuning("")
    one = Tuned(lambda: now, "crm", frozenset({"EMAIL"}), engine, str)
    assert one()[0].types == {"EMAIL"}
    now = tuning('[[deny]]\ntype = "IP"\n')
    assert one()[0].types == {"EMAIL", "IP"}
    assert one()[0] is one()[0]


def test_the_usual_engine_serves_as_long_as_the_types_are_the_usual_ones(tmp_path: Path) -> None:
    built = []
    usual = engine(frozenset({"EMAIL"}))
    config = Config(types=usual.types, tuning=(tmp_path / "tuning.toml",))
    one = tuned(config, "crm", usual, MemoryVault(lambda: ""), lambda types: built.append(types) or engine(types))
    assert one()[0] is usual
    write(tmp_path / "tuning.toml", ALLOW.format("IP"))
    assert one()[0] is usual
    write(tmp_path / "tuning.toml", '[servers.crm]\ntypes = ["IP"]\n')
    assert one()[0].types == {"IP", "LITERAL", "OPAQUE"}
    write(tmp_path / "tuning.toml", '[servers.crm]\ntypes = ["IP"]\n[thresholds]\nall = 0.7\n')
    one()
    assert len(built) == 1


def test_digests_need_the_vault_s_key() -> None:
    one, other = (digest(MemoryVault(lambda: "")) for _ in range(2))
    assert one("jane@acme.example") == one("jane@acme.example") != other("jane@acme.example")
    assert len(one("x")) == 32 and int(one("x"), 16) >= 0
