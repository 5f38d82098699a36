"""Old rows go, the chain stays whole, and outside checkpoints still fit."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from pii_shield.audit import retention
from pii_shield.audit.examine import examine
from pii_shield.audit.log import Pace
from pii_shield.audit.read import DatabaseSource
from pii_shield.audit.retention import DAY, PRESETS
from pii_shield.audit.verify import Verdict

from .kit import Clock, db, open_log, release


def look(directory: Path, key: str = "") -> Verdict:
    log = DatabaseSource(db(directory))
    try:
        return examine(log, [key] if key else [], [(directory / "away" / "checkpoints").read_text()])
    finally:
        log.close()


def grow(directory: Path, clock: Clock, rows: int) -> None:
    log = open_log(directory, clock, Pace(rows=10))
    for _ in range(rows):
        log.commit("release", **release())
    log.close()


def prune(directory: Path, clock: Clock, days: float) -> retention.Pruned:
    log = open_log(directory, clock)
    try:
        return retention.prune(log, retention.horizon(days, clock), "pci", clock)
    finally:
        log.close()


@pytest.fixture
def old(tmp_path: Path) -> tuple[Path, Clock]:
    """A log with rows of 400 days ago and rows of today."""
    clock = Clock()
    grow(tmp_path, clock, 35)
    clock.now += 400 * DAY
    grow(tmp_path, clock, 15)
    return tmp_path, clock


def test_rows_older_than_the_preset_go_and_the_rest_verifies(old: tuple[Path, Clock]) -> None:
    directory, clock = old
    before = look(directory)
    gone = prune(directory, clock, PRESETS["pci"].days)
    assert gone == retention.Pruned(37, 37)  # log, 35 releases, stop
    after = look(directory)
    assert after.is_sound, after.problems
    assert (after.first, after.last) == (38, before.last + 2)  # prune, stop
    assert after.covered == after.last
    assert any("signed seal" in text for text in after.unproven)


def test_nothing_goes_that_is_young_enough(old: tuple[Path, Clock]) -> None:
    directory, clock = old
    assert prune(directory, clock, PRESETS["hipaa"].days) == retention.Pruned(0, 0)
    assert look(directory).first == 1


def test_pruning_twice_and_writing_on_keeps_the_chain(old: tuple[Path, Clock]) -> None:
    directory, clock = old
    assert prune(directory, clock, 366).rows == 37
    assert prune(directory, clock, 366).rows == 0
    clock.now += 400 * DAY
    grow(directory, clock, 5)
    assert prune(directory, clock, 366).size > 50
    assert look(directory).is_sound


def test_rows_that_were_deleted_without_a_seal_are_found(old: tuple[Path, Clock]) -> None:
    directory, clock = old
    prune(directory, clock, 366)
    with contextlib.closing(sqlite3.connect(db(directory))) as connection, connection:
        connection.execute("DROP TRIGGER audit_holds")
        connection.execute("DELETE FROM audit WHERE seq < 45")
    assert not look(directory).is_sound
    with contextlib.closing(sqlite3.connect(db(directory))) as connection, connection:
        head = connection.execute("SELECT head FROM audit WHERE seq = 45").fetchone()[0]
        connection.execute("DELETE FROM audit WHERE seq = 45")
        connection.execute("UPDATE audit_seal SET size = 45, head = ?", (head,))
    assert "seal" in {problem.kind for problem in look(directory).problems}


def test_the_longest_of_several_presets_counts() -> None:
    assert retention.days_for(["gdpr", "hipaa", "pci"]) == PRESETS["hipaa"].days
    assert PRESETS["ai-act"].days >= 183
    assert PRESETS["hipaa"].days >= 6 * 365 + 1
    assert PRESETS["pci"].days >= 365
