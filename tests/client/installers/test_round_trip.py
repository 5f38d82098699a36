"""Install, then uninstall: the same bytes, for every client, whatever the file looks like."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pii_shield.client.edits.document import JSONC, TOML, YAML, Format, read
from pii_shield.client.installers import plan as planning
from pii_shield.client.installers.entries import State, entries
from pii_shield.client.installers.places import Place
from pii_shield.client.installers.table import BY_NAME, CLIENTS

from ..edits.test_toml import SERVERS as TOML_SERVERS
from ..edits.test_yaml import SERVERS as YAML_SERVERS
from ..kit import LAUNCHER, MODULE_LAUNCHER, Home, only
from ..samples import SAMPLES, Sample
from ..written import Jsonc, Toml, Yaml, servers

WAYS = {
    "as it is": lambda text: text.encode(),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "BOM": lambda text: ("\ufeff" + text).encode(),
    "BOM and CRLF": lambda text: ("\ufeff" + text.replace("\n", "\r\n")).encode(),
    "no last line end": lambda text: text.rstrip("\n").encode(),
}
LAUNCHERS = (LAUNCHER, MODULE_LAUNCHER)


def test_every_client_has_a_sample() -> None:
    assert {sample.client for sample in SAMPLES} == {client.name for client in CLIENTS}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.path)
def test_uninstalling_gives_the_same_bytes(home: Home, sample: Sample, way: str) -> None:
    content = WAYS[way](sample.text)
    file = home.write(sample.path, content)
    assert home.install()
    assert file.read_bytes() != content
    home.uninstall()
    assert file.read_bytes() == content


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("launcher", LAUNCHERS, ids=len)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.path)
def test_an_edit_in_between_stays_and_everything_else_comes_back(
    home: Home, sample: Sample, launcher: tuple[str, ...], way: str
) -> None:
    """The backup does not fit then: what stands after the "--" and the journal's notes must do."""
    content = WAYS[way](sample.text)
    file = home.write(sample.path, content)
    home.install(launcher=launcher)
    added = b"\n# mine\n" if sample.path.endswith(("toml", "yaml")) else b"\n// mine\n"
    file.write_bytes(file.read_bytes() + added)
    home.uninstall()
    assert file.read_bytes() == content + added


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.path)
def test_without_a_journal_the_meaning_comes_back(home: Home, sample: Sample) -> None:
    file = home.write(sample.path, sample.text)
    before = [(entry.name, entry.argv) for entry in home.entries()]
    home.install()
    for left in home.folder.glob("state/*"):
        left.unlink()
    home.uninstall()
    assert [(entry.name, entry.argv) for entry in home.entries()] == before
    assert file.read_bytes() != b""


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.path)
def test_what_can_be_protected_is_and_the_rest_is_said(home: Home, sample: Sample) -> None:
    home.write(sample.path, sample.text)
    changed = [change.entry.name for plan in home.install() for change in plan.changes]
    assert tuple(changed) == sample.wrapped
    after = home.entries()
    assert tuple(entry.name for entry in after if entry.state is State.OPEN) == sample.exposed
    assert all(entry.why for entry in after if entry.state is State.OPEN)
    wrapped = [entry for entry in after if entry.wrap]
    assert tuple(entry.name for entry in wrapped) == sample.wrapped
    assert all(entry.argv[0] == home.launcher[0] for entry in wrapped)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.path)
def test_installing_twice_changes_nothing_more(home: Home, sample: Sample) -> None:
    file = home.write(sample.path, sample.text)
    home.install()
    once = file.read_bytes()
    assert home.install() == []
    assert file.read_bytes() == once


