"""kill -9 at any moment: what was acknowledged is there afterwards, and the database is whole."""

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pii_shield.types import TokenRef

from .kit import CRM, email, grant, sqlite_vault

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the writers are forked")

NURSERY = Path(__file__).with_name("doomed.py")
KILLS = int(os.environ.get("VAULT_KILLS", "40"))
"""The acceptance run sets VAULT_KILLS=200."""


class Nursery:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def start(self, directory: Path, what: str, after: int) -> int:
        self._process.stdin.write(json.dumps({"directory": str(directory), "what": what, "after": after}) + "\n")
        self._process.stdin.flush()
        return int(self._answer()["pid"])

    def status(self) -> int:
        return int(self._answer()["status"])

    def _answer(self) -> dict:
        return json.loads(self._process.stdout.readline())


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, str(NURSERY)], **pipes) as process:
        yield Nursery(process)
        process.stdin.close()
        process.wait(10)


def check(directory: Path, done: int = 0) -> int:
    """Every acknowledged token since line `done` resolves to its value, erased ones do not; the database is whole."""
    record = directory / "acknowledged"
    lines = [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []
    begun = {line["forgetting"] for line in lines if "forgetting" in line}
    ended = {line["forgotten"] for line in lines if "forgotten" in line}
    kept = {(line["id"], line["spelling"]): line["value"] for line in lines[done:] if "value" in line}
    refs = [TokenRef(*key) for key in kept]
    vault = sqlite_vault(directory)
    for ref, row in zip(refs, vault.look("default", refs), strict=True):
        assert row is None if ref.id in ended else row is not None or ref.id in begun
    alive = [ref for ref in refs if ref.id not in begun]
    for ref, secret in zip(alive, vault.open([grant(ref, CRM) for ref in alive]), strict=True):
        assert secret.reveal() == kept[ref.id, ref.spelling]
    vault.known("default", 0)
    vault.close()
    with contextlib.closing(sqlite3.connect(directory / "data" / "vault.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return len(lines)


def test_no_acknowledged_token_is_lost_when_a_writer_is_killed(tmp_path: Path, nursery: Nursery) -> None:
    chance, done = random.Random(1), 0
    for round_ in range(KILLS):
        pid = nursery.start(tmp_path, "put", round_)
        time.sleep(chance.uniform(0.0, 0.12))
        os.kill(pid, signal.SIGKILL)
        assert os.WTERMSIG(nursery.status()) == signal.SIGKILL
        done = check(tmp_path, done)
    print(f"\n{KILLS} kills, {done} lines acknowledged")
    assert done > KILLS
    check(tmp_path)


def test_a_new_vault_survives_being_killed_while_it_is_made(tmp_path: Path, nursery: Nursery) -> None:
    chance = random.Random(2)
    for round_ in range(max(10, KILLS // 4)):
        directory = tmp_path / str(round_)
        directory.mkdir()
        pid = nursery.start(directory, "start", round_)
        time.sleep(chance.uniform(0.0, 0.05))
        os.kill(pid, signal.SIGKILL)
        nursery.status()
        check(directory)


def test_a_writer_may_die_at_every_statement(tmp_path: Path, nursery: Nursery) -> None:
    vault = sqlite_vault(tmp_path)
    vault.put("default", CRM, [email("ann")])
    vault.close()
    number = done = 0
    while True:
        nursery.start(tmp_path, "statement", number)
        status = nursery.status()
        done = check(tmp_path, done)
        if os.WIFEXITED(status):
            break
        assert os.WTERMSIG(status) == signal.SIGKILL
        number += 1
    assert os.WEXITSTATUS(status) == 0
    assert number > 40
