"""What can be wrong with the file, its place and its disk: an error with a code and a fix, and nothing destroyed."""

import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from pii_shield.errors import VaultError
from pii_shield.store import database, schema
from pii_shield.vault.base import Vault
from pii_shield.vault.keys import KeyFile
from pii_shield.vault.sqlite import SqliteVault

from .contract import SCOPE
from .kit import CRM, email, new_id, phone, sqlite_vault

posix = pytest.mark.skipif(os.name == "nt", reason="mode bits mean nothing there")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Directory of a vault that holds something, closed."""
    vault = sqlite_vault(tmp_path)
    vault.put(SCOPE, CRM, [email("ann"), phone()])
    vault.close()
    return tmp_path


def db(directory: Path) -> Path:
    return directory / "data" / "vault.db"


def edit(directory: Path, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(db(directory))) as connection, connection:
        connection.execute(statement)


def refusal(vault: Vault) -> VaultError:
    with pytest.raises(VaultError) as caught:
        vault.put(SCOPE, CRM, [email("bob")])
    vault.close()
    assert caught.value.fix
    assert caught.value.exit_code == 4
    assert "bob" not in str(caught.value)
    return caught.value


def test_a_vault_of_a_newer_program_is_refused_and_left_alone(made: Path) -> None:
    edit(made, "PRAGMA user_version = 99")
    before = db(made).read_bytes()
    error = refusal(sqlite_vault(made))
    assert (error.code, "99" in str(error)) == ("PS405", True)
    assert db(made).read_bytes() == before


def test_a_newer_program_opens_an_older_vault(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = (*schema.MIGRATIONS, ("ALTER TABLE scope ADD COLUMN note TEXT", "CREATE TABLE extra (x)"))
    monkeypatch.setattr(database.Database.__init__, "__defaults__", (newer,))
    vault = sqlite_vault(made)
    assert vault.info().schema == len(newer)
    assert [known.spelling for known in vault.known(SCOPE, 0)[1]] == ["ann@example.com", phone().spelling]
    vault.put(SCOPE, CRM, [email("bob")])
    vault.close()


def test_a_vault_of_every_earlier_format_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, len(schema.MIGRATIONS)):
        folder = tmp_path / str(number)
        with monkeypatch.context() as patch:
            patch.setattr(database.Database.__init__, "__defaults__", (schema.MIGRATIONS[:number],))
            old = sqlite_vault(folder)
            (ref,) = old.put(SCOPE, CRM, [email("ann")])
            old.close()
        vault = sqlite_vault(folder)
        assert [known.ref for known in vault.known(SCOPE, 0)[1]] == [ref]
        vault.note(SCOPE, {ref.id: "seen"})
        assert vault.noted(SCOPE, 1) == [(ref.id, "seen")]
        vault.close()


def test_a_migration_that_fails_leaves_the_vault_as_it_was(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = (*schema.MIGRATIONS, ("CREATE TABLE extra (x)", "no such statement"))
    with monkeypatch.context() as patch:
        patch.setattr(database.Database.__init__, "__defaults__", (broken,))
        refusal(sqlite_vault(made))
    vault = sqlite_vault(made)
    assert vault.info().schema == len(schema.MIGRATIONS)
    assert len(vault.known(SCOPE, 0)[1]) == 2
    vault.close()


def test_a_program_that_was_overtaken_by_a_newer_one_stops_writing(made: Path) -> None:
    vault = sqlite_vault(made)
    vault.put(SCOPE, CRM, [email("ann")])
    edit(made, f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    assert refusal(vault).code == "PS405"


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\x00 and no more", b"just some text\n" * 100])
def test_a_file_that_is_no_vault_is_never_overwritten(tmp_path: Path, content: bytes) -> None:
    db(tmp_path).parent.mkdir(mode=0o700)
    db(tmp_path).write_bytes(content)
    db(tmp_path).chmod(0o600)
    if not content:
        sqlite_vault(tmp_path).ready()
        return
    assert refusal(sqlite_vault(tmp_path)).code == "PS406"
    assert db(tmp_path).read_bytes() == content
    assert not (tmp_path / "keys").exists()


def test_another_programs_database_is_never_touched(tmp_path: Path) -> None:
    db(tmp_path).parent.mkdir(mode=0o700)
    edit(tmp_path, "CREATE TABLE photos (x)")
    db(tmp_path).chmod(0o600)
    before = db(tmp_path).read_bytes()
    assert refusal(sqlite_vault(tmp_path)).code == "PS406"
    assert db(tmp_path).read_bytes() == before


def test_a_truncated_vault_is_an_error_and_gets_no_new_key(made: Path) -> None:
    raw = db(made).read_bytes()
    db(made).write_bytes(raw[: len(raw) // 2])
    assert refusal(sqlite_vault(made)).code in ("PS406", "PS410")
    assert db(made).stat().st_size == len(raw) // 2


def test_no_key_is_made_for_a_vault_that_exists(made: Path) -> None:
    (made / "keys" / "vault.key").unlink()
    error = refusal(sqlite_vault(made))
    assert (error.code, "vault.key" in str(error)) == ("PS401", True)
    assert not (made / "keys" / "vault.key").exists()


def test_a_wrong_key_is_told_from_damage(made: Path, tmp_path: Path) -> None:
    key = made / "keys" / "vault.key"
    right = key.read_bytes()
    key.unlink()
    KeyFile(key).load(db(made), create=True)
    assert refusal(sqlite_vault(made)).code == "PS402"
    key.write_bytes(right)
    vault = sqlite_vault(made)
    assert len(vault.known(SCOPE, 0)[1]) == 2
    vault.close()
    edit(made, "UPDATE vault SET created = created + 1")
    assert refusal(sqlite_vault(made)).code == "PS410"


def test_one_key_serves_several_vaults(tmp_path: Path) -> None:
    for name in ("one.db", "two.db"):
        vault = sqlite_vault(tmp_path, name=name)
        vault.put(SCOPE, CRM, [email("ann")])
        vault.close()
    assert len(list((tmp_path / "keys").glob("*.key"))) == 1


@posix
@pytest.mark.parametrize(("what", "mode"), [("data/vault.db", 0o644), ("data/vault.db", 0o660), ("data", 0o770)])
def test_a_vault_that_others_can_reach_is_refused(made: Path, what: str, mode: int) -> None:
    (made / what).chmod(mode)
    assert refusal(sqlite_vault(made)).code == "PS407"


@posix
def test_a_symbolic_link_is_refused(made: Path) -> None:
    db(made).rename(made / "data" / "elsewhere.db")
    db(made).symlink_to(made / "data" / "elsewhere.db")
    assert refusal(sqlite_vault(made)).code == "PS407"


def test_a_directory_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    assert refusal(sqlite_vault(tmp_path)).code == "PS415"


def test_a_vault_held_by_a_stopped_process_is_an_error_in_time(made: Path) -> None:
    from pii_shield.store.lock import FileLock

    vault = sqlite_vault(made)
    vault.ready()
    vault._open()[0]._lock = FileLock(made / "data" / "vault.db.lock", seconds=0.1)
    with FileLock(made / "data" / "vault.db.lock"):
        with pytest.raises(VaultError) as caught:
            vault.put(SCOPE, CRM, [email("bob")])
        assert caught.value.code == "PS408"
        assert len(vault.known(SCOPE, 0)[1]) == 2
    vault.put(SCOPE, CRM, [email("bob")])
    vault.close()


def test_the_pragmas_hold_on_both_connections(made: Path) -> None:
    vault = sqlite_vault(made)
    for connection in vault._open()[0]._connections:
        values = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "secure_delete", "trusted_schema", "temp_store")
        }
        assert values == {
            "journal_mode": "wal",
            "synchronous": 2,
            "secure_delete": 1,
            "trusted_schema": 0,
            "temp_store": 2,
        }
    vault.close()


def test_eight_processes_that_start_at_once_make_one_vault(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from kit import *; sys.stdin.read(1); vault = sqlite_vault(pathlib.Path(sys.argv[1]));"
        "print(vault.put('default', CRM, [email('ann')])[0].id, vault.fingerprint('default', 'x')); vault.close()"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    starts = [subprocess.Popen(command, cwd=Path(__file__).parent, **pipes) for _ in range(8)]
    for start in starts:
        start.stdin.write("x")
        start.stdin.flush()
    answers = {start.communicate()[0] for start in starts}
    assert [start.returncode for start in starts] == [0] * 8
    assert len(answers) == 1


def test_a_vault_needs_no_more_than_its_constructor_arguments(tmp_path: Path) -> None:
    """No environment is read: an empty one opens the same vault."""
    path, key = tmp_path / "v" / "vault.db", tmp_path / "k" / "key"
    vault = SqliteVault(path, KeyFile(key), new_id)
    vault.put(SCOPE, CRM, [email("ann")])
    vault.close()
    script = (
        "import sys, pathlib; from kit import *; from pii_shield.vault.keys import KeyFile;"
        "v = SqliteVault(pathlib.Path(sys.argv[1]), KeyFile(pathlib.Path(sys.argv[2])), new_id);"
        "print(len(v.known('default', 0)[1])); v.close()"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script, path, key],
        env={},
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout == "1\n"
