"""Presidio behind our protocol: its scores in context, its thresholds, our entity types."""

from typing import Any

import pytest
from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry
from presidio_analyzer.nlp_engine import NoOpNlpEngine

from pii_shield.detect import database
from pii_shield.detect.presidio.detector import PresidioDetector
from pii_shield.detect.scanner import Scanner

TEXTS = [
    "my ssn is 078-05-1123 and card 4111 1111 1111 1111",
    "write to jane@acme.com, see www.acme.com or 10.1.2.3",
    "number 123456789",
    "DE89370400440532013000",
    "nothing here",
]
CONTEXTS = [[], ["phone"], ["passport", "number"], ["bank", "account"], ["iban"]]


@pytest.fixture(scope="module")
def engine(english: list[Any]) -> AnalyzerEngine:
    registry = RecognizerRegistry(recognizers=list(english))
    nlp = NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "no_op"}])
    nlp.load()
    return AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=["en"])


@pytest.mark.filterwarnings("ignore:LemmaContextAwareEnhancer")
@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5])
@pytest.mark.parametrize("context", CONTEXTS)
def test_results_and_scores_are_those_of_presidios_engine(
    engine: AnalyzerEngine, english: list[Any], context: list[str], threshold: float
) -> None:
    detector = PresidioDetector(english, engine.nlp_engine, threshold=threshold)
    detector.use(Scanner(database.build(detector.sources())))
    engine.default_score_threshold = threshold
    expected = [engine.analyze(text, "en", context=context) for text in TEXTS]
    found = detector.analyze(TEXTS, [context] * len(TEXTS))
    assert [sorted((r.entity_type, r.start, r.end, r.score) for r in results) for results in found] == [
        sorted((r.entity_type, r.start, r.end, r.score) for r in results) for results in expected
    ]


def test_words_near_a_result_and_in_its_fields_name_raise_its_score() -> None:
    detector = PresidioDetector([custom("TICKET", context=["ticket"])])
    plain, near, far, named = detector.find(
        ["see T-1234", "the ticket T-1234", "ticket" + " x" * 200 + " T-1234", "see T-1234"], ["", "", "", "ticket id"]
    )
    assert (plain, far) == ([], [])
    assert [f.score for f in (*near, *named)] == pytest.approx([0.65, 0.65])


def test_findings_have_types_of_ours_and_say_who_found_them() -> None:
    detector = PresidioDetector([custom("EMAIL_ADDRESS", 0.9), custom("MY_OWN", 0.8)], threshold=0.1)
    found = {(f.type, f.rule) for f in detector.find(["T-1234"], [""])[0]}
    assert found == {("EMAIL", "presidio:EMAIL_ADDRESS"), ("NATIONAL_ID", "presidio:MY_OWN")}


def test_a_threshold_of_a_recogniser_outranks_the_general_one() -> None:
    recognizer = custom("TICKET", 0.6)
    recognizer.score_thresholds = {"TICKET": 0.7}
    assert PresidioDetector([recognizer]).find(["T-1234"], [""]) == [[]]


def test_an_error_in_a_recogniser_is_raised() -> None:
    class Broken(PatternRecognizer):
        def analyze(self, *_: Any, **__: Any) -> list[Any]:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        PresidioDetector([Broken("X", patterns=[Pattern("p", "x", 0.5)])]).find(["x"], [""])


def custom(entity: str, score: float = 0.3, context: list[str] | None = None) -> PatternRecognizer:
    return PatternRecognizer(entity, name=entity, patterns=[Pattern("p", r"\bT-\d{4}\b", score)], context=context)
