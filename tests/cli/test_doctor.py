"""`pii-shield doctor` on a screen of 80 columns, in a pipe, and for programs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pii_shield.cli import doctor as cli
from pii_shield.doctor.examination import Said
from pii_shield.doctor.line import fail


@pytest.fixture
def doctor(tmp_path: Path):
    ours = ("PII_SHIELD_", "XDG_CONFIG", "XDG_DATA", "XDG_STATE", "CLAUDE", "CODEX", "NO_COLOR")
    environ = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
    environ |= {"HOME": str(tmp_path), "COLUMNS": "80"}

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pii_shield", "doctor", *args]
        return subprocess.run(
            command, env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )

    return run


def test_a_healthy_machine_fits_the_screen(doctor, tmp_path: Path) -> None:
    done = doctor()
    assert done.returncode == 0 and done.stderr == ""
    assert "round trip" in done.stdout and "0 failures." in done.stdout
    for line in done.stdout.splitlines():
        assert len(line) <= 80 or " " not in line.strip(), line
        assert "\x1b" not in line


def test_colours_are_for_terminals_and_for_those_who_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    said = Said("", fail("key", "is open", "why", "close it"))
    coloured, plain = cli._lines(said, True), cli._lines(said, False)
    assert coloured[0].replace("\x1b[31m", "").replace("\x1b[0m", "") == plain[0] == "  FAIL  key               is open"
    assert plain[1:] == coloured[1:] == [" " * 26 + "why: why", " " * 26 + "fix: close it"]
    assert cli._lines(said._replace(done="closed it"), False) == ["  done  key               closed it"]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert cli._has_colours()
    monkeypatch.setenv("NO_COLOR", "1")
    assert not cli._has_colours()


def test_programs_get_every_line_and_the_verdict(doctor, tmp_path: Path) -> None:
    (tmp_path / ".cursor").mkdir()
    (tmp_path / ".cursor" / "mcp.json").write_text('{"mcpServers": {"a": {"command": "no-such-program"}}}')
    done = doctor("--json")
    said = json.loads(done.stdout)
    assert done.returncode == 1 and said["ok"] is False
    (failed,) = [check for check in said["checks"] if check["level"] == "fail"]
    assert failed["what"] == "Cursor" and failed["group"] == "clients" and "cannot start a" in failed["said"]


def test_fix_closes_what_others_can_change_although_the_settings_could_not_be_read(doctor, tmp_path: Path) -> None:
    file = tmp_path / ".config" / "pii-shield" / "config.toml"
    file.parent.mkdir(parents=True)
    file.touch()
    file.chmod(0o666)
    done = doctor()
    assert done.returncode == 1 and "PS302" in done.stdout and "doctor --fix" in done.stdout
    assert "took others' rights away from ~/.config/pii-shield/config.toml" in " ".join(doctor("--fix").stdout.split())
    assert doctor().returncode == 0
