"""A machine of one's own to look at."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pii_shield.client.installers.places import Machine
from pii_shield.doctor.line import Patient
from pii_shield.settings import Config


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somebody's folder, which is also the one that the program uses."""
    for name in (
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_STATE_HOME",
        "CLAUDE_CONFIG_DIR",
        "CODEX_HOME",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def patient(home: Path) -> Callable[..., Patient]:
    """Makes what the checks look at; `more` are settings."""
    import os

    def make(platform: str = "linux", **more: object) -> Patient:
        launcher = (sys.executable, "-P", "-m", "pii_shield")
        environ = dict(os.environ)
        return Patient(Machine(environ, platform, home), Config(**more), launcher, (), time.time())

    return make
