"""`install --hooks`, `uninstall`, `status` and `hook` as a person and the client run them."""

import json
import os
import stat
from pathlib import Path

import pytest

from .test_install import Shell

SETTINGS = '{\n  "model": "opus", // mine\n  "permissions": {"allow": ["Bash(ls:*)"]},\n}\n'


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    shell.environ["PII_SHIELD_HOOK_IDLE"] = "0"
    shell.environ["SHELL"] = "/bin/bash"
    return shell


def claude(shell: Shell, script: str) -> None:
    """A client of that name on the PATH that does something else."""
    program = shell.write("bin/claude", f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    shell.environ["PATH"] = f"{program.parent}:/usr/bin:/bin"


def test_there_and_back(shell: Shell) -> None:
    claude(shell, "exit 3")
    file = shell.write(".claude/settings.json", SETTINGS)
    assert "NOT PROTECTED; pii-shield install --hooks" in shell.run("status").stdout
    shown = shell.run("install", "--hooks", "--dry-run").stdout
    assert '"PreToolUse"' in shown and "/pii-shield/shell/bash" in shown and "Nothing was written" in shown
    assert file.read_text() == SETTINGS
    said = shell.run("install", "--hooks", "-y").stdout
    assert "Now restart: Claude Code" in said
    assert "Not checked, so nothing is claimed" in said and "protected" not in said.lower().replace("not protected", "")
    assert "hooks are set up" in shell.run("status").stdout
    assert "hooks are set up" in json.loads(shell.run("status", "--json").stdout)["tools"][0]
    assert "Nothing to change" in shell.run("install", "--hooks", "-y").stdout
    assert "Take" not in shell.run("uninstall", "-y").stdout
    assert file.read_text() == SETTINGS
    assert "Nothing to take out of Claude Code's settings" in shell.run("uninstall", "--hooks", "-y").stdout


@pytest.mark.parametrize("shown", ["$(cat note.txt)", "nothing at all"])
def test_a_client_that_shows_values_or_nothing_is_said_to(shell: Shell, shown: str) -> None:
    """It answers with what the tools said in clear, as versions do that ignore a hook's answer."""
    body = '{"tools": [1, 2], "messages": [{"role": "user", "content": [{"type": "tool_result", "content": "CLEAR"}]}]}'
    claude(
        shell,
        'test "$1" = --version && { echo "9.9.9 (Claude Code)"; exit; }\n'
        f"clear=\"{shown}\"\nprintf '%s' '{body}' | sed \"s/CLEAR/$clear/\" > body.json\n"
        f'exec {os.sys.executable} -c "import os, urllib.request as u; '  # type: ignore[attr-defined]
        "u.urlopen(os.environ['ANTHROPIC_BASE_URL'] + '/v1/messages', open('body.json', 'rb').read()).read()\"",
    )
    shell.write(".claude/settings.json", "{}")
    said = " ".join(shell.run("install", "--hooks", "-y", code=1).stdout.split())
    assert "NOT PROTECTED: with Claude Code 9.9.9 the output of Read and Bash came back in clear" in said


def test_uninstall_takes_servers_and_hooks_out(shell: Shell) -> None:
    claude(shell, "exit 3")
    cursor = shell.cursor(crm={"command": "npx"})
    before = cursor.read_bytes()
    shell.run("install", "-y")
    shell.run("install", "--hooks", "-y")
    settings = shell.home / ".claude/settings.json"
    assert settings.exists()
    shell.run("uninstall", "-y")
    assert cursor.read_bytes() == before and not settings.exists()


def test_one_client_or_server_is_not_the_hooks(shell: Shell) -> None:
    claude(shell, "exit 3")
    shell.cursor(crm={"command": "npx"})
    shell.run("install", "-y")
    shell.run("install", "--hooks", "-y")
    shell.run("uninstall", "-a", "cursor", "-y")
    assert "PreToolUse" in (shell.home / ".claude/settings.json").read_text()
    shell.run("uninstall", "-a", "claude-code", "-y")
    assert not (shell.home / ".claude/settings.json").exists()


def test_with_nobody_to_ask_nothing_is_written(shell: Shell) -> None:
    claude(shell, "exit 3")
    assert "PS200" in shell.run("install", "--hooks", code=2).stderr
    assert not (shell.home / ".claude").exists()
    broken = shell.write(".claude/settings.json", '{"hooks": [')
    done = shell.run("install", "--hooks", "-y", code=3)
    assert "settings.json, line 1" in done.stderr
    assert broken.read_text() == '{"hooks": ['
    assert "settings.json" in shell.run("status").stdout


def test_hooks_that_are_off_or_gone_are_not_called_protection(shell: Shell) -> None:
    claude(shell, "exit 3")
    file = shell.write(".claude/settings.json", '{"disableAllHooks": true}')
    shell.run("install", "--hooks", "-y")
    assert "disableAllHooks" in shell.run("status").stdout
    file.write_text(file.read_text().replace("true", "false").replace(os.sys.executable, "/gone/python"))  # type: ignore[attr-defined]
    assert "/gone/python is gone" in shell.run("status").stdout
    ours = shell.home / ".local/share/pii-shield/shell/bash"
    assert stat.S_IMODE(ours.stat().st_mode) == 0o700
