"""The vault on disk keeps the contract, across processes' views and restarts."""

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from pii_shield.errors import VaultError
from pii_shield.store import database, schema
from pii_shield.types import Value
from pii_shield.vault.base import RETENTION_DAYS
from pii_shield.vault.sqlite import BATCH, SqliteVault

from .contract import SCOPE, VaultContract
from .kit import CRM, MAILER, Clock, born, email, grant, phone, sqlite_vault


class TestSqliteVault(VaultContract):
    @pytest.fixture
    def vault(self, tmp_path: Path, clock: Clock) -> Iterator[SqliteVault]:
        vault = sqlite_vault(tmp_path, clock)
        yield vault
        vault.close()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[SqliteVault, SqliteVault]]:
    """Two processes' views of one vault."""
    here, there = sqlite_vault(tmp_path), sqlite_vault(tmp_path)
    yield here, there
    here.close()
    there.close()


def test_another_process_sees_what_was_put(pair: tuple[SqliteVault, SqliteVault]) -> None:
    here, there = pair
    (ref,) = here.put(SCOPE, CRM, [email("ann")])
    assert there.put(SCOPE, CRM, [email("ann")]) == [ref]
    assert there.open([grant(ref, MAILER)])[0].reveal() == "ann@example.com"
    row = here.look(SCOPE, [ref])[0]
    assert row and row.granted == {MAILER}


def test_another_process_notices_what_was_forgotten(pair: tuple[SqliteVault, SqliteVault]) -> None:
    here, there = pair
    (ref,) = here.put(SCOPE, CRM, [email("ann")])
    cursor, _ = there.known(SCOPE, 0)
    assert there.look(SCOPE, [ref]) != [None]
    here.forget(SCOPE, ref)
    assert there.look(SCOPE, [ref]) == [None]
    assert [known.gone for known in there.known(SCOPE, cursor)[1]] == [True]


def test_another_process_binds_to_the_same_fingerprint(pair: tuple[SqliteVault, SqliteVault]) -> None:
    here, there = pair
    command = "/opt/crm --secret"
    assert here.fingerprint(SCOPE, command) == there.fingerprint(SCOPE, command)
    assert here.bind(SCOPE, "crm", "1a2b3c4d5e6f") == there.bind(SCOPE, "crm", "999999999999") == "1a2b3c4d5e6f"


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    vault = sqlite_vault(tmp_path)
    refs = vault.put(SCOPE, CRM, [email("ann"), phone(), phone("number"), born("1980-01-02")])
    vault.bind(SCOPE, "crm", "1a2b3c4d5e6f")
    fingerprint = vault.fingerprint(SCOPE, "x")
    before = vault.known(SCOPE, 0)
    vault.close()
    vault = sqlite_vault(tmp_path)
    assert vault.known(SCOPE, 0) == before
    assert vault.put(SCOPE, CRM, [email("ann")]) == refs[:1]
    assert [s.kind for s in vault.open([grant(ref) for ref in refs])] == ["string", "string", "number", "string"]
    assert vault.bind(SCOPE, "crm", "ffffffffffff") == "1a2b3c4d5e6f"
    assert vault.fingerprint(SCOPE, "x") == fingerprint
    vault.close()


def test_a_clock_set_back_before_a_restart_revives_nothing(tmp_path: Path) -> None:
    clock = Clock()
    vault = sqlite_vault(tmp_path, clock)
    (ref,) = vault.put(SCOPE, CRM, [email("ann")])
    clock.pass_days(RETENTION_DAYS + 1)
    vault.look(SCOPE, [ref])
    vault.close()
    clock.pass_days(-RETENTION_DAYS)
    vault = sqlite_vault(tmp_path, clock)
    row = vault.look(SCOPE, [ref])[0]
    assert row and row.expired
    vault.close()


def test_writing_sweeps_out_what_expired_unnoticed(tmp_path: Path) -> None:
    clock = Clock()
    vault = sqlite_vault(tmp_path, clock)
    vault.put(SCOPE, CRM, [email(f"user{n}") for n in range(20)])
    clock.pass_days(RETENTION_DAYS + 1)
    vault.put(SCOPE, CRM, [email("new")])
    info = vault.info()
    assert (info.live, info.expired, info.spellings) == ({SCOPE: {"EMAIL": 1}}, {SCOPE: 20}, {SCOPE: 1})
    vault.close()


def test_a_put_of_more_than_a_batch_is_whole_and_in_order(tmp_path: Path) -> None:
    vault = sqlite_vault(tmp_path)
    values = [email(f"user{n % (2 * BATCH)}") for n in range(3 * BATCH)]
    refs = vault.put(SCOPE, CRM, values)
    opened = [secret.reveal() for secret in vault.open([grant(ref) for ref in refs])]
    assert opened == [value.spelling for value in values]
    assert refs[: BATCH - 1] == refs[2 * BATCH : 3 * BATCH - 1]
    cursor, known = vault.known(SCOPE, 0)
    assert sorted(k.ref.id for k in known) == sorted({ref.id for ref in refs})
    assert vault.known(SCOPE, cursor) == (cursor, [])
    vault.close()


