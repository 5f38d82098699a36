"""The key file: made once, kept private, never replaced."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pii_shield.errors import VaultError
from pii_shield.vault.keys import Key, KeyFile

posix = pytest.mark.skipif(os.name == "nt", reason="mode bits mean nothing there")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "vault.key"


def load(path: Path, create: bool = False) -> bytes:
    return KeyFile(path).load(Path("some.db"), create).reveal()


def code(path: Path, create: bool = False) -> str:
    with pytest.raises(VaultError) as caught:
        load(path, create)
    assert caught.value.fix and caught.value.exit_code == 4
    return caught.value.code


def test_is_made_at_first_use_and_read_ever_after(path: Path) -> None:
    made = load(path, create=True)
    assert len(made) == 32
    assert load(path) == load(path, create=True) == made
    assert {file.name for file in path.parent.iterdir()} == {"vault.key", "vault.key.lock"}


def test_two_keys_differ(tmp_path: Path) -> None:
    assert load(tmp_path / "one", create=True) != load(tmp_path / "two", create=True)


def test_is_not_made_where_it_may_not_be(path: Path) -> None:
    assert code(path) == "PS401"
    assert not path.parent.exists()


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o601])
def test_is_refused_when_others_can_read_it(path: Path, mode: int) -> None:
    load(path, create=True)
    path.chmod(mode)
    assert code(path) == "PS403"
    path.chmod(0o400)
    assert load(path)


@posix
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o1777])
def test_is_refused_when_others_can_swap_it(path: Path, mode: int) -> None:
    load(path, create=True)
    path.parent.chmod(mode)
    assert code(path) == "PS403"


@posix
def test_is_refused_when_it_is_a_symbolic_link(path: Path, tmp_path: Path) -> None:
    load(tmp_path / "real.key", create=True)
    path.parent.mkdir(mode=0o700)
    path.symlink_to(tmp_path / "real.key")
    assert code(path) == code(path, create=True) == "PS403"
    path.unlink()
    path.symlink_to(tmp_path / "nowhere")
    assert code(path, create=True) == "PS403"
    assert not (tmp_path / "nowhere").exists()


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to give a file away")
def test_is_refused_when_it_belongs_to_another_user(path: Path) -> None:
    load(path, create=True)
    os.chown(path, 12345, 12345)
    assert code(path) == "PS403"


@pytest.mark.parametrize(
    "damage", [b"", b"\n", b"pii-shield-key-1 AAAA\n", b"x" * 62, b"pii-shield-key-9 " + b"A" * 43 + b"="]
)
def test_a_damaged_file_is_refused_and_left_alone(path: Path, damage: bytes) -> None:
    load(path, create=True)
    path.write_bytes(damage)
    assert code(path) == code(path, create=True) == "PS404"
    assert path.read_bytes() == damage


def test_a_single_lost_byte_is_noticed(path: Path) -> None:
    load(path, create=True)
    text = path.read_bytes()
    path.write_bytes(text[:30] + text[31:])
    assert code(path, create=True) == "PS404"


def test_a_draft_left_by_a_crash_is_thrown_away(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    path.with_name("vault.key.new").write_bytes(b"half a k")
    assert len(load(path, create=True)) == 32
    assert not path.with_name("vault.key.new").exists()


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_an_error_with_a_fix(path: Path) -> None:
    load(path, create=True)
    path.chmod(0)
    assert code(path) == "PS404"


def test_something_else_in_its_place_is_an_error(path: Path) -> None:
    path.mkdir(parents=True)
    assert code(path) in ("PS403", "PS404")


def test_processes_that_start_at_once_make_one_key(path: Path) -> None:
    script = (
        "import sys, pathlib; from pii_shield.vault.keys import KeyFile; sys.stdin.read(1);"
        "print(KeyFile(pathlib.Path(sys.argv[1])).load(pathlib.Path('v'), True).reveal().hex())"
    )
    command = [sys.executable, "-c", script, str(path)]
    starts = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(8)]
    for start in starts:
        assert start.stdin
        start.stdin.write("x")
        start.stdin.flush()
    keys = {start.communicate()[0].strip() for start in starts}
    assert keys == {load(path).hex()}
    assert [start.returncode for start in starts] == [0] * 8


def test_a_key_shows_nothing() -> None:
    secret = bytes(range(65, 97))
    key = Key(secret, "file k")
    assert repr(key) == "Key(file k)"
    assert secret.decode() not in repr(key) + str(key)
    with pytest.raises(ValueError):
        Key(b"short", "file k")
