"""Somebody changes the log: every change is found against checkpoints that somebody else holds."""

import contextlib
import json
import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pii_shield.audit import canonical, chain, read
from pii_shield.audit.examine import examine
from pii_shield.audit.log import ORIGIN
from pii_shield.audit.note import Signer
from pii_shield.audit.verify import Trusted, Verdict, verify
from pii_shield.errors import AuditError

from .kit import SEED, db, fill, open_log

CHANGES = int(os.environ.get("AUDIT_CHANGES", "1000"))
ROWS = 120
Change = Callable[[sqlite3.Connection, random.Random], None]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A closed log, its public key, its outside checkpoints."""
    directory = tmp_path_factory.mktemp("log")
    fill(directory, ROWS)
    log = read.DatabaseSource(db(directory))
    key = log.key()
    log.close()
    with contextlib.closing(sqlite3.connect(db(directory))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    return directory, key, (directory / "away" / "checkpoints").read_text()


def look(path: Path, key: str, outside: str) -> Verdict:
    log = read.source(path)
    try:
        return examine(log, [key] if key else [], [outside] if outside else [])
    finally:
        log.close()


def count(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM audit").fetchone()[0])


def relink(connection: sqlite3.Connection) -> None:
    """What an attacker who knows the program does afterwards: a chain that fits, numbers without gaps."""
    bodies = [row[0] for row in connection.execute("SELECT body FROM audit ORDER BY seq")]
    connection.execute("DELETE FROM audit")
    head = chain.GENESIS
    for seq, body in enumerate(bodies, start=1):
        head = chain.extend(head, body)
        connection.execute("INSERT INTO audit VALUES (?, ?, ?)", (seq, body, head))


def resign(connection: sqlite3.Connection) -> None:
    """And one who has the signing key too."""
    relink(connection)
    name = connection.execute("SELECT value FROM audit_mark WHERE name = 'log'").fetchone()[0]
    seq, head = connection.execute("SELECT seq, head FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    at = "2027-01-01T00:00:00.000000Z"
    connection.execute("DELETE FROM audit_checkpoint")
    new = Signer(name, SEED).checkpoint(seq, head, at)
    connection.execute("INSERT INTO audit_checkpoint VALUES (?, ?, ?, ?, 1)", (seq, at, head, new))


def edit_a_character(connection: sqlite3.Connection, chance: random.Random) -> None:
    seq = chance.randint(1, count(connection))
    body = connection.execute("SELECT body FROM audit WHERE seq = ?", (seq,)).fetchone()[0]
    at = chance.randrange(len(body))
    new = chance.choice([c for c in 'abc019"}' if c != body[at]])
    connection.execute("UPDATE audit SET body = ? WHERE seq = ?", (body[:at] + new + body[at + 1 :], seq))


def edit_a_field(connection: sqlite3.Connection, chance: random.Random) -> None:
    seq = chance.randint(2, count(connection))
    row = json.loads(connection.execute("SELECT body FROM audit WHERE seq = ?", (seq,)).fetchone()[0])
    row["server"] = f"other{chance.randrange(10**6)}#000000000000"
    connection.execute("UPDATE audit SET body = ? WHERE seq = ?", (canonical.dumps(row), seq))


def edit_a_head(connection: sqlite3.Connection, chance: random.Random) -> None:
    seq = chance.randint(1, count(connection))
    connection.execute("UPDATE audit SET head = ? WHERE seq = ?", (chance.randbytes(32), seq))


def change_the_clock(connection: sqlite3.Connection, chance: random.Random) -> None:
    seq = chance.randint(1, count(connection))
    body = connection.execute("SELECT body FROM audit WHERE seq = ?", (seq,)).fetchone()[0]
    new = body.replace('"at":"2027', f'"at":"20{chance.randint(28, 99)}')
    assert new != body
    connection.execute("UPDATE audit SET body = ? WHERE seq = ?", (new, seq))


def delete_some(connection: sqlite3.Connection, chance: random.Random) -> None:
    first = chance.randint(1, count(connection))
    last = first + chance.choice([0, 0, 1, 5, 50])
    connection.execute("DELETE FROM audit WHERE seq BETWEEN ? AND ?", (first, last))


def swap_two(connection: sqlite3.Connection, chance: random.Random) -> None:
    one, other = chance.sample(range(1, count(connection) + 1), 2)
    bodies = dict(connection.execute("SELECT seq, body FROM audit WHERE seq IN (?, ?)", (one, other)))
    assert bodies[one] != bodies[other]
    connection.execute("UPDATE audit SET body = ? WHERE seq = ?", (bodies[one], other))
    connection.execute("UPDATE audit SET body = ? WHERE seq = ?", (bodies[other], one))


def cut_the_tail(connection: sqlite3.Connection, chance: random.Random) -> None:
    size = count(connection) - chance.randint(1, count(connection))
    connection.execute("DELETE FROM audit WHERE seq > ?", (size,))
    connection.execute("DELETE FROM audit_checkpoint WHERE size > ?", (size,))


def add_one(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Before the last checkpoint; what comes behind it is for the next one."""
    seq = chance.randint(1, count(connection) - 1)
    rows = connection.execute("SELECT seq, body, head FROM audit WHERE seq >= ? ORDER BY seq DESC", (seq,)).fetchall()
    for n, body, head in rows:
        connection.execute("INSERT OR REPLACE INTO audit VALUES (?, ?, ?)", (n + 1, body, head))


