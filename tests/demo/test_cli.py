"""`pii-shield demo` as a command."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

COMMAND = [sys.executable, "-m", "pii_shield", "demo"]


def environ(tmp_path: Path, **more: str) -> dict[str, str]:
    homes = dict.fromkeys(
        ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "TMPDIR"), str(tmp_path)
    )
    return {**os.environ, **homes, "PYTHONDONTWRITEBYTECODE": "1", **more}


def files_under(folder: Path) -> list[Path]:
    return list(folder.rglob("*"))


def test_plain_text_without_a_terminal_and_no_trace_afterwards(tmp_path: Path) -> None:
    ended = subprocess.run(COMMAND, check=False, env=environ(tmp_path), capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert "\x1b" not in ended.stdout
    assert max(map(len, ended.stdout.splitlines())) <= 100
    assert re.search(r"^0 of the \d+ values", ended.stdout, re.MULTILINE)
    assert files_under(tmp_path) == []


def test_json_for_programs(tmp_path: Path) -> None:
    ended = subprocess.run(
        [*COMMAND, "--json"], check=False, env=environ(tmp_path), capture_output=True, text=True, timeout=60
    )
    data = json.loads(ended.stdout)
    assert [step["tool"] for step in data["steps"]] == ["list", "get", "notes", "send", "post"]
    assert data["values_seen_by_model"] == 0
    assert data["refused"] == 1


def on_a_terminal(env: dict[str, str]) -> str:
    ours, theirs = pty.openpty()
    child = subprocess.Popen(COMMAND, env=env, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:
        pass  # how Linux says that the terminal's other end is closed
    finally:
        os.close(ours)
    assert child.wait(60) == 0
    return shown.decode()


def test_colour_on_a_terminal_unless_it_is_not_wanted(tmp_path: Path) -> None:
    assert "\x1b[" in on_a_terminal(environ(tmp_path, TERM="xterm", COLUMNS="80", NO_COLOR=""))
    assert "\x1b[" not in on_a_terminal(environ(tmp_path, TERM="xterm", COLUMNS="80", NO_COLOR="1"))


def test_an_interrupt_leaves_no_trace_either(tmp_path: Path) -> None:
    child = subprocess.Popen(COMMAND, env=environ(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 30
    while not any(path.name == "crm.transcript" for path in files_under(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.005)
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=30)
    assert child.returncode == 130, errors
    assert errors == b""
    assert files_under(tmp_path) == []
