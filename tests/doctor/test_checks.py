"""Every check says what is wrong where something is wrong, and only there."""

import json
import os
import socket
import sqlite3
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pii_shield import assemble, off
from pii_shield.client.hooks import setup
from pii_shield.client.hooks.canary import Outcome
from pii_shield.doctor import clients, echo, finding, force, hooks, keeping, program, record, trip
from pii_shield.doctor.examination import CHECKS, WITHOUT_SETTINGS, examine
from pii_shield.doctor.line import Level, Line, Patient
from pii_shield.entities import TYPES
from pii_shield.errors import ConfigError
from pii_shield.settings import Server

Make = Callable[..., Patient]
MAIL = "jane@acme.com"


def levels(lines: list[Line]) -> list[str]:
    return [line.level.value for line in lines]


def bad(lines) -> list[Line]:
    return [line for line in lines if line.level is not Level.OK]


def used(patient: Patient) -> Path:
    """Have a vault with a value and a record."""
    crm = assemble.conversation(patient.config, name="crm", command=("crm",))
    crm.from_server(json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"t": MAIL}}).encode())
    crm.close()
    return Path(patient.environ["HOME"]) / ".local/share/pii-shield/vault.db"


def other_program(home: Path, says: str) -> Path:
    file = home / "bin" / "pii-shield"
    file.parent.mkdir()
    file.write_text(f"#!/bin/sh\necho '{says}'\n")
    file.chmod(0o755)
    return file


# The program


def test_another_program_of_our_name_on_path_is_told_apart(patient: Make, home: Path) -> None:
    assert levels(program.on_path(patient())) == ["ok"]
    file = other_program(home, "pii-shield 1.1.0")
    (line,) = program.on_path(patient())
    assert line.level is Level.FAIL and str(file) in line.said
    file.write_text("#!/bin/sh\necho 'pii-shield 0.0.1 (pii-shield-mcp)'\n")
    (line,) = program.on_path(patient())
    assert line.level is Level.WARN and "0.0.1" in line.said


