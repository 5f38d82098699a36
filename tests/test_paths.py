"""Where files live: the conventions of each platform."""

import os
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest

from pii_shield import paths

HOME = {"HOME": "/home/ann"}
posix = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="conventions of Linux")


@posix
def test_without_other_wishes_everything_is_under_home() -> None:
    assert paths.user_config(HOME) == Path("/home/ann/.config/pii-shield/config.toml")
    assert paths.vault_file(HOME) == Path("/home/ann/.local/share/pii-shield/vault.db")


@posix
def test_xdg_variables_move_them() -> None:
    environ = HOME | {"XDG_CONFIG_HOME": "/etc/ann", "XDG_DATA_HOME": "/data/ann"}
    assert paths.user_config(environ) == Path("/etc/ann/pii-shield/config.toml")
    assert paths.vault_file(environ) == Path("/data/ann/pii-shield/vault.db")


@posix
@pytest.mark.parametrize("said", ["", "relative/folder", "."])
def test_xdg_variables_that_are_no_absolute_paths_are_ignored(said: str) -> None:
    environ = HOME | {"XDG_CONFIG_HOME": said, "XDG_DATA_HOME": said}
    assert paths.vault_file(environ) == paths.vault_file(HOME)
    assert paths.key_file(environ) == paths.key_file(HOME)


def test_the_key_lies_apart_from_the_vault_on_linux_so_that_backups_of_data_do_not_hold_it() -> None:
    if sys.platform in ("win32", "darwin"):
        pytest.skip("one folder there")
    assert paths.key_file(HOME).parent != paths.vault_file(HOME).parent


@pytest.mark.parametrize(
    ("platform", "environ", "folder"),
    [
        ("linux", HOME, "/home/ann/.local/share/pii-shield"),
        ("freebsd14", HOME, "/home/ann/.local/share/pii-shield"),
        ("darwin", HOME, "/home/ann/Library/Application Support/pii-shield"),
        ("darwin", HOME | {"XDG_DATA_HOME": "/data"}, "/home/ann/Library/Application Support/pii-shield"),
        ("win32", {"LOCALAPPDATA": "/users/ann/local"}, "/users/ann/local/pii-shield"),
    ],
)
def test_each_platform_has_its_folder(platform: str, environ: dict[str, str], folder: str) -> None:
    assert PurePosixPath(paths._data_dir(environ, platform).as_posix()) == PurePosixPath(folder)


def test_a_managed_file_lies_where_only_the_administrator_writes() -> None:
    assert paths.managed_config("linux") == Path("/etc/pii-shield/managed.toml")
    assert paths.managed_config("darwin") == Path("/Library/Application Support/pii-shield/managed.toml")


def test_naming_folders_makes_none(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    for name in (paths.user_config, paths.vault_file, paths.key_file):
        name(environ)
    assert list(tmp_path.iterdir()) == []


def test_the_conventions_are_those_of_platformdirs(tmp_path: Path) -> None:
    pytest.importorskip("platformdirs")
    script = "import platformdirs as p; print(p.user_config_path('pii-shield'), p.user_data_path('pii-shield'))"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")} | {"HOME": "/home/ann"}
    if sys.platform == "win32":
        pytest.skip("asks the system there")
    said = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True)
    config, data = said.stdout.strip().split(" /")
    assert Path(config) == paths.user_config(environ).parent
    assert Path("/" + data) == paths.vault_file(environ).parent
