"""A table of hashes holds what was put into it, however much it grows."""

from hypothesis import given
from hypothesis import strategies as st

from pii_shield.detect.compact import Table


@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3), st.integers(0, 2**32 - 1))))
def test_every_number_is_found_under_its_hash_and_no_other(pairs: list[tuple[int, int]]) -> None:
    table = Table()
    for key, number in pairs:
        table.add(key, number)
    assert len(table) == len(pairs)
    for key in {key for key, _ in pairs if key not in (0, 1)}:
        assert sorted(table.get(key)) == sorted(number for other, number in pairs if other == key)
    assert table.get(12345) == [number for key, number in pairs if key == 12345]


@given(st.lists(st.text(max_size=3), min_size=1, max_size=3000, unique=True))
def test_no_word_that_is_there_falls_through_the_sieve(words: list[str]) -> None:
    table = Table(sieved=True)
    for number, word in enumerate(words):
        table.add(hash(word), number)
    assert list(table.sift(words)) == words


def test_most_words_that_are_not_there_fall_through_the_sieve() -> None:
    table = Table(sieved=True)
    for number in range(5000):
        table.add(hash(f"w{number}"), number)
    assert len(list(table.sift(f"other{number}" for number in range(5000)))) < 1500


def test_a_million_entries_would_take_less_than_forty_bytes_each() -> None:
    table = Table(sieved=True)
    for number in range(30_000):
        table.add(hash(str(number)), number)
    assert table.memory < 40 * len(table)
