"""Two weeks of a busy house, made once."""

from pathlib import Path

import pytest

from tests.audit import weeks
from tests.audit.kit import db


@pytest.fixture(scope="session")
def fortnight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault's file with the log of twelve days."""
    directory = tmp_path_factory.mktemp("weeks")
    weeks.write(directory, days=12)
    return db(directory)
