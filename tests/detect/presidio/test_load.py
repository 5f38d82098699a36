"""What a user turns on is loaded from this machine, or refused; never downloaded."""

import os
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from pii_shield.detect.presidio.choice import Choice
from pii_shield.detect.presidio.load import detector
from pii_shield.errors import ConfigError


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
        (Choice(gliner="no/such/folder"), ("PS325", "PS326")),
        (Choice(nlp="transformers", model="no/such/folder"), ("PS325", "PS326")),
        (Choice(nlp="stanza"), ("PS325", "PS326")),
        (Choice(registries=("no/such/file.yaml",)), "PS321"),
        (Choice(modules=("no/such/file.py",)), "PS321"),
        (Choice(countries=("us", "xx")), "PS332"),
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
    choice = Choice(registries=(str(registry),), deny={"ORGANIZATION": ["Acme Corp"]}, recognizers=False)
    assert texts_of(choice, "T-1234 of acme corp") == {("NATIONAL_ID", "T-1234"), ("ORG", "acme corp")}


def test_a_registry_that_is_no_registry_is_refused(tmp_path: Path) -> None:
    registry = tmp_path / "mine.yaml"
    registry.write_text("recognizers: 3", encoding="utf-8")
    with pytest.raises(ConfigError):
        detector(Choice(registries=(str(registry),)))


def test_a_registry_as_presidio_documents_it_is_used_too(tmp_path: Path) -> None:
    registry = written(
        tmp_path,
        "mine.yaml",
        """
        supported_languages: [en]
        recognizers:
          - name: CreditCardRecognizer
            type: predefined
          - name: zip
            type: custom
            supported_entity: ZIP
            patterns: [{name: zip, regex: '\\bZ-\\d{5}\\b', score: 0.9}]
        """,
    )
    choice = Choice(registries=(registry,), recognizers=False)
    assert texts_of(choice, "Z-12345, 4111 1111 1111 1111") == {
        ("POSTAL_CODE", "Z-12345"),
        ("CREDIT_CARD", "4111 1111 1111 1111"),
    }


def written(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(dedent(text), encoding="utf-8")
    return str(path)


MODULE = """
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer, RecognizerResult, RemoteRecognizer

class Tickets(PatternRecognizer):
    def __init__(self):
        super().__init__("TICKET", patterns=[Pattern("t", r"T-[0-9]{4}", 0.9)])

class Shouting(EntityRecognizer):
    def __init__(self):
        super().__init__(["PERSON"], name="Shouting")
    def load(self): pass
    def analyze(self, text, entities, nlp_artifacts=None):
        at = text.find("BOB")
        return [RecognizerResult("PERSON", at, at + 3, 0.9)] if at >= 0 else []
"""


def test_recognisers_in_a_users_python_file_are_used(tmp_path: Path) -> None:
    choice = Choice(modules=(written(tmp_path, "mine.py", MODULE),), recognizers=False)
    assert texts_of(choice, "BOB has T-1234") == {("PERSON", "BOB"), ("NATIONAL_ID", "T-1234")}
    function = MODULE + "\ndef recognizers():\n    return [Tickets()]\n"
    choice = Choice(modules=(written(tmp_path, "mine.py", function),), recognizers=False)
    assert texts_of(choice, "BOB has T-1234") == {("NATIONAL_ID", "T-1234")}


@pytest.mark.parametrize(
    ("text", "code", "complaint"),
    [
        ("x = 1\ny = secret_name\n", "PS333", "NameError, line 2"),
        ("def broken(:\n", "PS333", "SyntaxError"),
        ("x = 1\n", "PS333", "has no recogniser"),
        (
            "from presidio_analyzer import RemoteRecognizer\n"
            "class Cloud(RemoteRecognizer):\n"
            "    def __init__(self): super().__init__(['PERSON'], 'Cloud', 'en', '1')\n"
            "    def load(self): pass\n"
            "    def analyze(self, text, entities, nlp_artifacts): return []\n"
            "    def get_supported_entities(self): return ['PERSON']\n",
            "PS334",
            "sends texts to a service",
        ),
    ],
)
def test_a_users_python_file_that_cannot_be_used_is_refused(
    tmp_path: Path, text: str, code: str, complaint: str
) -> None:
    with pytest.raises(ConfigError, match=complaint) as refusal:
        detector(Choice(modules=(written(tmp_path, "mine.py", text),), recognizers=False))
    assert refusal.value.code == code
    assert "secret_name" not in str(refusal.value)


def test_recognisers_of_named_countries_are_used_whatever_the_language() -> None:
    text = "Steuer-ID 86095742719"
    assert ("TAX_ID", "86095742719") in texts_of(Choice(countries=("de",)), text)
    assert texts_of(Choice(countries=("us",)), text) == set()


def test_a_recogniser_can_be_left_out() -> None:
    text = "write to jane@acme.com"
    assert ("EMAIL", "jane@acme.com") in texts_of(Choice(), text)
    assert not {kind for kind, _ in texts_of(Choice(without=("EmailRecognizer",)), text)} & {"EMAIL"}


def test_libraries_are_offline_only_while_they_load(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str | None] = []
    monkeypatch.setattr("pii_shield.detect.presidio.load._nlp", lambda _: seen.append(os.environ.get("HF_HUB_OFFLINE")))
    monkeypatch.setattr("pii_shield.detect.presidio.load.need", lambda _: None)
    detector(Choice(nlp="spacy", model="x", recognizers=False))
    assert seen == ["1"]
    assert "HF_HUB_OFFLINE" not in os.environ