def build_another(connection: sqlite3.Connection, chance: random.Random) -> None:
    rows = [row[0] for row in connection.execute("SELECT body FROM audit ORDER BY seq")]
    connection.execute("DELETE FROM audit")
    for seq, body in enumerate(chance.sample(rows, chance.randint(1, len(rows) - 1)), start=1):
        connection.execute("INSERT INTO audit VALUES (?, ?, ?)", (seq, body, b""))
    relink(connection)


SINGLE: list[Change] = [
    edit_a_character,
    edit_a_field,
    edit_a_head,
    change_the_clock,
    delete_some,
    swap_two,
    cut_the_tail,
    add_one,
    build_another,
]


def spoil(path: Path, chance: random.Random) -> str:
    """Change the file at random; what was done."""
    change = chance.choice(SINGLE)
    # A head alone that is put right again is no change.
    after = chance.choice([None, relink, resign]) if change is not edit_a_head else None
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        connection.execute("DROP TRIGGER audit_keeps")
        connection.execute("DROP TRIGGER audit_holds")
        change(connection, chance)
        if after and count(connection):
            after(connection)
        if chance.random() < 0.3:
            connection.execute("DELETE FROM audit_checkpoint")
        connection.execute("COMMIT")
    return f"{change.__name__}, {after.__name__ if after else 'as it is'}"


def test_the_untouched_log_is_sound_and_wholly_covered(made: tuple[Path, str, str]) -> None:
    verdict = look(db(made[0]), made[1], made[2])
    assert verdict.is_sound, verdict.problems
    assert verdict.rows == verdict.last == verdict.covered > ROWS
    assert len(verdict.proven) == 2


def test_every_change_is_found_against_outside_checkpoints(made: tuple[Path, str, str], tmp_path: Path) -> None:
    chance, done = random.Random(4), set()
    for number in range(CHANGES):
        copy = tmp_path / "copy.db"
        shutil.copyfile(db(made[0]), copy)
        what = spoil(copy, chance)
        verdict = look(copy, made[1], made[2])
        assert not verdict.is_sound, f"{number}: {what}"
        assert not verdict.proven
        done.add(what)
    print(f"\n{CHANGES} changes of {len(done)} kinds")
    assert len(done) == len(SINGLE) * 3 - 2 or CHANGES < 1000


def test_a_file_that_was_truncated_or_overwritten_is_never_called_sound(
    made: tuple[Path, str, str], tmp_path: Path
) -> None:
    chance, whole = random.Random(5), db(made[0]).read_bytes()
    for _ in range(60):
        copy = tmp_path / "copy.db"
        at = chance.randrange(len(whole) - 1)
        noise = chance.randbytes(chance.choice([16, 512]))
        copy.write_bytes(whole[:at] if chance.random() < 0.5 else whole[:at] + noise + whole[at + len(noise) :])
        with contextlib.suppress(AuditError):
            verdict = look(copy, made[1], made[2])
            untouched = [row[1:] for row in _rows(copy)] == [row[1:] for row in _rows(db(made[0]))]
            assert not verdict.is_sound or untouched


