"""The tagger is asked where there is something to read, and nowhere else."""

import pytest

from pii_shield import engines, rules
from pii_shield.detect.engine import Engine
from pii_shield.detect.prose import Prose
from pii_shield.detect.tagger import Tagger
from pii_shield.settings import Config
from pii_shield.types import Finding, Leaf

PROSE = Prose(Tagger.load())
SENTENCE = "Yesterday Ottilie Brandvold called about the invoice."


def people(text: str, name: str = "") -> list[str]:
    (findings,) = PROSE.find([text], [name])
    return [text[f.start : f.end] for f in findings if f.type == "PERSON"]


def test_a_full_name_in_a_sentence_is_found() -> None:
    assert people(SENTENCE) == ["Ottilie Brandvold"]
    assert people(SENTENCE, "description") == ["Ottilie Brandvold"]


@pytest.mark.parametrize(
    "text", ["", "Brandvold", "name,city,plan\nOttilie Brandvold,Oslo,pro\n", "a\tb\tc\nOttilie Brandvold\tx\ty"]
)
def test_labels_and_tables_are_not_read(text: str) -> None:
    assert people(text) == []


def test_short_values_of_named_fields_are_the_field_rules_business() -> None:
    assert people("Ottilie Brandvold", "status") == []


def test_the_assembled_engine_asks_it() -> None:
    engine = engines.Engines(Config())(frozenset({"PERSON"}))
    (findings,) = engine.find([Leaf(SENTENCE)])
    assert [SENTENCE[f.start : f.end] for f in findings] == ["Ottilie Brandvold"]


def test_a_detector_that_fails_is_not_passed_over() -> None:
    class Broken:
        def find(self, texts: list[str], names: list[str]) -> list[list[Finding]]:
            raise TimeoutError

    engine = Engine(rules.load(), frozenset({"PERSON"}), detectors=[Broken()])
    with pytest.raises(TimeoutError):
        engine.find([Leaf(SENTENCE)])
