"""Names in prose: the shipped model on sentences it has not seen, and the laws of every model."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pii_shield.detect.crf import LABELS, Model, marginals, pack, read_model, unpack, write_model
from pii_shield.detect.features import tokens_of
from pii_shield.detect.lexicon import shape_of, word_of
from pii_shield.detect.tagger import CHUNK, GREEDY, PRECISE, Tagger, chunks


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger.load()


def named(tagger: Tagger, text: str, kind: str = "PERSON", **options: object) -> list[str]:
    return [text[found.start : found.end] for found in tagger.tag(text, **options) if found.type == kind]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Yesterday Margaret Whitfield called about her invoice.", ["Margaret Whitfield"]),
        ("The parcel goes to Dr. Henrik Lindqvist in room 12.", ["Henrik Lindqvist"]),
        ("Please ask Jean-Pierre Dubois or Sofia Rossi for the keys.", ["Jean-Pierre Dubois", "Sofia Rossi"]),
        ("It was written by J. R. Hartley and reviewed by Ann O'Connor.", ["J. R. Hartley", "Ann O'Connor"]),
        ("Hi Barbara,\n\nthe meeting is moved.\n\nKind regards,\nThomas Keller", ["Barbara", "Thomas Keller"]),
        ("Ich habe mit Frau Annegret Vogel gesprochen.", ["Annegret Vogel"]),
        ("the lawyer of Ludwig van Houten resigned in May", ["Ludwig van Houten"]),
    ],
)
def test_people_in_prose_are_found(tagger: Tagger, text: str, people: list[str]) -> None:
    assert named(tagger, text) == people


@pytest.mark.parametrize(
    "text",
    [
        "class UserManager(BaseManager):\n    def create_user(self, name: str) -> User:\n        return name",
        '{"status": "Active", "plan": "Premium", "createdAt": "2026-01-01T00:00:00Z"}',
        "## Getting Started\n\nInstall Docker and run `make build`. See the Release Notes for Windows and Linux.",
        "2026-03-02 10:00:01 ERROR ConnectionPool - Timeout waiting for HTTP response",
        "The meeting on Monday is about the Annual Report. Please bring the Budget.",
        "SELECT Id, Amount FROM Invoice WHERE Status = 'Open'",
        "",
        "the quick brown fox jumps over the lazy dog",
    ],
)
def test_code_and_documents_name_nobody(tagger: Tagger, text: str) -> None:
    assert named(tagger, text) == []


def test_places_and_organisations_have_their_own_types(tagger: Tagger) -> None:
    text = "Ingrid Bauer moved from Stockholm to Canada and works at Brightwater Logistics Ltd now."
    assert named(tagger, text) == ["Ingrid Bauer"]
    assert named(tagger, text, "LOCATION") == ["Stockholm", "Canada"]
    assert named(tagger, text, "ORG") == ["Brightwater Logistics Ltd"]


def test_rules_and_scores_say_where_a_finding_comes_from(tagger: Tagger) -> None:
    (found,) = tagger.tag("Yesterday Margaret Whitfield called about her invoice.")
    assert found.rule == "tagger.person"
    assert PRECISE.full <= found.score <= 1.0


def test_greedy_finds_what_precise_finds_and_more(tagger: Tagger) -> None:
    text = "thanks to Tanvir for the notes. Oluwaseun said so; ask Grzegorz or margaret whitfield. Kowalczyk left."
    precise, greedy = named(tagger, text, mode=PRECISE), named(tagger, text, mode=GREEDY)
    assert set(precise) <= set(greedy)
    assert len(greedy) > 2


def test_a_surname_alone_is_found_where_the_full_name_stands_elsewhere(tagger: Tagger) -> None:
    text = "Margaret Whitfield joined in May.\n" + "Nothing to see here.\n" * 3 + "We owe Whitfield an answer."
    assert named(tagger, text)[-1] == "Whitfield"


def test_long_texts_are_cut_without_losing_offsets(tagger: Tagger) -> None:
    line = "The order of Margaret Whitfield was sent.\n"
    text = line * (2 * CHUNK // len(line) + 5)
    assert named(tagger, text) == ["Margaret Whitfield"] * text.count("\n")


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("aA .\n\t,é’'-@1"), max_size=60), st.integers(1, 5))
def test_tokens_spell_the_text_they_were_taken_from(text: str, times: int) -> None:
    tokens, offsets = tokens_of(text * times)
    for token, start in zip(tokens, offsets, strict=True):
        assert not token or token == "¶" or (text * times)[start : start + len(token)] == token
    assert "".join(token for token in tokens if token != "¶") == "".join((text * times).split())


@settings(deadline=None)
@given(st.text(max_size=200))
def test_findings_of_any_text_are_sorted_apart_and_inside(text: str) -> None:
    tagger = _SHARED.setdefault("tagger", Tagger.load())
    place = 0
    for found in tagger.tag(text, GREEDY):
        assert place <= found.start < found.end <= len(text)
        assert found.type in LABELS[1:]
        assert 0.0 < found.score <= 1.0
        place = found.end


_SHARED: dict[str, Tagger] = {}


@pytest.mark.parametrize("text", ["", "x" * (3 * CHUNK), ("word " * CHUNK), "\n" * CHUNK + "a" * CHUNK])
def test_chunks_cover_a_text_once(text: str) -> None:
    pieces = list(chunks(text))
    assert "".join(text[start:end] for start, end in pieces) == text
    assert all(0 < end - start <= CHUNK for start, end in pieces)


def test_marginals_are_those_of_all_paths_added_up() -> None:
    rng = random.Random(7)
    scores = [tuple(rng.randrange(-60, 60) for _ in range(3)) for _ in range(4)]
    odds = tuple(tuple(rng.random() + 0.1 for _ in LABELS) for _ in LABELS)
    assert [pytest.approx(row) for row in _by_hand(scores, odds)] == marginals(scores, odds)  # type: ignore[arg-type]


def _by_hand(scores: list[tuple[int, ...]], odds: tuple[tuple[float, ...], ...]) -> list[list[float]]:
    from itertools import product
    from math import exp

    totals = [[0.0] * 4 for _ in scores]
    for path in product(range(4), repeat=len(scores)):
        weight = 1.0
        for place, label in enumerate(path):
            weight *= exp((0, *scores[place])[label] / 32)
            weight *= odds[path[place - 1]][label] if place else 1.0
        for place, label in enumerate(path):
            totals[place][label] += weight
    return [[value / sum(row) for value in row] for row in totals]


@settings(deadline=None)
@given(st.lists(st.tuples(*[st.integers(-127, 127)] * 3), min_size=1, max_size=60))
def test_packed_scores_add_up_like_plain_ones(rows: list[tuple[int, int, int]]) -> None:
    assert unpack(sum(pack(*row) for row in rows)) == tuple(map(sum, zip(*rows, strict=True)))


def test_a_model_survives_packing() -> None:
    steps = tuple(tuple(float(row - column) for column in range(4)) for row in range(4))
    model = Model({"jane": "F", "doe": "L", "the": "w"}, {"wjane": pack(90, -3, -127), "sAa": pack(1, 2, 3)}, steps)
    assert read_model(write_model(model)) == model


@pytest.mark.parametrize(
    ("word", "shape"),
    [
        ("jane", "a"),
        ("Jane", "Aa"),
        ("JANE", "AA"),
        ("McDonald", "Ab"),
        ("J.", "A."),
        ("O'Neil", "Aa"),
        ("x1", "0"),
        ("", ""),
    ],
)
def test_shapes_of_words(word: str, shape: str) -> None:
    assert shape_of(word) == shape


def test_an_unlisted_word_takes_the_class_of_its_stem_or_its_first_part() -> None:
    classes = {"walk": "w", "anne": "F"}
    assert word_of("Walking", classes).classes == "w"
    assert word_of("Anne-Lore", classes).classes == "F"
    assert word_of("WalkTimer", classes).classes == "w"
    assert word_of("Zyx", classes).classes == ""
