"""Where configuration, vault and key live: platformdirs' conventions, written out because that import costs 40 ms.

Folders are only named here, never made.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

APP: Final = "pii-shield"


def user_config(environ: Mapping[str, str] = os.environ) -> Path:
    """The user's configuration file."""
    return _config_dir(environ) / "config.toml"


def managed_config(platform: str = sys.platform) -> Path:
    """The administrator's configuration file, which outranks all others."""
    if platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", "C:\\ProgramData")) / APP / "managed.toml"
    root = "/Library/Application Support" if platform == "darwin" else "/etc"
    return Path(root) / APP / "managed.toml"


def vault_file(environ: Mapping[str, str] = os.environ) -> Path:
    """The vault."""
    return _data_dir(environ) / "vault.db"


def key_file(environ: Mapping[str, str] = os.environ) -> Path:
    """The vault's key: beside the configuration, so that a backup of the data folder does not hold it."""
    return _config_dir(environ) / "vault.key"


def state_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """What was done to other programs' files, with backups."""
    return _base(environ, sys.platform, "XDG_STATE_HOME", ".local/state")


def cache_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """What can be made again: compiled rules."""
    return _base(environ, sys.platform, "XDG_CACHE_HOME", ".cache")


def _config_dir(environ: Mapping[str, str], platform: str = sys.platform) -> Path:
    return _base(environ, platform, "XDG_CONFIG_HOME", ".config")


def _data_dir(environ: Mapping[str, str], platform: str = sys.platform) -> Path:
    return _base(environ, platform, "XDG_DATA_HOME", ".local/share")


def _base(environ: Mapping[str, str], platform: str, variable: str, fallback: str) -> Path:
    if platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / APP
    home = Path(environ.get("HOME") or Path.home())
    if platform == "darwin":
        return home / "Library" / "Application Support" / APP
    said = environ.get(variable, "")
    return (Path(said) if said.startswith("/") else home / fallback) / APP
