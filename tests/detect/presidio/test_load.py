"""What a user turns on is loaded from this machine, or refused; never downloaded."""

from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.training import Example

from pii_shield.detect.presidio.load import Choice, detector
from pii_shield.errors import ConfigError

NAMES = ["Jane Doe", "Omar Haddad", "Ilse Brandt", "Kofi Mensah"]
SENTENCES = [
    "{} called today",
    "please ask {} about it",
    "the report is by {}",
    "{} and the team left",
    "it rains today",
]


@pytest.fixture(scope="module")
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


def texts_of(choice: Choice, text: str) -> set[tuple[str, str]]:
    (found,) = detector(choice).find([text], [""])
    return {(f.type, text[f.start : f.end]) for f in found}


def test_a_spacy_model_on_this_machine_finds_what_it_learnt(model: Path) -> None:
    choice = Choice(nlp="spacy", model=str(model))
    assert ("PERSON", "Jane Doe") in texts_of(choice, "please ask Jane Doe about it")
    assert texts_of(choice, "it rains today") == set()


def test_patterns_and_model_work_together(model: Path) -> None:
    found = texts_of(Choice(nlp="spacy", model=str(model)), "please ask Omar Haddad about jane@acme.com")
    assert {("PERSON", "Omar Haddad"), ("EMAIL", "jane@acme.com")} <= found


@pytest.mark.parametrize(
    ("choice", "code"),
    [
        (Choice(nlp="spacy", model="en_core_web_nowhere"), "PS324"),
        (Choice(nlp="spacy"), "PS324"),
        (Choice(nlp="guess", model="x"), "PS322"),
        (Choice(gliner="no/such/folder"), ("PS325", "PS326")),
        (Choice(nlp="transformers", model="no/such/folder"), ("PS325", "PS326")),
        (Choice(nlp="stanza"), ("PS325", "PS326")),
        (Choice(registry="no/such/file.yaml"), "PS321"),
    ],
)
def test_what_is_missing_is_refused_with_what_to_do(choice: Choice, code: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def download(*_: Any, **__: Any) -> None:
        raise AssertionError("a download was tried")

    monkeypatch.setattr("spacy.cli.download", download)
    with pytest.raises(ConfigError) as refusal:
        detector(choice)
    assert refusal.value.code in code
    assert refusal.value.fix


def test_a_broken_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refusal:
        detector(Choice(nlp="spacy", model=str(tmp_path)))
    assert refusal.value.code == "PS323"


def test_a_users_registry_and_deny_lists_are_used(tmp_path: Path) -> None:
    registry = tmp_path / "mine.yaml"
    registry.write_text(
        """
recognizers:
  - name: tickets
    supported_language: en
    supported_entity: TICKET
    patterns:
      - name: ticket
        regex: '\\bT-\\d{4}\\b'
        score: 0.8
""",
        encoding="utf-8",
    )
    choice = Choice(registry=str(registry), deny={"ORGANIZATION": ["Acme Corp"]}, predefined=False)
    assert texts_of(choice, "T-1234 of acme corp") == {("NATIONAL_ID", "T-1234"), ("ORG", "acme corp")}


def test_a_registry_that_is_no_registry_is_refused(tmp_path: Path) -> None:
    registry = tmp_path / "mine.yaml"
    registry.write_text("recognizers: 3", encoding="utf-8")
    with pytest.raises(ConfigError):
        detector(Choice(registry=str(registry)))