def test_an_identity_that_ends_while_its_note_is_sealed_keeps_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault, other = sqlite_vault(tmp_path), sqlite_vault(tmp_path)
    ann, bob = vault.put(SCOPE, CRM, [email("ann"), email("bob")])
    writing = vault._writing

    def late(scope: str) -> object:
        monkeypatch.undo()
        assert other.forget(SCOPE, ann)
        return writing(scope)

    monkeypatch.setattr(vault, "_writing", late)
    vault.note(SCOPE, {ann.id: "here", bob.id: "there", "AAAA0000A": "nowhere"})
    assert vault.noted(SCOPE, 9) == [(bob.id, "there")]
    vault.close()
    other.close()


def test_a_taken_id_is_not_given_twice(tmp_path: Path) -> None:
    ids = iter(["AAAA0000A", "AAAA0000A", "BBBB0000B"])
    vault = sqlite_vault(tmp_path)
    vault._new_id = lambda: next(ids)
    ann, bob = vault.put(SCOPE, CRM, [email("ann"), email("bob")])
    assert (ann.id, bob.id) == ("AAAA0000A", "BBBB0000B")
    vault.close()


def test_an_id_that_is_never_free_is_an_error_and_changes_nothing(tmp_path: Path) -> None:
    vault = sqlite_vault(tmp_path)
    vault._new_id = lambda: "AAAA0000A"
    vault.put(SCOPE, CRM, [email("ann")])
    with pytest.raises(VaultError) as caught:
        vault.put(SCOPE, CRM, [email("bob")])
    assert caught.value.code == "PS414"
    assert vault.info().live == {SCOPE: {"EMAIL": 1}}
    vault.close()


@pytest.mark.skipif(os.name == "nt", reason="mode bits mean nothing there")
def test_files_are_private_whatever_the_umask(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        vault = sqlite_vault(tmp_path)
        vault.put(SCOPE, CRM, [email("ann")])
    finally:
        os.umask(old)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    names = {path.name for path in files}
    assert {"vault.db", "vault.db-wal", "vault.db-shm", "vault.db.lock", "vault.db.ballast", "vault.key"} <= names
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("data", "keys")} == {0o700}
    vault.close()


def test_no_file_holds_a_value(tmp_path: Path) -> None:
    values = [
        email("canary-mail"),
        Value("PERSON", "cana ry-name", "Cana Ry-Name", "string", "r"),
        Value("US_SSN", "078-05-1120", "078-05-1120", "string", "r"),
        phone("number"),
    ]
    vault = sqlite_vault(tmp_path)
    refs = vault.put(SCOPE, CRM, values)
    vault.fingerprint(SCOPE, "serve --password canary-word")
    vault.open([grant(ref, MAILER) for ref in refs])
    vault.forget(SCOPE, refs[0])
    raw = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    vault.close()
    raw += b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for part in ("canary", "Cana", "Ry-Name", "078-05", "4930123456", "example.com"):
        for form in (part.encode(), part.encode("utf-16-le"), part.encode().hex().encode()):
            assert form not in raw


def test_forgetting_leaves_not_even_the_sealed_bytes(tmp_path: Path) -> None:
    vault = sqlite_vault(tmp_path)
    ref, _ = vault.put(SCOPE, CRM, [email("ann"), email("bob")])
    database = tmp_path / "data" / "vault.db"
    with sqlite3.connect(database) as connection:
        sealed = connection.execute("SELECT sealed FROM spelling ORDER BY num LIMIT 1").fetchone()[0]
    connection.close()

    def holds() -> bool:
        return any(sealed in path.read_bytes() for path in database.parent.iterdir())

    assert holds()
    vault.forget(SCOPE, ref)
    assert not holds()
    vault.close()


def test_erasing_says_so_when_a_reader_keeps_remnants_alive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_CUT_TRIES", 2)
    vault = sqlite_vault(tmp_path)
    ref, _ = vault.put(SCOPE, CRM, [email("ann"), email("bob")])
    reader = sqlite3.connect(tmp_path / "data" / "vault.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM spelling").fetchone()
    vault._open()[0]._connections[0].execute("PRAGMA busy_timeout = 50")
    with pytest.raises(VaultError) as caught:
        vault.forget(SCOPE, ref)
    assert caught.value.code == "PS413"
    assert vault.look(SCOPE, [ref]) == [None]
    reader.close()
    assert vault.forget(SCOPE, ref) is False
    assert (tmp_path / "data" / "vault.db-wal").stat().st_size == 0
    vault.close()


def test_nothing_is_made_by_construction_or_by_asking_for_numbers(tmp_path: Path) -> None:
    vault = sqlite_vault(tmp_path)
    assert vault.info().schema == 0
    assert list(tmp_path.iterdir()) == []
    vault.ready()
    assert vault.info().schema == len(schema.MIGRATIONS)
    vault.close()


def test_keeps_a_secret_of_its_own_for_every_name(tmp_path: Path) -> None:
    vault, other = sqlite_vault(tmp_path), sqlite_vault(tmp_path)
    first = vault.secret("audit")
    assert len(first) == 32
    assert first == vault.secret("audit") == other.secret("audit") != vault.secret("console")
    vault.close()
    other.close()
    again = sqlite_vault(tmp_path)
    assert again.secret("audit") == first
    again.close()


def test_a_secret_that_was_edited_or_moved_is_refused(tmp_path: Path) -> None:
    vault = sqlite_vault(tmp_path)
    assert vault.secret("audit") != vault.secret("console")
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "vault.db")) as connection, connection:
        connection.execute("UPDATE secret SET wrapped = (SELECT wrapped FROM secret WHERE name = 'console')")
    with pytest.raises(VaultError) as caught:
        vault.secret("audit")
    assert caught.value.code == "PS410"
    vault.close()