def check_round_trip(client: str, format_: Format, text: str, name_key: str) -> None:
    """Install and undo on one text, by the text alone."""
    spot = BY_NAME[client].spots[0]
    place = Place(BY_NAME[client], (spot,), Path("x"))
    document = read(text.encode(), format_)
    chosen = [entry for entry in entries(place, document, lambda _: True) if entry.can_wrap]
    done = planning.install(place, document, chosen, LAUNCHER, "")
    after = read(done.after, format_)
    for before, now in zip(chosen, entries(place, after, lambda _: True), strict=True):
        assert now.argv[now.wrap.length :] == before.argv  # type: ignore[union-attr]
        assert {**now.node.value, "args": 0, name_key: 0, "startup_timeout_sec": 0} == {
            **before.node.value,
            "args": 0,
            name_key: 0,
            "startup_timeout_sec": 0,
        }
    again = [entry for entry in entries(place, after, lambda _: True) if entry.wrap]
    assert planning.uninstall(place, after, again, done.added).after == text.encode()


@given(servers(), st.data())
def test_any_json_comes_back(named: dict[str, Any], data: st.DataObject) -> None:
    check_round_trip("cursor", JSONC, Jsonc(data.draw).text({"x": 1, "mcpServers": named}), "command")


@given(TOML_SERVERS, st.data())
def test_any_toml_comes_back(named: dict[str, Any], data: st.DataObject) -> None:
    check_round_trip("codex", TOML, Toml(data.draw).text(named), "command")


@given(YAML_SERVERS, st.data())
def test_any_yaml_comes_back(named: dict[str, Any], data: st.DataObject) -> None:
    check_round_trip("goose", YAML, Yaml(data.draw).text(named), "cmd")


def test_codex_gets_time_to_start_only_where_nothing_is_said(home: Home) -> None:
    file = home.write(".codex/config.toml", next(sample.text for sample in SAMPLES if sample.client == "codex"))
    home.install()
    said = tomllib.loads(file.read_text())["mcp_servers"]
    assert said["git"]["startup_timeout_sec"] == 30
    assert said["my crm"]["startup_timeout_sec"] == 45.0
    assert "startup_timeout_sec" not in said["web"]


def test_a_limit_that_somebody_has_changed_stays(home: Home) -> None:
    file = home.write(".codex/config.toml", '[mcp_servers.git]\ncommand = "uvx"\n')
    home.install()
    file.write_text(file.read_text().replace("startup_timeout_sec = 30", "startup_timeout_sec = 60"))
    home.uninstall()
    assert tomllib.loads(file.read_text()) == {"mcp_servers": {"git": {"command": "uvx", "startup_timeout_sec": 60}}}


def test_a_program_that_rewrites_the_whole_file_does_not_hinder(home: Home) -> None:
    file = home.write(".claude.json", next(sample.text for sample in SAMPLES if sample.client == "claude-code"))
    before = json.loads(file.read_text())
    home.install()
    rewritten = json.loads(file.read_text())
    rewritten["numStartups"] += 1
    file.write_text(json.dumps(rewritten, indent=2))
    home.uninstall()
    assert json.loads(file.read_text()) == {**before, "numStartups": before["numStartups"] + 1}


def test_one_server_can_be_undone_alone(home: Home) -> None:
    home.write(".cursor/mcp.json", '{"mcpServers": {"a": {"command": "x"}, "b": {"command": "y"}}}')
    home.install()
    home.uninstall(only("cursor", servers=frozenset({"a"})))
    assert [(entry.name, bool(entry.wrap)) for entry in home.entries()] == [("a", False), ("b", True)]
    home.uninstall()
    assert not any(entry.wrap for entry in home.entries())


def test_two_installs_are_undone_to_the_first_bytes(home: Home) -> None:
    text = '{"mcpServers": {"a": {"command": "x"}, "b": {"command": "y"}}}'
    file = home.write(".cursor/mcp.json", text)
    home.install(only("cursor", servers=frozenset({"a"})))
    home.install(only("cursor", servers=frozenset({"b"})))
    home.uninstall()
    assert file.read_text() == text
    assert list(home.folder.glob("state/*.backup")) == []
