"""Presidio with its own pattern recognisers, harvested; the database is built once."""

import inspect
from collections.abc import Sequence
from typing import Any

import pytest

pytest.importorskip("presidio_analyzer")
pytest.importorskip("hyperscan")

from presidio_analyzer import PatternRecognizer, RecognizerRegistry, predefined_recognizers

from pii_shield.detect import database
from pii_shield.detect.presidio.harvest import Harvest
from pii_shield.detect.scanner import Scanner


def harvested(recognizers: Sequence[Any]) -> Harvest:
    harvest = Harvest(recognizers)
    harvest.use(Scanner(database.build(harvest.sources())))
    return harvest


@pytest.fixture(scope="session")
def every() -> Harvest:
    """All pattern recognisers that Presidio exports, of every country."""
    classes = [c for _, c in inspect.getmembers(predefined_recognizers, inspect.isclass)]
    return harvested([c() for c in classes if issubclass(c, PatternRecognizer)])


@pytest.fixture(scope="session")
def english() -> list[Any]:
    """Presidio's default recognisers for English that need no model."""
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    return [r for r in registry.recognizers if r.name not in ("SpacyRecognizer", "PhoneRecognizer")]