def test_the_strangers_package_beside_ours_is_a_failure(
    patient: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert levels(program.name(patient())) == ["ok"]
    folder = tmp_path / "site" / "pii_shield-1.1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: pii-shield\nVersion: 1.1.0\n")
    (folder / "top_level.txt").write_text("pii_shield\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    (line,) = program.name(patient())
    assert line.level is Level.FAIL and "pii-shield is installed" in line.said
    assert "install pii-shield " not in line.fix


def test_an_sdk_that_the_library_does_not_know_is_a_warning(patient: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for version, level in (("1.23.9", "warn"), ("1.24.0", "ok"), ("2.9", "ok"), ("3.0.0", "warn")):
        monkeypatch.setattr(program.metadata, "version", lambda _, version=version: version)
        assert levels(program.mcp(patient())) == [level]


def test_extras_are_those_of_the_package(patient: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [
        'aiohttp>=3; extra == "http"',
        'nowhere-at-all; extra == "none"',
        'pytest; extra == "test"',
        "cryptography",
    ]
    monkeypatch.setattr(program.metadata, "requires", lambda _: wanted)
    (line,) = program.extras(patient())
    assert line.said.startswith("http; not: none ")
    assert "test" not in line.said


# At work


def test_a_round_trip_through_a_real_process_shows_no_value_and_makes_no_vault(patient: Make, home: Path) -> None:
    lines = list(trip.trip(patient()))
    assert lines[1].level is Level.OK, lines  # the first one is about time, which a busy machine takes
    assert "EMAIL became a token, and the token the value again" in lines[1].said
    assert not (home / ".local/share/pii-shield").exists()
    assert not any(value in str(lines) for _, value in echo.CANARIES.values())


@pytest.mark.parametrize(
    ("text", "level", "words"),
    [
        ('[[allow]]\ntype = "EMAIL"\n', "fail", "reached the model as it was"),
        ('[[allow]]\ntype = "PHONE"\n', "ok", "became a token"),
        ("[[allow]\n", "fail", "blocked"),
    ],
)
def test_an_exemption_that_lets_it_through_is_found(
    patient: Make, home: Path, text: str, level: str, words: str
) -> None:
    tuning = home / ".config" / "pii-shield" / "tuning.toml"
    tuning.parent.mkdir(parents=True)
    tuning.write_text(text)
    tuning.chmod(0o600)
    line = list(trip.trip(patient()))[-1]
    assert (line.level.value, words in line.said) == (level, True), line


@pytest.mark.parametrize(
    ("detect", "type_", "words"),
    [("secrets-only", "PASSWORD", "the value again"), ("pci", "CREDIT_CARD", "your policy")],
)
def test_the_value_is_one_that_the_profile_protects(
    patient: Make, home: Path, detect: str, type_: str, words: str
) -> None:
    from pii_shield import config

    file = home / ".config" / "pii-shield" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(f'[detect]\nprofile = "{detect}"\n')
    file.chmod(0o600)
    line = list(trip.trip(patient()._replace(config=config.load(os.environ))))[-1]
    assert line.level is Level.OK and type_ in line.said and words in line.said


def test_a_program_that_does_not_start_is_a_failure(patient: Make) -> None:
    (line,) = trip.trip(patient()._replace(launcher=("/bin/false",)))
    assert line.level is Level.FAIL and "ended" in line.said


@pytest.mark.parametrize(("seconds", "level"), [(1, "ok"), (5.1, "warn"), (10.1, "fail")])
def test_the_start_is_held_to_the_shortest_limit(seconds: float, level: str) -> None:
    line = trip._started(seconds)
    assert (line.level.value, "Codex waits 10 s" in line.said) == (level, True)


def test_canaries_are_of_known_types() -> None:
    assert echo.CANARIES.keys() <= TYPES.keys()


def test_rules_that_are_not_compiled_can_be(patient: Make, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("hyperscan")
    lines = list(finding.detectors(patient(types=frozenset({"IBAN"}))))
    assert levels(lines)[:2] == ["ok", "ok"]
    if lines[2].repair:  # the test machine may share compiled rules
        assert lines[2].level is Level.WARN
    monkeypatch.setattr(finding.util, "find_spec", lambda _: None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "empty"))
    assert levels(finding.detectors(patient(types=frozenset({"IBAN"})))) == ["ok", "ok", "ok"]


def test_a_server_that_is_observed_or_off_is_a_warning(patient: Make) -> None:
    assert levels(force.passing(patient())) == ["ok"]
    one = patient(servers={"crm": Server(mode="observe")})
    assert levels(force.passing(one)) == ["warn"]
    now = int(time.time())
    store = assemble.vault(one.config)
    periods = off.Periods(off.file_of(one.config), lambda: store.secret(off.SECRET))
    periods.change("crm", off.Period("crm", now, now + 60), now)
    store.close()
    (line,) = force.passing(patient())
    assert line.level is Level.WARN and "OFF until" in line.said and line.fix == "pii-shield on crm"
    path = off.file_of(one.config)
    path.write_text(path.read_text().replace('"crm"', '"shop"'))
    said = list(force.passing(patient()))
    assert "not sealed" in said[0].said


# What is kept


def test_what_others_can_read_is_found_and_closed(patient: Make, home: Path) -> None:
    vault = used(patient())
    assert bad(keeping.modes(patient())) == []
    key = home / ".config/pii-shield/vault.key"
    for path, mode, left in ((key, 0o644, 0o600), (vault, 0o660, 0o600), (key.parent, 0o777, 0o755)):
        path.chmod(mode)
        (line,) = bad(keeping.modes(patient()))
        assert line.level is Level.FAIL and str(path) in line.said and line.repair
        assert str(path) in line.repair()
        assert stat.S_IMODE(path.stat().st_mode) == left
    assert bad(keeping.modes(patient())) == []


def test_a_vault_is_opened_with_its_key_and_never_made(patient: Make, home: Path) -> None:
    assert levels(keeping.vault(patient())) == ["ok"]
    assert not (home / ".local").exists()
    vault = used(patient())
    lines = list(keeping.vault(patient()))
    assert [line.what for line in lines] == ["key", "vault", "integrity", "journal"] and not bad(lines)
    (home / ".config/pii-shield/vault.key").unlink()
    (line,) = [said.line for said in examine(patient(), {"": (keeping.vault,)})]
    assert line.level is Level.FAIL and "PS401" in line.said
    assert vault.exists() and not (home / ".config/pii-shield/vault.key").exists()


def test_a_damaged_file_is_a_failure(patient: Make) -> None:
    vault = used(patient())
    sqlite3.connect(vault).execute("PRAGMA wal_checkpoint(TRUNCATE)").connection.close()
    data = bytearray(vault.read_bytes())
    data[4096 * 3 : 4096 * 6] = os.urandom(4096 * 3)
    vault.write_bytes(data)
    assert bad(said.line for said in examine(patient(), {"": (keeping.vault,)}))


@pytest.mark.parametrize(("free", "level"), [(1 << 40, "ok"), (100 << 20, "warn"), (1 << 20, "fail")])
def test_a_full_disk_is_found(patient: Make, monkeypatch: pytest.MonkeyPatch, free: int, level: str) -> None:
    monkeypatch.setattr(keeping.shutil, "disk_usage", lambda _: type("Usage", (), {"free": free}))
    assert levels(keeping.disk(patient())) == [level]


# The record


def test_an_edited_row_and_a_clock_set_back_are_found(patient: Make) -> None:
    assert levels(record.log(patient())) == ["ok"]
    vault = used(patient())
    assert levels(record.log(patient())) == ["ok", "ok"]
    assert levels(record.log(patient()._replace(now=time.time() - 3600))) == ["ok", "warn"]
    with sqlite3.connect(vault) as connection:
        connection.execute("DROP TRIGGER audit_keeps")
        connection.execute("UPDATE audit SET body = replace(body, 'EMAIL', 'PHONE') WHERE body LIKE '%EMAIL%'")
    connection.close()
    line = next(iter(record.log(patient())))
    assert line.level is Level.FAIL and "not what was written" in line.said


def test_a_second_place_that_cannot_be_reached_is_a_warning(patient: Make, home: Path) -> None:
    assert levels(record.places(patient())) == ["ok"]
    (home / "file").touch()
    with socket.create_server(("127.0.0.1", 0)) as server:
        there = f"syslog+tcp://127.0.0.1:{server.getsockname()[1]}"
        places = ("/dev/null/x", str(home / "file"), f"http://127.0.0.1:{server.getsockname()[1]}/?key=hidden")
        lines = list(record.places(patient(checkpoints=places)))
    assert levels(lines) == ["warn", "ok", "ok"] and there
    assert "hidden" not in str(lines)
    assert levels(record.places(patient(checkpoints=(places[2], "syslog:/nowhere")))) == ["warn", "warn"]
    assert levels(record.places(patient(checkpoints=()))) == ["warn"]


# The clients


def cursor(home: Path, **servers: object) -> None:
    file = home / ".cursor" / "mcp.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"mcpServers": servers}))


def wrapped(patient: Patient, command: str, scope: str = "cursor", **more: object) -> dict[str, object]:
    first, *rest = patient.launcher
    return {"command": first, "args": [*rest, "run", "--name", "crm", "--scope", scope, "--", command], **more}


def test_every_client_is_told_with_what_it_does_not_protect(patient: Make, home: Path) -> None:
    assert "no MCP client" in next(iter(clients.files(patient()))).said
    cursor(home, crm=wrapped(patient(), "/bin/sh"), docs={"url": "https://x"}, open={"command": "/bin/sh"})
    lines = list(clients.files(patient()))
    assert [(line.level.value, line.said) for line in lines] == [
        ("ok", "1 server protected"),
        ("warn", "docs is NOT PROTECTED"),
        ("warn", "open is NOT PROTECTED"),
    ]
    assert "run --url" in lines[1].fix and lines[2].fix == "pii-shield install"
    (home / ".cursor" / "mcp.json").write_text("{")
    (line,) = clients.files(patient())
    assert line.level is Level.FAIL and "mcp.json" in line.said


def test_programs_that_the_client_would_not_find_are_failures(patient: Make, home: Path) -> None:
    (home / "bin").mkdir()
    there = home / "bin" / "there"
    there.touch(mode=0o755)
    cursor(
        home,
        a=wrapped(patient(), "there"),
        b=wrapped(patient(), "gone"),
        c={"command": "gone"},
        d={"command": "gone", "env": {"PATH": str(home)}, "disabled": True},
        e={"command": "${workspaceFolder}/x"},
        f={"command": "gone", "env": {"PATH": "${PATH}:/x"}},
        g={"command": "there", "env": {"PATH": "/nowhere"}},
        h={"command": str(there)},
        i={"command": str(there) + "x"},
    )
    said = [line.said.split(":")[0] for line in bad(clients.commands(patient()))]
    assert said == ["cannot start b", "cannot start c", "cannot start g", "cannot start i"]
    said = [line.said.split(":")[0] for line in bad(clients.commands(patient("darwin")))]
    assert said == ["cannot start a", "cannot start b", "cannot start c", "cannot start g", "cannot start i"]


def test_another_installation_in_a_client_s_file_is_a_warning(patient: Make, home: Path) -> None:
    file = other_program(home, "x")
    cursor(home, crm={"command": str(file), "args": ["run", "--name", "crm", "--", "/bin/sh"]})
    (line,) = bad(clients.commands(patient()))
    assert line.level is Level.WARN and "another pii-shield" in line.said


def test_scopes_that_clients_share_are_a_warning(patient: Make, home: Path) -> None:
    cursor(home, crm=wrapped(patient(), "/bin/sh"))
    assert levels(clients.scopes(patient())) == ["ok"]
    (home / ".claude.json").write_text(json.dumps({"mcpServers": {"crm": wrapped(patient(), "/bin/sh")}}))
    (line,) = clients.scopes(patient())
    assert line.level is Level.WARN and line.said == "cursor is shared by Claude Code, Cursor"


@pytest.mark.parametrize(
    "path",
    [
        ".claude/plugins/cache/market/plugin/1.0.0/.mcp.json",
        ".gemini/extensions/plugin/gemini-extension.json",
        ".config/Claude/Claude Extensions/plugin/manifest.json",
    ],
)
def test_servers_of_plugins_are_said_honestly(patient: Make, home: Path, path: str) -> None:
    assert list(clients.hidden(patient())) == []
    (home / path).parent.mkdir(parents=True)
    (home / path).write_text('{"name": "no server"}')
    assert list(clients.hidden(patient())) == []
    (home / path).write_text('{"mcpServers": {"x": {"command": "y"}}}')
    (line,) = clients.hidden(patient())
    assert line.level is Level.WARN and "1 plugin" in line.said and "NOT PROTECTED" in line.why


def test_the_store_build_s_own_file_is_looked_for_on_windows(patient: Make, home: Path) -> None:
    one = patient("win32")
    one.machine.environ["LOCALAPPDATA"] = str(home / "local")
    assert list(clients.store_builds(one)) == []
    folder = home / "local/Packages/Claude_x/LocalCache/Roaming/Claude"
    folder.mkdir(parents=True)
    assert levels(clients.store_builds(one)) == ["warn"]
    (folder / "claude_desktop_config.json").write_text("{}")
    assert list(clients.store_builds(one)) == []


def test_a_client_with_built_in_tools_is_warned_of_without_hooks(patient: Make, home: Path) -> None:
    assert list(hooks.claude_code(patient())) == []
    (home / ".claude").mkdir()
    (line,) = hooks.claude_code(patient())
    assert line.level is Level.WARN and line.fix == "pii-shield install --hooks"


def test_hooks_are_claimed_only_where_the_canary_came_back_as_a_token(patient: Make, home: Path) -> None:
    change = setup.installing(patient().machine, patient().launcher, "claude-code", False)
    setup.write(change, setup.journal(patient().machine), "2026-05-31T00:00:00+00:00")
    (line,) = hooks.claude_code(patient())  # no client here
    assert line.level is Level.WARN and "nothing is claimed" in line.said
    outcomes = (Outcome(True, "2.1", True, True), Outcome(True, "2.1", True, False), Outcome(why="x"))
    assert levels(map(hooks.judged, outcomes)) == ["ok", "fail", "warn"]


# All of it


def test_wrong_settings_are_a_line_and_the_rest_is_looked_at(patient: Make) -> None:
    one = patient()._replace(fault=ConfigError("config.toml, line 1: no", code="PS303", fix="correct it"))
    said = list(examine(one))
    assert [s.line.said for s in said if s.line.level is Level.FAIL] == ["config.toml, line 1: no (PS303)"]
    assert {s.title for s in said} == {"program", "what is kept", "clients"}
    assert {check for checks in CHECKS.values() for check in checks} >= WITHOUT_SETTINGS


def test_a_repair_is_told_and_looked_at_again(patient: Make, home: Path) -> None:
    used(patient())
    key = home / ".config/pii-shield/vault.key"
    key.chmod(0o644)
    said = list(examine(patient(), {"": (keeping.modes,)}, repairs=True))
    assert [(s.done != "", s.line.level.value) for s in said] == [(True, "fail"), (False, "ok")]
