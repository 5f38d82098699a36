"""Many spellings, found by looking at each word once."""

from pii_shield.detect.words import Index, fold


def found(index: Index[int], text: str) -> list[tuple[int, str]]:
    return [(value, text[start:end]) for start, end, value in index.find(fold(text))]


def test_folding_keeps_every_offset() -> None:
    for text in ("Straße", "İstanbul", "ǅ\u00a0x\ty", "ΑΣ", "ﬁ", ""):
        assert len(fold(text)) == len(text)


def test_spellings_are_found_as_whole_words_in_any_case() -> None:
    index: Index[int] = Index()
    index.add("Jane Doe", 1)
    index.add("(212) 555-0143", 2)
    index.add("c++", 3)
    text = "JANE\nDOE (212) 555-0143 xjane doe jane does C++ é"
    assert found(index, text) == [(1, "JANE\nDOE"), (2, "(212) 555-0143"), (3, "C++")]


def test_a_text_that_ends_early_is_no_hit() -> None:
    index: Index[int] = Index()
    index.add("jane doe smith", 1)
    index.add("jane doe", 2)
    assert found(index, "jane doe") == [(2, "jane doe")]


def test_a_spelling_without_letters_or_digits_is_not_filed() -> None:
    index: Index[int] = Index()
    index.add("***", 1)
    assert len(index) == 0
