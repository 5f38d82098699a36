"""`off`, `on` and `tail` as a person at a terminal, a pipe and an agent's shell run them."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pty = pytest.importorskip("pty")
SERVER = """
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    result = {"content": [{"type": "text", "text": "jane@acme.example"}]}
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
"""
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "search", "arguments": {}}}


class Home:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {
            n: t
            for n, t in os.environ.items()
            if not n.startswith(("PII_SHIELD_", "XDG_CONFIG", "XDG_DATA", "XDG_STATE", "CLAUDE", "CODEX"))
        }
        self.environ |= {"HOME": str(folder), "COLUMNS": "80"}
        (folder / "server.py").write_text(SERVER)

    def shield(self, *args: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*args),
            input=more.pop("stdin", ""),
            env=self.environ | more,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def command(self, *args: str) -> list[str]:
        return [sys.executable, "-m", "pii_shield", *args]

    def typing(self, words: str, *args: str, **more: str) -> tuple[int, str]:
        """The command at a terminal, where somebody types: its code and what the screen shows."""
        ours, theirs = pty.openpty()
        child = subprocess.Popen(
            self.command(*args), stdin=theirs, stdout=theirs, stderr=theirs, env=self.environ | more, cwd=self.folder
        )
        os.close(theirs)
        os.write(ours, words.encode() + b"\n")
        screen = b""
        try:
            while piece := os.read(ours, 4096):
                screen += piece
        except OSError:  # how Linux says that the other side has hung up
            pass
        os.close(ours)
        return child.wait(60), screen.decode()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("home"))


def test_a_running_server_is_off_until_it_is_on_again(home: Home) -> None:
    run = subprocess.Popen(
        home.command("run", "--name", "crm", "--", sys.executable, "server.py"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=home.environ,
        cwd=home.folder,
    )
    assert run.stdin and run.stdout and run.stderr

    def ask() -> bool:
        """Whether the value came in the clear."""
        run.stdin.write(json.dumps(CALL).encode() + b"\n")
        run.stdin.flush()
        return b"jane@" in run.stdout.readline()

    assert not ask()
    code, screen = home.typing("crm", "off", "crm", "--for", "5m")
    assert (code, "crm is switched OFF until" in screen) == (0, True), screen
    assert ask()
    status = home.shield("status", "--check")
    assert "crm is switched OFF until" in status.stdout and status.returncode == 1
    assert home.shield("on", "crm").stdout == "crm is protected again\n"
    assert not ask()
    run.stdin.close()
    assert run.wait(30) == 0
    said = run.stderr.read().decode()
    run.stdout.close()
    run.stderr.close()
    assert "crm is switched OFF until" in said and "protected again" in said
    lines = home.shield("audit", "tail").stdout.splitlines()
    assert sum("policy: protected -> off until " in line for line in lines) == 1
    assert sum(line.endswith("-> protected") for line in lines) == 1
    assert sum("EMAIL 1 NOT PROTECTED" in line for line in lines) == 1
    assert home.shield("on", "crm").stdout == "crm was not switched off\n"


@pytest.mark.parametrize("words", ["", "y", "CRM", "crmx"])
def test_what_is_typed_must_be_the_name(home: Home, words: str) -> None:
    code, screen = home.typing(words, "off", "crm")
    assert code == 1 and "Nothing was changed" in screen
    assert "OFF" not in home.shield("status").stdout


def test_pipes_and_agents_are_refused(home: Home) -> None:
    piped = home.shield("off", "crm")
    assert piped.returncode == 2 and "error[PS122]" in piped.stderr
    code, screen = home.typing("crm", "off", "crm", CLAUDECODE="1")
    assert code == 2 and "an agent uses this shell" in screen
    assert "OFF" not in home.shield("status").stdout


@pytest.mark.parametrize("how_long", ["0m", "9h", "481m", "-1m", "1d", "", "15"])
def test_a_time_that_cannot_be_is_refused(home: Home, how_long: str) -> None:
    code, screen = home.typing("crm", "off", "crm", f"--for={how_long}")
    assert code == 2 and "--for 15m" in screen


def test_a_project_can_forbid_it(home: Home) -> None:
    file = home.folder / ".pii-shield.toml"
    file.write_text('[policy]\noff = "forbidden"\n')
    try:
        code, screen = home.typing("crm", "off", "crm")
    finally:
        file.unlink()
    assert code == 1 and "error[PS612]" in screen


def test_a_project_cannot_allow_what_the_user_forbids(home: Home) -> None:
    file, config = home.folder / ".pii-shield.toml", home.folder / "mine.toml"
    file.write_text('[policy]\noff = "allowed"\n')
    config.write_text('[policy]\noff = "forbidden"\n')
    config.chmod(0o600)
    try:
        code, screen = home.typing("crm", "off", "crm", "--config", str(config))
    finally:
        file.unlink()
    assert code == 1 and "error[PS612]" in screen


def test_tail_waits_for_the_first_row_and_goes_when_nobody_reads(home: Home, tmp_path: Path) -> None:
    vault = tmp_path / "new" / "v.db"
    tail = subprocess.Popen(
        home.command("tail", "--vault", str(vault)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=home.environ
    )
    assert tail.stdout and tail.stderr
    assert b"nothing is on record yet" in tail.stderr.readline()
    run = ("run", "--name", "crm", "--vault", str(vault), "--", sys.executable, "server.py")
    home.shield(*run, stdin=json.dumps(CALL) + "\n")
    lines = [tail.stdout.readline().decode().split(maxsplit=1)[1] for _ in range(3)]
    assert lines[1].startswith("crm           started, balanced@")
    assert lines[2] == "crm           <-  search            EMAIL 1 protected\n"
    tail.stdout.close()
    begin = time.monotonic()
    assert tail.wait(20) == 0, "a reader that hangs up is noticed without a new row"
    assert time.monotonic() - begin < 15
    assert tail.stderr.read() == b""
    tail.stderr.close()


def test_ctrl_c_ends_tail_without_a_word(home: Home) -> None:
    tail = subprocess.Popen(
        home.command("tail", "--vault", str(home.folder / "none.db")), stderr=subprocess.PIPE, env=home.environ
    )
    assert tail.stderr
    tail.stderr.readline()
    tail.send_signal(signal.SIGINT)
    code, screen = tail.wait(20), tail.stderr.read().decode()
    tail.stderr.close()
    assert code == 130
    assert screen == ""
