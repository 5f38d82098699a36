"""Databases on disk: built once, private, whole, or not read."""

import subprocess
import sys
from pathlib import Path

import pytest

from pii_shield import compiled, entities, rules
from pii_shield.detect.database import Source
from pii_shield.detect.engine import Engine

pytest.importorskip("hyperscan")

SOURCES = [Source(r"\bT-\d{4}\b", 0), Source(r"[a-z]+@[a-z]+", 2)]


def only(folder: Path) -> Path:
    (path,) = folder.glob("*" + compiled.SUFFIX)
    return path


def test_what_was_built_is_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "scans"
    assert compiled.load(SOURCES, folder) is None
    assert compiled.build(SOURCES, folder) is not None
    scanner = compiled.load(SOURCES, folder)
    assert scanner is not None
    assert set(scanner.scan("see T-1234").found) == {0}


def test_other_patterns_are_another_file(tmp_path: Path) -> None:
    compiled.build(SOURCES, tmp_path)
    assert compiled.load(SOURCES[:1], tmp_path) is None


def test_a_file_is_for_its_user_only(tmp_path: Path) -> None:
    compiled.build(SOURCES, tmp_path)
    assert only(tmp_path).stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_file_that_others_can_write_is_not_read(tmp_path: Path) -> None:
    compiled.build(SOURCES, tmp_path)
    only(tmp_path).chmod(0o666)
    assert compiled.load(SOURCES, tmp_path) is None


@pytest.mark.parametrize("place", [0, 20, 60, -1])
def test_a_damaged_file_is_not_read_and_built_again(tmp_path: Path, place: int) -> None:
    compiled.build(SOURCES, tmp_path)
    data = bytearray(only(tmp_path).read_bytes())
    data[place] ^= 1
    only(tmp_path).write_bytes(data)
    assert compiled.load(SOURCES, tmp_path) is None
    assert compiled.build(SOURCES, tmp_path) is not None
    assert compiled.load(SOURCES, tmp_path) is not None


def test_old_files_go(tmp_path: Path) -> None:
    for number in range(compiled.KEPT + 2):
        compiled.build([Source(f"x{number}", 0)], tmp_path)
    assert len(list(tmp_path.iterdir())) == compiled.KEPT


def test_a_process_of_its_own_builds_what_an_engine_needs(tmp_path: Path) -> None:
    types = frozenset({"US_SSN", "IBAN"})
    subprocess.run([sys.executable, "-m", "pii_shield.compiled", str(tmp_path), *types], check=True)
    assert compiled.load(Engine(rules.load(), types).sources(), tmp_path) is not None
    assert Engine(rules.load(), entities.DEFAULT_TYPES).sources() != Engine(rules.load(), types).sources()


def test_without_the_library_there_is_no_scanner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pii_shield.detect.database.available", lambda: False)
    assert compiled.build(SOURCES, tmp_path) is None
    assert compiled.load(SOURCES, tmp_path) is None
