import os
import sys
from pathlib import Path

import pytest

from pii_shield.client.installers import launcher
from pii_shield.errors import ConfigError


def program(path: Path, prints: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{prints}'\n")
    path.chmod(0o755)
    return path


posix = pytest.mark.skipif(os.name != "posix", reason="a shell script stands in for a program")


@posix
def test_the_program_that_runs_is_named_with_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = program(tmp_path / "bin" / "pii-shield", "x")
    monkeypatch.chdir(tmp_path)
    assert launcher.find("bin/pii-shield") == (str(path),)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert launcher.find("pii-shield") == (str(path),)


@pytest.mark.parametrize("argv0", ["/x/pii_shield/__main__.py", "/gone/pii-shield", "-c", ""])
def test_otherwise_the_interpreter_starts_the_module(argv0: str) -> None:
    assert launcher.find(argv0, "/py") == ("/py", "-P", "-m", "pii_shield")


def test_this_very_program_is_accepted() -> None:
    launcher.check(launcher.find("", sys.executable), os.environ)


@posix
def test_another_program_of_that_name_is_refused(tmp_path: Path) -> None:
    stranger = program(tmp_path / "pii-shield", "pii-shield 1.1.0")
    with pytest.raises(ConfigError, match="does not start this program"):
        launcher.check((str(stranger),), os.environ)


def test_a_program_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not start this program"):
        launcher.check((str(tmp_path / "pii-shield"),), os.environ)


@pytest.mark.parametrize(
    "path",
    [
        "/home/j/.cache/uv/archive-v0/a1/bin/pii-shield",
        "/home/j/.cache/pipx/a1/bin/pii-shield",
        "C:\\u\\uv\\cache\\archive-v0\\a\\pii-shield.exe",
    ],
)
def test_a_program_in_a_cache_is_refused_since_it_will_vanish(path: str) -> None:
    with pytest.raises(ConfigError, match="emptied now and then"):
        launcher.check((path,), os.environ)
