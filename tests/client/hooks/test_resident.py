"""The helper that stays: it answers as a process of its own would, and whenever it does not, that process does."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pii_shield.client.hooks import line, resident

from .kit import JANE

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no sockets in the file system")
TOKEN = re.compile(r"\[EMAIL_\w+\]")


class Desk:
    """A home whose path is short enough for a socket."""

    def __init__(self, home: Path) -> None:
        self.home = home
        drop = ("PII_SHIELD_", "XDG_CONFIG", "XDG_DATA", "XDG_STATE")
        self.environ = {name: said for name, said in os.environ.items() if not name.startswith(drop)}
        self.environ |= {"HOME": str(home), line.IDLE: "30"}
        self.vault = home / ".local/share/pii-shield/vault.db"

    @property
    def place(self) -> Path:
        place = line.address(self.environ)
        assert place
        return place

    def hook(self, name: str = "PostToolUse", tool: str = "Bash", **fields: Any) -> dict[str, Any]:
        event = {"hook_event_name": name, "tool_name": tool, "tool_input": {}, "cwd": str(self.home), **fields}
        argv = [sys.executable, "-P", "-m", "pii_shield", "hook", "claude-code", "--scope", "s"]
        done = subprocess.run(
            argv, input=json.dumps(event).encode(), env=self.environ, capture_output=True, check=True, timeout=60
        )
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def shown(self, text: str) -> str:
        answer = self.hook(tool_response={"stdout": text})
        return str(answer["hookSpecificOutput"]["updatedToolOutput"]["stdout"])

    def wait(self, until: bool = True) -> None:
        for _ in range(400):
            if self.place.exists() is until:
                return
            time.sleep(0.05)
        raise AssertionError("the helper has not come, or not gone")

    def asked(self, data: bytes = b"", *argv: str) -> bytes | None:
        return line.ask(line.call(argv or ("hook", "claude-code", "--scope", "s"), data, self.environ))


@pytest.fixture
def desk() -> Iterator[Desk]:
    home = Path(tempfile.mkdtemp(prefix="pii-"))
    desk = Desk(home)
    yield desk
    desk.place.unlink(missing_ok=True)  # then it goes within a second
    time.sleep(resident._TICK + 0.3)
    shutil.rmtree(home)


def test_the_first_process_starts_it_and_it_answers_the_next_ones(desk: Desk) -> None:
    first = desk.shown(JANE)
    desk.wait()
    event = {"hook_event_name": "PostToolUse", "tool_name": "Bash", "tool_input": {}, "tool_response": f"to {JANE}"}
    answer = desk.asked(json.dumps(event).encode())
    assert answer and JANE.encode() not in answer
    assert first.encode() in answer
    assert desk.shown(JANE) == first
    assert not desk.place.parent.stat().st_mode & 0o077


def test_a_shell_asks_it_too(desk: Desk) -> None:
    token = desk.shown(JANE)
    desk.wait()
    answer = desk.asked(
        f"to {JANE} \udcff".encode("utf-8", "surrogatepass"), "hook", "shell", "--scope", "s", "--", "sh"
    )
    assert answer == f"to {token} \udcff".encode("utf-8", "surrogatepass")


def test_new_settings_count_from_the_next_event(desk: Desk) -> None:
    desk.shown(JANE)
    desk.wait()
    config = desk.home / ".config/pii-shield/config.toml"
    config.touch(0o600)
    config.write_text("[policy]\nprofil = 1\n")
    answer = desk.hook("PreToolUse", tool_input={"command": "ls"})["hookSpecificOutput"]
    assert answer["permissionDecision"] == "deny" and "PS305" in answer["permissionDecisionReason"]


def test_a_vault_that_was_taken_away_is_not_used_any_more(desk: Desk) -> None:
    desk.shown(JANE)
    desk.wait()
    before = desk.shown(JANE)
    desk.vault.unlink()
    for suffix in ("-wal", "-shm"):
        desk.vault.with_name(desk.vault.name + suffix).unlink(missing_ok=True)
    desk.vault.write_bytes(b"this is no database" * 100)
    answer = desk.hook("PreToolUse", tool_input={"command": "ls"})["hookSpecificOutput"]
    assert "PS4" in answer["permissionDecisionReason"]
    assert JANE not in json.dumps(desk.hook(tool_response={"stdout": JANE}))
    assert TOKEN.search(before)


def test_one_that_says_nothing_or_nonsense_is_no_help(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    place = desk.place
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(place))
        door.listen()
        monkeypatch.setattr(line, "SECONDS", 0.3)
        monkeypatch.setattr(line, "_start", lambda _: None)
        assert desk.asked(b"{}") is None
    place.unlink()
    place.touch()
    assert desk.asked(b"{}") is None
    assert TOKEN.search(desk.shown(JANE))


def test_it_goes_when_nobody_asks_or_its_place_is_taken(desk: Desk) -> None:
    argv = [sys.executable, "-P", "-m", "pii_shield", "hook", "resident"]
    desk.environ[line.IDLE] = "2"
    with subprocess.Popen(argv, env=desk.environ) as helper:
        desk.wait()
        assert helper.wait(30) == 0
    assert not desk.place.exists()
    desk.environ[line.IDLE] = "60"
    with subprocess.Popen(argv, env=desk.environ) as helper:
        desk.wait()
        desk.place.unlink()
        desk.place.touch()
        assert helper.wait(30) == 0
    assert desk.place.exists()


def test_a_second_one_leaves_the_place_to_the_first(desk: Desk) -> None:
    desk.shown(JANE)
    desk.wait()
    before = desk.place.stat().st_ino
    argv = [sys.executable, "-P", "-m", "pii_shield", "hook", "resident"]
    subprocess.run(argv, env=desk.environ, check=True, timeout=30)
    assert desk.place.stat().st_ino == before


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"{}\n", b"garbage", b'{"argv": 1, "cwd": "/", "environ": {}}\n', b"[]\nx"]
)
def test_what_cannot_be_understood_is_not_answered(data: bytes) -> None:
    assert line.unpacked(data) is None


def test_wrong_words_do_not_end_it(desk: Desk) -> None:
    desk.shown(JANE)
    desk.wait()
    assert desk.asked(b"x", "hook", "claude-code", "--no-such-option") is None
    assert desk.asked(b"x", "status") is None
    assert desk.asked(b'{"hook_event_name": "Notification"}') == b"{}"


def test_only_the_process_at_the_screen_shows_values(desk: Desk) -> None:
    token = desk.shown(JANE)
    desk.wait()
    event = {"hook_event_name": "MessageDisplay", "delta": f"to {token}"}
    assert desk.asked(json.dumps(event).encode()) is None


def test_where_others_could_come_in_there_is_none(desk: Desk) -> None:
    desk.place.parent.chmod(0o755)
    assert line.address(desk.environ) is None
    assert line.address({**desk.environ, "HOME": f"/tmp/{'x' * 120}"}) is None
    (desk.home / ".local/state/pii-shield/hooks").chmod(0o700)
    assert line.address({**desk.environ, line.IDLE: "0"}) is None
