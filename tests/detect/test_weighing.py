"""Sums of weights: the same as those of every feature that `features` names, for every token of any text."""

import random
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pii_shield.detect.crf import read_model, unpack
from pii_shield.detect.features import (
    BREAK,
    PAD,
    glue_of,
    islands,
    line_kind,
    line_of,
    mark_of,
    near_features,
    own_features,
    place_features,
    runs,
    tokens_of,
)
from pii_shield.detect.lexicon import word_of
from pii_shield.detect.seats import Places, Reader
from pii_shield.detect.weighing import Known, Weighing

WORDS = """Jane jane Miller of van de Acme Ltd Inc. Mr. Dr. J. R. USA GmbH Berlin paris MacDonald O'Connor's iPhone the
called Called Dear Best regards from , . : ; | ! ? ( ) " ' ” — - – * > & ¶ ☃ = {} [] 12 3.5 a@b.co https://x.y #tag $x
x_y Foo::Bar ann-marie Ann-Marie Straße İstanbul ŁÓDŹ 王 ß Then said Margaret Whitfield""".split()
SPACES = [" ", " ", " ", "", "  ", "\n", "\n\n", " \n\t \n", "\r\n", "\u00a0", "\t", "\u2028"]


MODEL = read_model((resources.files("pii_shield.detect") / "data" / "names.model").read_bytes())


texts = st.lists(st.tuples(st.sampled_from(WORDS) | st.text(max_size=4), st.sampled_from(SPACES)), max_size=40).map(
    lambda parts: "".join(word + space for word, space in parts)
)


def named(text: str) -> list[tuple[int, int, int]]:
    """The scores of all tokens of all islands, feature by feature."""
    tokens, offsets = tokens_of(text)
    words = [word_of(token, MODEL.classes) for token in tokens]
    marks = "".join(map(mark_of, words))
    scores = []
    for start, end in islands(marks):
        inside, line = runs(words, start, end), line_kind(line_of(marks, start))
        for index in range(start, end):
            features = own_features(words[index])
            for distance in (-2, -1, 1, 2):
                features += near_features(words[index + distance], distance)
            run = inside.get(index)
            features += place_features(words, index, run, line, glue_of(tokens, offsets, index))
            features += run.shared if run else ()
            scores.append(unpack(sum(MODEL.weights.get(feature, 0) for feature in features)))
    return scores


@settings(max_examples=300, deadline=None)
@given(text=texts)
def test_sums_are_those_of_the_features(text: str) -> None:
    weighing = Weighing(MODEL.weights)
    row = Reader(MODEL.classes, weighing.look).read(text)
    summed = [
        score
        for start, end in islands(row.marks)
        for score in weighing.scores(row.seats, row.marks, line_kind(line_of(row.marks, start)), start, end)
    ]
    assert summed == named(text)


def test_sums_stay_the_same_when_little_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pii_shield.detect.weighing.TRIPLES_KEPT", 3)
    monkeypatch.setattr("pii_shield.detect.seats.KEPT", 5)
    weighing = Weighing(MODEL.weights)
    reader: Reader[Known] = Reader(MODEL.classes, weighing.look)
    choose = random.Random(5)
    for _ in range(50):
        text = " ".join(choose.choices(WORDS, k=20))
        row = reader.read(text)
        summed = [s for a, b in islands(row.marks) for s in weighing.scores(row.seats, row.marks, "", a, b)]
        assert len(summed) == len(named(text))


@settings(max_examples=300, deadline=None)
@given(text=texts)
def test_a_text_is_read_as_its_tokens(text: str) -> None:
    tokens, offsets = tokens_of(text)
    row = Reader(MODEL.classes, lambda word: word).read(text)
    assert [seat.text for seat in row.seats] == tokens
    assert [seat.known for seat in row.seats] == [word_of(token, MODEL.classes) for token in tokens]
    assert row.marks == "".join(mark_of(seat.known) for seat in row.seats)
    places = Places(text, row)
    for index in range(PAD, len(tokens) - PAD):
        if tokens[index] != BREAK:
            assert row.seats[index].glue == glue_of(tokens, offsets, index)
            assert places.of(index) == offsets[index]
