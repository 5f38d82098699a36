"""A user's machine for each test."""

from pathlib import Path

import pytest

from .harness import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "machine")
