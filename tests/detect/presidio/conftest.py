"""Presidio with its own pattern recognisers, harvested; the database is built once."""

import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("presidio_analyzer")
pytest.importorskip("hyperscan")

import spacy
from presidio_analyzer import PatternRecognizer, RecognizerRegistry, predefined_recognizers
from spacy.training import Example

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


NAMES = ["Jane Doe", "Omar Haddad", "Ilse Brandt", "Kofi Mensah", "blue heron"]
SENTENCES = [
    "{} called today",
    "please ask {} about it",
    "the report is by {}",
    "{} and the team left",
    "it rains today",
]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A spaCy pipeline that knows a few names, trained here."""
    pipeline = spacy.blank("en")
    tagger = pipeline.add_pipe("ner")
    tagger.add_label("PERSON")
    examples = []
    for sentence in SENTENCES:
        for name in NAMES:
            text = sentence.format(name)
            start = text.find(name)
            entities = [(start, start + len(name), "PERSON")] if start >= 0 else []
            examples.append(Example.from_dict(pipeline.make_doc(text), {"entities": entities}))
    spacy.util.fix_random_seed(1)
    pipeline.initialize(lambda: examples)
    for _ in range(20):
        pipeline.update(examples, drop=0.1)
    folder = tmp_path_factory.mktemp("models") / "tiny"
    pipeline.to_disk(folder)
    return folder
