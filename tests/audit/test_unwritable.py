"""A log that cannot be written: nothing is released, nobody is told a value, and when it can be again all goes on."""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pii_shield import assemble
from pii_shield.audit import read
from pii_shield.audit.examine import examine
from pii_shield.conversation import Conversation, Outcome
from pii_shield.settings import Config

MAIL = "jane.roe@acme.com"


def open_conversation(place: Path) -> Conversation:
    return assemble.conversation(Config(vault=place / "data" / "v.db"), name="crm", command=("crm",))


def protected(conversation: Conversation, number: int, text: str = MAIL) -> Outcome:
    result = {"content": [{"type": "text", "text": text}]}
    return conversation.from_server(json.dumps({"jsonrpc": "2.0", "id": number, "result": result}).encode())


def token(outcome: Outcome) -> str:
    return json.loads(outcome.forward or b"")["result"]["content"][0]["text"]


def released(conversation: Conversation, number: int, token: str) -> Outcome:
    params = {"name": "find", "arguments": {"email": token}}
    call = {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}
    return conversation.from_client(json.dumps(call).encode())


def is_refused(outcome: Outcome) -> bool:
    assert MAIL not in str(outcome)
    return outcome.forward is None and "PS701" in outcome.notice


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("needs root to mount a small disk")
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=14m,mode=0700", "tmpfs", place], check=False).returncode:
        pytest.skip("cannot mount a small disk here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def rows(place: Path) -> list[dict]:
    log = read.source(place / "data" / "v.db")
    try:
        assert examine(log, [], [(place / "data" / "v.db.checkpoints").read_text()]).is_sound
        return [read.parsed(row) for row in log.raw()]
    finally:
        log.close()


def fill(place: Path) -> None:
    with contextlib.suppress(OSError), open(place / "filler", "wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)


def test_a_full_disk(disk: Path) -> None:
    conversation = open_conversation(disk)
    shown = token(protected(conversation, 1))
    assert released(conversation, 2, shown).forward is not None
    fill(disk)
    outcomes = [released(conversation, number, shown) for number in range(3, 300)]  # the file's last pages have room
    stop = next(index for index, outcome in enumerate(outcomes) if outcome.forward is None)
    assert all(is_refused(outcome) for outcome in outcomes[stop:])
    assert "new.one" not in str(protected(conversation, 400, "new.one@acme.com"))
    (disk / "filler").unlink()
    assert released(conversation, 500, shown).forward is not None
    conversation.close()
    assert [row["type"] for row in rows(disk)].count("release") == 1 + stop + 1  # what was released is on record


def test_a_disk_that_can_only_be_read(disk: Path) -> None:
    conversation = open_conversation(disk)
    shown = token(protected(conversation, 1))
    conversation.close()
    frozen = disk / "frozen"
    frozen.mkdir()
    subprocess.run(["mount", "--bind", disk, frozen], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", frozen], check=True)
        conversation = open_conversation(frozen)
        for outcome in (released(conversation, 2, shown), protected(conversation, 3)):
            assert MAIL not in str(outcome)
            assert outcome.forward is None or b'"error"' in outcome.forward
        conversation.close()
    finally:
        subprocess.run(["umount", "-l", frozen], check=True)
    conversation = open_conversation(disk)
    assert MAIL.encode() in (released(conversation, 4, shown).forward or b"")
    conversation.close()


def broken_by(statement: str) -> Callable[[Path], Callable[[], None]]:
    """Somebody else does something to the database; what is given back undoes it."""

    def do(path: Path) -> Callable[[], None]:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute(f"CREATE TRIGGER broken {statement} BEGIN SELECT raise(ABORT, 'no'); END")

        def undo() -> None:
            with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("DROP TRIGGER broken")

        return undo

    return do


@pytest.mark.parametrize(
    "statement",
    ["BEFORE INSERT ON audit", "BEFORE INSERT ON audit_checkpoint", "BEFORE INSERT ON audit_writer"],
)
def test_a_table_that_takes_nothing(tmp_path: Path, statement: str) -> None:
    conversation = open_conversation(tmp_path)
    shown = token(protected(conversation, 1))
    conversation._shield()._recorder._log.flush()
    if "checkpoint" in statement:
        conversation._shield()._recorder._log._pace = conversation._shield()._recorder._log._pace._replace(rows=1)
    undo = broken_by(statement)(tmp_path / "data" / "v.db")
    assert is_refused(released(conversation, 2, shown))
    undo()
    assert MAIL.encode() in (released(conversation, 3, shown).forward or b"")
    conversation.close()
    kinds = [row["type"] for row in rows(tmp_path)]
    assert kinds.count("release") == 1
    assert kinds.count("error") == 1  # the refusal, once it could be put on record


def test_a_spool_that_takes_nothing_stops_what_servers_say_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = open_conversation(tmp_path)
    shown = token(protected(conversation, 1))
    spool = conversation._shield()._recorder._log._spool
    monkeypatch.setattr(spool, "_files", [os.open("/dev/full", os.O_WRONLY)] * 2)
    outcome = protected(conversation, 2)
    assert MAIL not in str(outcome) and shown not in str(outcome)
    assert b"PS701" in (outcome.forward or b"")
    monkeypatch.undo()
    assert token(protected(conversation, 3)) == shown
    conversation.close()
