import os
import stat
from pathlib import Path

import pytest

from pii_shield.client.installers import files
from pii_shield.errors import ConfigError

posix = pytest.mark.skipif(os.name != "posix", reason="mode bits")


def test_the_content_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"old")
    files.replace(file, b"old", b"new")
    assert file.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [file]


@posix
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664, 0o755])
def test_the_mode_stays(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"old")
    file.chmod(mode)
    files.replace(file, b"old", b"new")
    assert stat.S_IMODE(file.stat().st_mode) == mode


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    real = tmp_path / "dotfiles" / "real"
    real.write_bytes(b"old")
    link = tmp_path / "link"
    link.symlink_to(real)
    files.replace(link, b"old", b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert list((tmp_path / "dotfiles").iterdir()) == [real]


def test_a_file_that_somebody_has_just_changed_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"theirs")
    with pytest.raises(ConfigError, match="has just been changed") as caught:
        files.replace(file, b"old", b"new")
    assert caught.value.code == "PS321"
    assert file.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [file]


@posix
def test_a_read_only_file_is_not_changed(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"old")
    file.chmod(0o444)
    with pytest.raises(ConfigError, match="is read-only") as caught:
        files.replace(file, b"old", b"new")
    assert caught.value.code == "PS322"
    assert file.read_bytes() == b"old"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_nobody_may_write_to_is_said(tmp_path: Path) -> None:
    file = tmp_path / "d" / "a"
    file.parent.mkdir()
    file.write_bytes(b"old")
    file.parent.chmod(0o500)
    with pytest.raises(ConfigError, match="it was not changed"):
        files.replace(file, b"old", b"new")
    file.parent.chmod(0o700)


def test_a_file_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        files.replace(tmp_path / "a", b"", b"new")
    with pytest.raises(ConfigError, match="No such file"):
        files.read(tmp_path / "a")


@posix
def test_files_of_our_own_are_private(tmp_path: Path) -> None:
    file = tmp_path / "state" / "a"
    files.write_private(file, b"x")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
