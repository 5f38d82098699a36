"""Writing: one chain for all, releases on disk at once, nothing lost, nothing released when nothing can be written."""

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pii_shield.audit import log as log_module
from pii_shield.audit import read
from pii_shield.audit.examine import examine
from pii_shield.audit.log import Log, Pace
from pii_shield.audit.places import FilePlace
from pii_shield.errors import AuditError

from .kit import CRM, SEED, Clock, db, open_log, protect, release

MEMBER = Path(__file__).with_name("member.py")
KILLS, WRITERS = int(os.environ.get("AUDIT_KILLS", "8")), int(os.environ.get("AUDIT_WRITERS", "2"))
"""Rounds, and processes that write and die in each; the acceptance run has 16 writers."""
SLOW = Pace(flush=60.0)


def rows(directory: Path) -> list[dict]:
    log = read.source(db(directory))
    try:
        return [read.parsed(row) for row in log.raw()]
    finally:
        log.close()


def check(directory: Path) -> None:
    """The chain and all checkpoints fit."""
    log = read.source(db(directory))
    outside = (directory / "away" / "checkpoints").read_text()
    verdict = examine(log, [], [outside])
    log.close()
    assert verdict.is_sound, verdict.problems


def types(directory: Path) -> list[str]:
    return [row["type"] for row in rows(directory)]


def test_a_committed_row_is_on_disk_and_takes_along_what_waits(tmp_path: Path) -> None:
    log = open_log(tmp_path, pace=SLOW)
    log.report("protect", **protect())
    log.commit("release", **release())
    assert types(tmp_path) == ["log", "protect", "release"]
    log.report("protect", **protect())
    assert types(tmp_path) == ["log", "protect", "release"]
    log.close()
    assert types(tmp_path) == ["log", "protect", "release", "protect", "stop"]
    check(tmp_path)


def test_a_reported_row_is_there_soon_without_anybody_asking(tmp_path: Path) -> None:
    log = open_log(tmp_path, pace=Pace(flush=0.01))
    log.report("protect", **protect())
    deadline = time.monotonic() + 20
    found: list[str] = []
    while "protect" not in found:
        assert time.monotonic() < deadline
        time.sleep(0.02)
        with contextlib.suppress(AuditError):  # while the file is being made
            found = types(tmp_path)
    log.close()


