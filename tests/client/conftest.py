from collections.abc import Iterator
from pathlib import Path

import pytest

from pii_shield.client.values import PiiShield

from .kit import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def pii(tmp_path: Path) -> Iterator[PiiShield]:
    """A shield with a vault and settings of its own."""
    folder = tmp_path / "shield"
    folder.mkdir()
    settings = folder / "config.toml"
    settings.touch(0o600)
    settings.write_text("[servers.mailer]\ntrusted = true\n", encoding="utf-8")
    with PiiShield(config_file=str(settings), vault=str(folder / "vault.db")) as shield:
        yield shield
