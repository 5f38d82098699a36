"""Hooks in the client's settings: every byte else stays, and all of it can be undone."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pii_shield.client.hooks import settings, setup
from pii_shield.client.installers.places import Machine
from pii_shield.errors import ConfigError

LAUNCHER = ("/opt/my shield/pii-shield",)
SAMPLES = (
    "",
    "{}",
    "{}\n",
    "{\n}\n",
    '{"model": "opus"}',
    '{\n\t"model": "opus",\n\t"env": {"A": "b"}\n}\n',
    '// mine\n{\n  "hooks": {}, // none\n  "env": {},\n}\n',
    '{\r\n  "hooks": {\r\n    "PreToolUse": [\r\n      {"matcher": "Bash", "hooks": []}\r\n    ]\r\n  }\r\n}',
    '{"hooks": {"PostToolUse": [], "Stop": [{"hooks": [{"type": "command", "command": "say pii-shield done"}]}]}}',
    '{"env": {"CLAUDE_CODE_SHELL": "/bin/bash", "B": "c"}, "permissions": {"allow": ["Bash(ls:*)"]}}',
    '\ufeff{"a": [1, 2, 3],\n "b": null}',
)


class Client:
    def __init__(self, home: Path) -> None:
        self.file = home / ".claude" / "settings.json"
        self.machine = Machine({"HOME": str(home), "PATH": os.environ["PATH"], "SHELL": "/bin/bash"}, "linux", home)

    def say(self, content: str) -> bytes:
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_bytes(content.encode())
        return self.file.read_bytes()

    def install(self, launcher: tuple[str, ...] = LAUNCHER, *, display: bool = False) -> setup.Change | None:
        change = setup.installing(self.machine, launcher, "claude-code", display)
        if change:
            setup.write(change, setup.journal(self.machine), "2026-01-01T00:00:00+00:00")
        return change

    def uninstall(self) -> setup.Change | None:
        change = setup.uninstalling(self.machine, setup.journal(self.machine))
        if change:
            setup.write(change, setup.journal(self.machine), "")
        return change

    def value(self) -> dict[str, Any]:
        return settings.plain(self.file.read_bytes())


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path)


@pytest.mark.parametrize("content", SAMPLES)
def test_install_and_uninstall_give_the_same_bytes(client: Client, content: str) -> None:
    before = client.say(content)
    assert client.install()
    held = setup.look(client.machine)
    assert held and set(held.events) == {"PreToolUse", "PostToolUse", "UserPromptSubmit", "SessionStart"}
    assert held.program == LAUNCHER[0] and settings.is_our_shell(held.shell)
    assert client.install() is None
    assert client.uninstall()
    assert (client.file.read_bytes() if client.file.exists() else b"") == before
    assert not Path(held.shell).exists()
    assert client.uninstall() is None


@pytest.mark.parametrize("content", SAMPLES)
def test_what_else_is_in_there_stays_also_when_the_file_changed_meanwhile(client: Client, content: str) -> None:
    before = settings.plain(client.say(content))
    client.install()
    inside = client.value()
    assert inside | before | {"hooks": 0, "env": 0} == before | {"hooks": 0, "env": 0}
    for event, entries in before.get("hooks", {}).items():
        assert [entry for entry in inside["hooks"][event] if entry in entries] == entries
    client.file.write_bytes(client.file.read_bytes() + b"\n// later\n")
    client.uninstall()
    left = client.value()
    emptied = {key: {k: v for k, v in before.get(key, {}).items() if v} for key in ("hooks", "env")}
    assert {k: v for k, v in left.items() if v} == {k: v for k, v in (before | emptied).items() if v}
    assert client.file.read_bytes().endswith(b"// later\n")


def test_another_launcher_takes_the_place_of_the_old_one(client: Client) -> None:
    client.say("{}")
    client.install(("/old/pii-shield",))
    client.install(("/new/python", "-P", "-m", "pii_shield"), display=True)
    text = client.file.read_text()
    assert "/old/" not in text
    assert len(client.value()["hooks"]["PreToolUse"]) == 1
    assert "MessageDisplay" in client.value()["hooks"]
    client.uninstall()
    assert client.file.read_text() == "{}"


def test_the_shell_is_private_and_runs_the_real_one(client: Client) -> None:
    client.say('{"env": {"CLAUDE_CODE_SHELL": "/bin/bash"}}')
    client.install((sys.executable, "-P", "-m", "pii_shield"))
    held = setup.look(client.machine)
    assert held
    assert stat.S_IMODE(Path(held.shell).stat().st_mode) == 0o700
    environ = {**os.environ, "HOME": str(client.file.parent.parent)}
    done = subprocess.run([held.shell, "-c", "echo it is $0; exit 5"], env=environ, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (5, b"it is /bin/bash\n")


def test_a_program_that_is_gone_lets_no_command_run(client: Client) -> None:
    client.say("{}")
    client.install()
    held = setup.look(client.machine)
    assert held
    done = subprocess.run([held.shell, "-c", "echo leak"], capture_output=True, check=False)
    assert done.returncode == 127 and b"leak" not in done.stdout


@pytest.mark.parametrize(
    "content", ["[1]", '{"hooks": []}', '{"hooks": {"PreToolUse": {}}}', '{"env": 3}', '{"a": ', "{'a': 1}"]
)
def test_settings_of_another_shape_are_left_alone(client: Client, content: str) -> None:
    before = client.say(content)
    with pytest.raises(ConfigError, match=r"settings\.json"):
        client.install()
    assert client.file.read_bytes() == before


def test_a_hook_of_ours_among_others_is_not_torn_out(client: Client) -> None:
    own = settings.Wanted(LAUNCHER, "claude-code", "").hook("PreToolUse")
    own["hooks"].append({"type": "command", "command": "mine"})
    client.say(json.dumps({"hooks": {"PreToolUse": [own]}}))
    with pytest.raises(ConfigError, match="together with others"):
        client.uninstall()


def test_links_and_modes_are_kept(client: Client, tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    real = tmp_path / "dotfiles" / "settings.json"
    real.write_text("{}")
    real.chmod(0o640)
    client.file.parent.mkdir()
    client.file.symlink_to(real)
    client.install()
    assert client.file.is_symlink() and "PreToolUse" in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    client.uninstall()
    assert real.read_text() == "{}"


def test_without_a_shell_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(tmp_path)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ConfigError, match="neither bash nor zsh"):
        client.install()
