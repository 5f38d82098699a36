"""Harvested patterns give what `recognizer.analyze` gives, whatever the text is made of."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from presidio_analyzer import Pattern, PatternRecognizer

from pii_shield.detect.presidio.harvest import Harvest

from .conftest import harvested

FRAGMENTS = [
    *(
        "jane@ex.com",
        "２１２",
        "é",
        "ſ",
        "\u212a",
        "123-45-6789",
        "DE89370400440532013000",
        " ",
        "\n",
        "\t",
        "\x0b",
        "\x1c",
    ),
    *("\x85", "\u00a0", ".", "-", "http://a.com/x", "a.b.co", ":", "::1", "10.0.0.1", "/24", "4111 1111 1111 1111"),
    *("AB123456C", "\u200b", "한", "930101-1234567", "ü", "Ü", "B-AB 123", "０", "٣", "_", "@", "'", '"', "\x01", "?"),
    *(
        "2024-01-02T03:04:05Z",
        "ı",
        "İ",
        "00:1B:44:11:3A:B7",
        "x",
        "A",
        "9",
        "(",
        ")",
        "user_",
        "A1234567",
        "ABCDE1234F",
    ),
    *("passport ", "\U0001f600", "²", "½", "078-05-1120", "www.x.org", "I12345678", "e\u0301"),
]
TEXTS = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=3)), max_size=30).map("".join)


def analyzed(harvest: Harvest, text: str) -> list[tuple[int, int, int, float]]:
    return sorted(
        (number, result.start, result.end, float(result.score))
        for number, recognizer in enumerate(harvest.recognizers)
        for result in recognizer.analyze(text, recognizer.supported_entities, None)
    )


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_results_are_those_of_each_recogniser(every: Harvest, texts: list[str]) -> None:
    found = [sorted(tuple(hit) for hit in hits) for hits in every.find(texts)]
    assert found == [analyzed(every, text) for text in texts]


def test_nearly_every_pattern_is_searched_for_in_one_pass(every: Harvest) -> None:
    assert len(every.recognizers) > 80
    assert every._scanner is not None
    assert sum(not row.scanned for row in every._scanner.rows) <= 2


def custom(regex: str, **more: Any) -> PatternRecognizer:
    return PatternRecognizer("TICKET", name="custom", patterns=[Pattern("p", regex, 0.6)], **more)


@pytest.mark.parametrize(
    "regex",
    [
        r"(?<=id: )\w+",
        r"\bT-\d{4}\b",
        r"(a|b)\1",
        r"[^_\d]{3}",
        r"\p{Lu}{2}\d",
        r"[[:alpha:]]{4}",
        r"(?:foo){e<=1}",
        r"x*",
        r"ſ+",
        r"(?=.*\d)[a-z]{3,}",
        r"\S+@\S+",
        r"^line$",
        r"(?s)a.{0,500}b",
    ],
)
def test_patterns_of_users_give_the_same_results_too(regex: str) -> None:
    harvest = harvested([custom(regex), PatternRecognizer("WORD", name="deny", deny_list=["Acme Corp", "c++"])])
    for text in (
        "id: abc T-1234 aa bb AB1 fop foo xx ſs line\nline\nabc1 a\nb me@x Acme corp, c++ c++",
        "é_٣ ÉÉ1 T-1234é T-٣٣٣٣ Kſ " * 3,
        "",
        "a" + "z" * 400 + "b",
    ):
        assert sorted(tuple(hit) for hit in harvest.find([text])[0]) == analyzed(harvest, text)


def test_each_of_many_short_texts_keeps_its_own_results() -> None:
    harvest = harvested([custom(r"T-?\d{4}"), custom(r"[a-z ]{2,20}:\d\d")])
    texts = ["T-1234", "id:41", "id:42", "", "ab:43", "my id:77 T-5555"] * 5
    found = [sorted(tuple(hit) for hit in hits) for hits in harvest.find(texts)]
    assert found == [analyzed(harvest, text) for text in texts]
    assert sum(map(len, found)) == 30


def test_without_a_scanner_the_results_are_the_same() -> None:
    plain = Harvest([custom(r"\bT-\d{4}\b")])
    assert [tuple(hit) for hit in plain.find(["see T-1234"])[0]] == [(0, 4, 10, 0.6)]


def test_a_recogniser_with_code_of_its_own_is_not_harvested() -> None:
    class Own(PatternRecognizer):
        def analyze(self, *_: Any, **__: Any) -> list[Any]:
            return []

    assert Harvest([Own("X", patterns=[Pattern("p", "x", 0.5)])]).recognizers == []


def test_a_pattern_that_takes_too_long_is_an_error_and_no_miss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pii_shield.detect.presidio.harvest.TIMEOUT", 0.05)
    harvest = Harvest([custom(r"(a|aa)+$")])
    with pytest.raises(TimeoutError):
        harvest.find(["a" * 60 + "b"])


def test_a_match_at_the_end_of_a_text_is_not_lost_to_one_in_the_next(every: Harvest) -> None:
    texts = ["10.0.0.1", "10.0.0.1", "x", "", "10.0.0.1"]
    assert [bool(hits) for hits in every.find(texts)] == [True, True, False, False, True]
