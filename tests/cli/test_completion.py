"""What the Tab key offers, by the parsers and through real shells."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pii_shield.cli import COMMANDS
from pii_shield.cli.completion import FILES, SHELLS, candidates


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_CONFIG_HOME", "CLAUDE_CONFIG_DIR", "PII_SHIELD_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".cursor").mkdir()
    servers = {name: {"command": "x"} for name in ("crm", "mail-er", "$(touch oops)", "a b", "`id`", "-x", "x;y")}
    (tmp_path / ".cursor" / "mcp.json").write_text(json.dumps({"mcpServers": servers}))
    file = tmp_path / ".config" / "pii-shield" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text("[servers.shop]\ntrusted = true\n")
    file.chmod(0o600)
    return tmp_path


def offered(line: str) -> list[str] | None:
    found = candidates(line.split(" "))
    return None if found is None else sorted(found)


def test_commands_with_what_they_do() -> None:
    assert candidates([""]) == COMMANDS
    assert offered("un") == ["uninstall"]
    assert offered("audit ver") == ["verify"]
    assert offered("nonsense x") == []


def test_options_of_the_command_that_is_named() -> None:
    assert "--check" in (offered("status --c") or [])
    assert "--check" not in (offered("install --") or [])
    assert offered("audit verify --rec") == ["--receipt"]
    assert offered("doctor --fix --j") == ["--json"]


def test_names_come_from_the_clients_files_and_the_settings_if_a_shell_may_see_them() -> None:
    assert offered("off ") == ["crm", "mail-er", "shop"]
    assert offered("off crm ") == []
    assert offered("status --server c") == ["crm"]
    assert offered("status --server=c") == ["--server=crm"]
    assert offered("install -a wind") == ["windsurf"]
    assert offered("print lm") == ["lmstudio"]
    assert offered("audit query --type EM") == ["EMAIL"]
    assert offered("allow --rule iban") not in ([], None)
    assert offered("audit export --format c") == ["csv"]
    assert offered("completion po") == ["powershell"]


def test_files_are_the_shell_s_matter() -> None:
    for line in ("doctor --config ", "scan ", "run --name x -- ", "run -- npx -y "):
        assert offered(line) is None, line


def test_settings_that_cannot_be_read_leave_no_names(home: Path) -> None:
    (home / ".config" / "pii-shield" / "config.toml").write_text("[")
    assert offered("off ") == []
    assert offered("sta") == ["status"]


def test_an_equals_sign_that_bash_makes_a_word_of_its_own() -> None:
    assert candidates(["status", "--server", "=", "c"]) == {"crm": ""}
    assert sorted(candidates(["status", "--server", "="]) or ()) == ["crm", "mail-er", "shop"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_options(command: str) -> None:
    assert "--help" in (candidates([command, "-"]) or ()), command


def ran(command: list[str], stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=False)


def shield(*args: str) -> subprocess.CompletedProcess[str]:
    return ran([sys.executable, "-m", "pii_shield", "completion", *args])


def script(shell: str) -> str:
    said = shield(shell).stdout
    assert said and "@LAUNCHER@" not in said and "@FILES@" not in said
    return said


BASH = """\
{script}
pii-shield() {{ echo "the wrong one"; }}
tab() {{ COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pii_shield 2>/dev/null; echo "$1 $2: ${{COMPREPLY[*]}}"; }}
tab pii-shield sta
tab pii-shield off ""
tab pii-shield install --dry
tab pii-shield status --server = c
complete -p pii-shield
"""


def test_a_real_bash() -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash here")
    done = ran([bash, "--norc"], BASH.format(script=script("bash")))
    assert done.stdout.splitlines() == [
        "pii-shield sta: status",
        "pii-shield off: crm mail-er shop",
        "pii-shield install: --dry-run",
        "pii-shield status: crm",
        "complete -F _pii_shield pii-shield",
    ], done.stderr
    assert not Path("oops").exists()


def test_the_tab_key_of_a_bash_that_a_person_types_in(home: Path) -> None:
    pty, bash = pytest.importorskip("pty"), shutil.which("bash")
    if bash is None:
        pytest.skip("no bash here")
    (home / "completion.sh").write_text(script("bash"))
    ours, theirs = pty.openpty()
    environ = {**os.environ, "TERM": "dumb", "PS1": "> ", "INPUTRC": "/dev/null"}
    child = subprocess.Popen(
        [bash, "--norc", "--noprofile", "-i"], stdin=theirs, stdout=theirs, stderr=theirs, env=environ, cwd=home
    )
    os.close(theirs)
    os.write(ours, b"source completion.sh; pii-shield() { echo ran:$1:$2; }\npii-shield unin\t--dr\t\nexit\n")
    screen = b""
    try:
        while piece := os.read(ours, 4096):
            screen += piece
    except OSError:  # how Linux says that the other side has hung up
        pass
    os.close(ours)
    child.wait(60)
    assert b"ran:uninstall:--dry-run" in screen, screen


ZSH = """\
autoload -U compinit; compinit -u -D
{script}
words=(pii-shield off ''); CURRENT=3
compadd() {{ print -- ${{(P)2}}; }}
_pii_shield
words=(pii-shield sta); CURRENT=2
_pii_shield
print -- $_comps[pii-shield]
"""


def test_a_real_zsh() -> None:
    zsh = shutil.which("zsh")
    if zsh is None:
        pytest.skip("no zsh here")
    done = ran([zsh, "-f"], ZSH.format(script=script("zsh")))
    assert done.stdout.splitlines() == ["crm mail-er shop", "status", "_pii_shield"], done.stderr


def test_a_real_fish() -> None:
    fish = shutil.which("fish")
    if fish is None:
        pytest.skip("no fish here")
    asks = "complete -C 'pii-shield sta'\ncomplete -C 'pii-shield off '\ncomplete -C 'pii-shield scan .cur'\n"
    done = ran([fish, "-N"], script("fish") + asks)
    words = [line.split("\t")[0] for line in done.stdout.splitlines()]
    assert words == ["status", "crm", "mail-er", "shop", ".cursor/"], done.stderr


def test_what_the_scripts_ask_for() -> None:
    assert shield("words", "--", "sta").stdout == f"status\t{COMMANDS['status']}\n"
    assert shield("--new", "words", "--", "off").stdout.split() == ["crm", "mail-er", "shop"]
    assert shield("words", "--", "scan", "").returncode == FILES
    assert SHELLS.keys() == {"bash", "zsh", "fish", "powershell"}
    assert "& '" in script("powershell")