def test_the_first_row_names_the_log_and_its_key(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    key = log.key()
    log.close()
    first = rows(tmp_path)[0]
    assert (first["type"], first["key"]) == ("log", key)
    assert key.startswith(f"{log_module.ORIGIN}{first['log']}+")


def test_another_signing_key_is_put_on_record(tmp_path: Path) -> None:
    open_log(tmp_path).close()
    log = open_log(tmp_path, seed=bytes(32))
    key = log.key()
    log.close()
    (change,) = [row for row in rows(tmp_path) if row["type"] == "key"]
    assert change["now"] == key != change["was"]


def test_what_is_watched_makes_a_row_only_when_it_changes(tmp_path: Path) -> None:
    for policy in ("balanced@1", "balanced@1", "strict@2"):
        log = open_log(tmp_path)
        log.watch("policy default crm", policy, "policy", scope="default", server=CRM)
        log.close()
    (change,) = [row for row in rows(tmp_path) if row["type"] == "policy"]
    assert (change["was"], change["now"]) == ("balanced@1", "strict@2")


def test_nothing_but_the_closed_set_of_fields_gets_in(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    bad: list[tuple[str, dict]] = [
        ("gossip", {}),
        ("protect", {**protect(), "value": "jane@example.com"}),
        ("protect", {**protect(), "tokens": ["jane@example.com"]}),
        ("protect", {**protect(), "counts": {"jane@example.com": 1}}),
        ("protect", {**protect(), "took": "0.123"}),
        ("release", {**release(), "items": [{"token": "7K2QF9M36", "value": "x"}]}),
        ("denial", {**release(), "code": "because"}),
        ("release", {"scope": "x"}),
    ]
    for type_, fields in bad:
        with pytest.raises(ValueError) as caught:
            log.report(type_, **fields)
        assert "jane" not in str(caught.value)
    log.close()
    assert types(tmp_path) == ["log", "stop"]


def test_checkpoints_come_after_so_many_rows_and_so_much_time(tmp_path: Path) -> None:
    clock = Clock()
    log = open_log(tmp_path, clock, Pace(flush=60.0, rows=10, seconds=300.0))
    log.commit("release", **release())
    sizes = [2]
    for _ in range(12):
        log.commit("release", **release())
    sizes.append(12)
    clock.now += 301
    log.commit("release", **release())
    sizes.append(15)
    log.close()
    sizes.append(16)
    notes = [note.splitlines()[1] for note in read.DatabaseSource(db(tmp_path)).notes()]
    assert list(map(int, notes)) == sizes
    check(tmp_path)


def test_a_checkpoint_that_did_not_arrive_is_sent_again(tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.write_text("not a directory")
    log = open_log(tmp_path)
    log.commit("release", **release())
    log.close()
    away.unlink()
    log = open_log(tmp_path)
    log.commit("release", **release())
    log.close()
    assert (away / "checkpoints").read_text().count("\n— ") == 3
    check(tmp_path)


def test_when_the_log_cannot_be_written_a_commit_fails_and_the_rows_that_wait_are_kept(tmp_path: Path) -> None:
    log = open_log(tmp_path, pace=SLOW)
    log.commit("start", scope="default", server=CRM, policy="p", program="1")
    log.report("protect", **protect())
    blocker = sqlite3.connect(db(tmp_path), isolation_level=None)
    blocker.execute("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT raise(ABORT, 'no'); END")
    with pytest.raises(AuditError) as caught:
        log.commit("release", **release())
    assert caught.value.code == "PS701"
    blocker.execute("DROP TRIGGER full")
    blocker.close()
    log.commit("release", **release())
    log.close()
    assert types(tmp_path) == ["log", "start", "protect", "release", "stop"]
    check(tmp_path)


def test_rows_do_not_pile_up_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "MAX_PENDING", 5)
    log = open_log(tmp_path, pace=SLOW)
    for _ in range(5):
        log.report("protect", **protect())
    with pytest.raises(AuditError):
        log.report("protect", **protect())
    log.flush()
    log.report("protect", **protect())
    log.close()
    assert types(tmp_path).count("protect") == 6


def test_a_closed_log_takes_nothing_more(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.close()
    log.close()
    with pytest.raises(AuditError):
        log.report("protect", **protect())


def test_a_place_that_cannot_hold_a_log_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(AuditError) as caught:
        Log(db(tmp_path), lambda: SEED, os.urandom, places=[FilePlace(tmp_path / "c")])
    assert caught.value.code == "PS701"


def member(directory: Path, count: int) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, str(MEMBER), str(directory), str(count)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return process, process.stdout.readline().split()[1]


def go(process: subprocess.Popen[str]) -> None:
    process.stdin.write("go\n")
    process.stdin.flush()


def finish(process: subprocess.Popen[str]) -> list[int]:
    """Numbers of the rows that were acknowledged."""
    out, _ = process.communicate(timeout=120)
    return [int(line) for line in out.splitlines() if line.isdigit()]


def test_sixteen_processes_write_one_valid_chain(tmp_path: Path) -> None:
    members = [member(tmp_path, 60) for _ in range(16)]
    for process, _ in members:
        go(process)
    done = {writer: finish(process) for process, writer in members}
    found = [row["scope"] for row in rows(tmp_path) if "." in row.get("scope", "")]
    assert sorted(found) == sorted(f"{writer}.{number}" for writer, numbers in done.items() for number in numbers)
    assert len(found) == 16 * 60
    assert types(tmp_path).count("stop") == 16
    check(tmp_path)
    assert list((tmp_path / "data" / "vault.db.audit").iterdir()) == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
def test_no_acknowledged_row_is_lost_or_doubled_when_writers_are_killed(tmp_path: Path) -> None:
    chance, acknowledged = random.Random(3), set()
    for _ in range(KILLS):
        members = [member(tmp_path, 100_000) for _ in range(WRITERS)]
        for process, _ in members:
            go(process)
        time.sleep(chance.uniform(0.0, 0.25) * WRITERS)
        for process, writer in members:
            process.send_signal(signal.SIGKILL)
            acknowledged |= {f"{writer}.{number}" for number in finish(process)}
    log = open_log(tmp_path)
    log.flush()
    log.close()
    found = [row["scope"] for row in rows(tmp_path) if "." in row.get("scope", "")]
    assert len(found) == len(set(found))
    assert acknowledged <= set(found)
    assert types(tmp_path).count("lost") == KILLS * WRITERS
    print(f"\n{KILLS * WRITERS} kills, {len(acknowledged)} rows acknowledged")
    check(tmp_path)


def test_a_spool_that_somebody_wrote_into_adds_no_foreign_rows(tmp_path: Path) -> None:
    open_log(tmp_path).close()
    spool = tmp_path / "data" / "vault.db.audit"
    (spool / "aabbccddeeff.lock").touch()
    evil = {"at": "2027-01-01T00:00:00.000000Z", "type": "protect", "v": 1, "writer": "aabbccddeeff", "value": "jane"}
    (spool / "aabbccddeeff.a").write_text(f"1 {json.dumps(evil)}\n2 not json\nx y\n3 cut off")
    log = open_log(tmp_path)
    log.flush()
    log.close()
    (lost,) = [row for row in rows(tmp_path) if row["type"] == "lost"]
    assert (lost["of"], lost["rows"]) == ("aabbccddeeff", 0)
    assert "jane" not in str(rows(tmp_path))
