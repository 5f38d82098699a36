"""Breaking coloured lines into columns."""

from hypothesis import given
from hypothesis import strategies as st

from pii_shield.demo.layout import Row, Span, columns, wrap

WORDS = st.lists(st.text("abc日é", min_size=1, max_size=12), min_size=1, max_size=12).map(" ".join)


def test_a_line_that_fits_stays_one_row_with_its_colour() -> None:
    assert wrap("  to=a@b", 20, [Span(5, 8, "token")]) == [Row("  to=a@b", (Span(5, 8, "token"),))]


def test_a_break_falls_on_a_space_and_the_rest_is_indented_below() -> None:
    assert [row.text for row in wrap("  one two three", 10, [])] == ["  one two", "    three"]


def test_a_coloured_span_that_crosses_a_break_is_coloured_on_both_rows() -> None:
    rows = wrap("ab cd", 4, [Span(1, 4, "value")])
    assert [row.text[span.start : span.end] for row in rows for span in row.spans] == ["b", "c"]


def test_a_word_wider_than_the_column_is_cut() -> None:
    assert [row.text for row in wrap("abcdefgh", 4, [])] == ["abcd", "  ef", "  gh"]


def test_wide_characters_count_two_columns() -> None:
    assert columns("日本 a") == 6


@given(line=WORDS, width=st.integers(8, 40))
def test_no_row_is_wider_than_the_column_and_no_word_is_lost(line: str, width: int) -> None:
    rows = wrap(line, width, [])
    assert all(columns(row.text) <= width for row in rows)
    assert "".join(row.text for row in rows).replace(" ", "") == line.replace(" ", "")


@given(line=WORDS, width=st.integers(8, 40), data=st.data())
def test_every_coloured_character_stays_coloured(line: str, width: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, len(line)))
    rows = wrap(line, width, [Span(start, end, "value")])
    painted = "".join(row.text[span.start : span.end] for row in rows for span in row.spans)
    assert painted.replace(" ", "") == line[start:end].replace(" ", "")
