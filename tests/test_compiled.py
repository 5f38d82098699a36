"""Databases on disk: built once, private, whole, or not read."""

import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from pii_shield import compiled, entities, rules
from pii_shield.detect.database import Source
from pii_shield.detect.engine import Engine
from pii_shield.engines import Engines
from pii_shield.settings import Config
from pii_shield.store.lock import FileLock
from pii_shield.types import Leaf

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


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    compiled.build(SOURCES, tmp_path / "theirs")
    theirs = only(tmp_path / "theirs")
    (tmp_path / "ours").mkdir(mode=0o700)
    (tmp_path / "ours" / theirs.name).symlink_to(theirs)
    assert compiled.load(SOURCES, tmp_path / "ours") is None


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_file_in_a_folder_that_others_can_write_is_not_read(tmp_path: Path) -> None:
    compiled.build(SOURCES, tmp_path)
    tmp_path.chmod(0o777)
    assert compiled.load(SOURCES, tmp_path) is None


TYPES = frozenset({"US_SSN", "IBAN"})


def test_a_process_of_its_own_builds_what_an_engine_needs(tmp_path: Path) -> None:
    assert compiled.build_aside(TYPES, False, tmp_path).wait(60) == 0
    assert compiled.load(Engine(rules.load(), TYPES).sources(), tmp_path) is not None
    assert Engine(rules.load(), entities.DEFAULT_TYPES).sources() != Engine(rules.load(), TYPES).sources()


def test_two_that_build_at_once_build_one_file(tmp_path: Path) -> None:
    both = [compiled.build_aside(TYPES, True, tmp_path) for _ in range(2)]
    assert [one.wait(60) for one in both] == [0, 0]
    assert only(tmp_path).stat().st_mode & 0o777 == 0o600
    assert compiled.load(Engine(rules.load(), TYPES, all_rules=True).sources(), tmp_path) is not None


def test_who_builds_waits_for_who_built_before(tmp_path: Path) -> None:
    with FileLock(tmp_path / compiled.LOCK):
        waiting = compiled.build_aside(TYPES, False, tmp_path)
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(1)
        assert not list(tmp_path.glob("*" + compiled.SUFFIX))
    assert waiting.wait(60) == 0
    assert only(tmp_path)


def test_modules_of_the_folder_it_is_started_in_are_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hashlib.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    assert compiled.build_aside(TYPES, False, tmp_path / "cache").wait(60) == 0


def test_an_engine_uses_what_is_built_meanwhile_and_finds_the_same(tmp_path: Path) -> None:
    engine = Engine(rules.load(), TYPES)
    leaves = [Leaf("SSN 536-90-4399, IBAN DE89 3704 0044 0532 0130 00")]
    before = engine.find(leaves)
    assert before[0]
    compiled.build_soon(engine.sources(), partial(compiled.build_aside, TYPES, False, tmp_path), tmp_path, engine.use)
    until = time.monotonic() + 60
    while not engine.has_scanner and time.monotonic() < until:
        time.sleep(0.05)
    assert engine.has_scanner
    assert Engine(rules.load(), TYPES).find(leaves) == engine.find([Leaf(leaves[0].text + " ")]) == before


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert compiled.build_aside(TYPES, False, tmp_path / "file").wait(60) != 0
    folder = tmp_path / "file"
    compiled.build_soon(SOURCES, partial(compiled.build_aside, TYPES, False, folder), folder, pytest.fail)


def test_nobody_builds_where_the_configuration_forbids_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[frozenset[str]] = []
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(compiled, "build_soon", lambda _sources, start, *_: built.append(start.args[0]))
    Engines(Config(types=TYPES, compile=False), stays=True)()
    Engines(Config(types=TYPES))()
    assert built == []
    Engines(Config(types=TYPES), stays=True)()
    assert built == [TYPES]


def test_without_the_library_there_is_no_scanner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pii_shield.detect.database.available", lambda: False)
    assert compiled.build(SOURCES, tmp_path) is None
    assert compiled.load(SOURCES, tmp_path) is None
