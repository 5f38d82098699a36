"""`pii-shield vault info` as a user runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pii_shield.store.schema import MIGRATIONS
from pii_shield.types import Value
from pii_shield.vault.keys import KeyFile
from pii_shield.vault.sqlite import SqliteVault


def info(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "PII_SHIELD_"))}
    return subprocess.run(
        [sys.executable, "-m", "pii_shield", "vault", "info", *arguments],
        env=inherited | {"HOME": str(home), "LOCALAPPDATA": str(home)} | variables,
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A vault with two e-mail addresses and a phone number in three spellings."""
    path = tmp_path / "private" / "vault.db"
    ids = iter(["AAAA00001", "AAAA00002", "AAAA00003"])
    vault = SqliteVault(path, KeyFile(path.with_name("vault.db.key")), lambda: next(ids))
    people = [
        Value("EMAIL", f"{name}@example.com", f"{name}@example.com", "string", "email") for name in ("ann", "bob")
    ]
    phones = [Value("PHONE", "+4930123456", spelling, "string", "phone") for spelling in ("030 123456", "030123456")]
    vault.put("default", "crm#1a2b3c4d5e6f", [*people, *phones])
    vault.close()
    return path


def test_shows_counts_and_no_values(tmp_path: Path, path: Path) -> None:
    shown = info(tmp_path, "--vault", str(path))
    assert (shown.returncode, shown.stderr) == (0, "")
    assert str(path) in shown.stdout and "90 days" in shown.stdout
    assert "scope default: 3 identities, 4 spellings" in shown.stdout
    assert [line.split() for line in shown.stdout.splitlines()[-2:]] == [["EMAIL", "2"], ["PHONE", "1"]]
    assert "@" not in shown.stdout and "123456" not in shown.stdout


def test_gives_data_to_programs(tmp_path: Path, path: Path) -> None:
    shown = json.loads(info(tmp_path, "--json", "--vault", str(path)).stdout)
    assert shown["live"] == {"default": {"EMAIL": 2, "PHONE": 1}}
    assert shown["spellings"] == {"default": 4}
    assert (shown["path"], shown["schema"], shown["expired"]) == (str(path), len(MIGRATIONS), {})
    assert len(shown["key_id"]) == 16


def test_makes_nothing_where_no_vault_is(tmp_path: Path) -> None:
    shown = info(tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "does not exist yet" in shown.stdout
    assert json.loads(info(tmp_path, "--json").stdout)["schema"] == 0
    assert list(tmp_path.iterdir()) == []


def test_a_missing_key_is_code_4_with_a_fix(tmp_path: Path, path: Path) -> None:
    path.with_name("vault.db.key").unlink()
    shown = info(tmp_path, "--vault", str(path))
    assert (shown.returncode, shown.stdout) == (4, "")
    assert "PS401" in shown.stderr and "fix:" in shown.stderr
    assert not path.with_name("vault.db.key").exists()


@pytest.mark.skipif(os.name == "nt", reason="mode bits mean nothing there")
def test_a_key_that_others_can_read_is_code_4_with_a_fix(tmp_path: Path, path: Path) -> None:
    path.with_name("vault.db.key").chmod(0o644)
    shown = info(tmp_path, "--vault", str(path))
    assert (shown.returncode, shown.stdout) == (4, "")
    assert "PS403" in shown.stderr and "chmod 600" in shown.stderr


def test_a_vault_of_a_newer_program_is_code_4_with_a_fix(tmp_path: Path, path: Path) -> None:
    import contextlib
    import sqlite3

    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    shown = info(tmp_path, "--vault", str(path))
    assert (shown.returncode, shown.stdout) == (4, "")
    assert "PS405" in shown.stderr and "upgrade" in shown.stderr


def test_the_environment_may_name_the_key(tmp_path: Path, path: Path) -> None:
    key = path.with_name("vault.db.key")
    key.rename(path.with_name("elsewhere"))
    shown = info(tmp_path, "--vault", str(path), PII_SHIELD_KEY_FILE=str(path.with_name("elsewhere")))
    assert shown.returncode == 0
    assert str(path.with_name("elsewhere")) in shown.stdout


def test_help_names_the_command() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "pii_shield", "vault", "--help"], capture_output=True, text=True, check=True
    )
    assert "info" in shown.stdout