def _rows(path: Path) -> list[read.RawRow]:
    log = read.source(path)
    try:
        return list(log.raw())
    finally:
        log.close()


@pytest.mark.parametrize("change", [cut_the_tail, build_another, edit_a_field])
def test_without_an_outside_checkpoint_it_says_what_it_cannot_see(
    made: tuple[Path, str, str], tmp_path: Path, change: Change
) -> None:
    copy = tmp_path / "copy.db"
    shutil.copyfile(db(made[0]), copy)
    with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER audit_keeps")
        connection.execute("DROP TRIGGER audit_holds")
        change(connection, random.Random(6))
        resign(connection)
    verdict = look(copy, made[1], "")
    assert verdict.is_sound
    assert verdict.covered == 0
    assert "second place" in verdict.unproven[0]
    assert not look(copy, made[1], made[2]).is_sound


def test_another_log_in_its_place_is_found_even_if_no_key_was_given(
    made: tuple[Path, str, str], tmp_path: Path
) -> None:
    fill(tmp_path, ROWS, seed=2)
    verdict = look(db(tmp_path), "", made[2])
    assert [problem.kind for problem in verdict.problems] == ["forged"]
    assert any("no public key" in text for text in verdict.unproven)


def test_a_checkpoint_with_a_broken_signature_is_found(made: tuple[Path, str, str]) -> None:
    directory, key, outside = made
    size = outside.splitlines()[1]
    verdict = look(db(directory), key, outside.replace(f"\n{size}\n", f"\n{int(size) + 1}\n", 1))
    assert {problem.kind for problem in verdict.problems} == {"forged"}


def test_two_histories_under_one_name_are_found(made: tuple[Path, str, str]) -> None:
    directory, key, outside = made
    name = key.partition("+")[0]
    assert name.startswith(ORIGIN)
    fork = Signer(name, SEED).checkpoint(30, bytes(32), "2027-01-01T00:00:00.000000Z")
    other = Signer(name, SEED).checkpoint(30, bytes(31) + b"x", "2027-01-01T00:00:00.000000Z")
    verdict = look(db(directory), key, outside + fork + "\n" + other)
    assert {problem.kind for problem in verdict.problems} >= {"forked", "rewritten"}


def test_a_log_that_grew_on_after_its_tail_was_cut_is_found(made: tuple[Path, str, str], tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o700)
    shutil.copyfile(db(made[0]), db(tmp_path))
    db(tmp_path).chmod(0o600)
    with contextlib.closing(sqlite3.connect(db(tmp_path), isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER audit_holds")
        connection.execute("DELETE FROM audit WHERE seq > 70")
        connection.execute("DELETE FROM audit_checkpoint WHERE size > 70")
    log = open_log(tmp_path)
    for _ in range(100):
        log.report("error", scope="default", server="crm#1", direction="in", code="PS500")
    log.close()
    kinds = {problem.kind for problem in look(db(tmp_path), made[1], made[2]).problems}
    assert kinds == {"rewritten"}


def test_a_log_of_any_length_is_verified_in_little_memory(tmp_path: Path) -> None:
    import tracemalloc

    def rows(count: int) -> Iterator[read.RawRow]:
        head = chain.GENESIS
        for seq in range(1, count + 1):
            body = b'{"at":"2027-01-15T08:00:00.000000Z","n":%d,"text":"%b"}' % (seq, b"x" * 300)
            head = chain.extend(head, body.decode())
            yield seq, body, head

    tracemalloc.start()
    verdict = verify(rows(30_000), read.Start(0, chain.GENESIS, ""), Trusted([]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert verdict.is_sound and verdict.rows == 30_000
    assert peak < 1 << 20  # ten megabytes of rows went by
