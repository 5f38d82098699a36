"""The shell whose output has tokens: as a process, the way the client starts it."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .kit import JANE

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the client runs a POSIX shell")
TOKEN = re.compile(r"\[EMAIL_\w+\]")


class Shell:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "a.txt").write_text(f"to {JANE}\n")
        self.environ = {**os.environ, "HOME": str(folder), "PII_SHIELD_PROFILE": "balanced", "XDG_CONFIG_HOME": ""}
        self.environ["PII_SHIELD_HOOK_IDLE"] = "0"
        self.words = [sys.executable, "-P", "-m", "pii_shield", "hook", "shell", "--vault", str(folder / "vault.db")]

    def start(self, command: str, **more: object) -> "subprocess.Popen[bytes]":
        argv = [*self.words, "--", "/bin/bash", "-c", command]
        options = {"cwd": self.folder, "env": self.environ, **more}
        return subprocess.Popen(argv, stdout=subprocess.PIPE, **options)  # type: ignore[call-overload,no-any-return]

    def run(self, command: str, **more: object) -> tuple[int, str]:
        shell = self.start(command, **{"stderr": subprocess.STDOUT, **more})
        said, _ = shell.communicate(timeout=60)
        return shell.returncode, said.decode("latin-1")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("cat a.txt", 0),
        ("cat a.txt; exit 7", 7),
        ("cat a.txt; false", 1),
        ("cat a.txt >&2; cat nope", 1),
        ("cat a.txt; kill -KILL $$", 137),
        ("printf 'to %s' \"$(cut -c4- a.txt)\"", 0),
    ],
)
def test_what_it_says_has_tokens_and_it_ends_as_it_would(shell: Shell, command: str, code: int) -> None:
    ended, said = shell.run(command)
    assert ended == code
    assert JANE not in said
    assert TOKEN.search(said)


def test_everything_else_is_as_it_was(shell: Shell) -> None:
    assert shell.run(r"printf 'a\r\n\tb \377\200 \xf0\x9f\x98\x80'") == (0, "a\r\n\tb \xff\x80 \xf0\x9f\x98\x80")
    assert shell.run("cat", stdin=subprocess.DEVNULL) == (0, "")
    assert shell.run("echo 1; echo 2 >&2; echo 3") == (0, "1\n2\n3\n")
    assert shell.run("echo $PII_SHIELD_PROFILE") == (0, "\n")


def test_stdout_and_stderr_stay_apart(shell: Shell) -> None:
    done = shell.start("cat a.txt; cat a.txt a.txt >&2", stderr=subprocess.PIPE)
    out, error = (said.decode() for said in done.communicate(timeout=60))
    assert len(TOKEN.findall(out)) == 1 and len(TOKEN.findall(error)) == 2
    assert JANE not in out + error


def test_what_outlives_the_shell_is_searched_too_and_does_not_hold_it_up(shell: Shell) -> None:
    begin = time.monotonic()
    process = shell.start("(sleep 4; cat a.txt) & echo started", stderr=subprocess.STDOUT)
    assert process.wait(60) == 0
    assert time.monotonic() - begin < 4
    said = process.communicate(timeout=60)[0].decode()
    assert said.startswith("started\n")
    assert JANE not in said and TOKEN.search(said)


def test_a_long_one_shows_what_it_has_and_a_signal_ends_the_shell(shell: Shell) -> None:
    process = shell.start("cat a.txt; sleep 60", stderr=subprocess.STDOUT)
    assert process.stdout
    assert TOKEN.search(process.stdout.readline().decode())
    begin = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 143
    assert time.monotonic() - begin < 20
    process.stdout.close()


def test_without_a_vault_it_shows_nothing(shell: Shell) -> None:
    (shell.folder / "vault.db").write_bytes(b"this is no database" * 100)
    code, said = shell.run("cat a.txt; exit 3")
    assert code == 3
    assert JANE not in said and "output withheld by pii_shield PS4" in said
    assert shell.run("exit 4") == (4, "")


def test_a_shell_that_is_not_there_is_said(shell: Shell) -> None:
    done = subprocess.run([*shell.words, "--", "/no/bash"], env=shell.environ, capture_output=True, check=False)
    assert done.returncode == 127 and b"cannot be started" in done.stderr
    done = subprocess.run(shell.words, env=shell.environ, capture_output=True, check=False)
    assert done.returncode == 2 and b"the shell is missing" in done.stderr
