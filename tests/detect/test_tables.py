"""Tables inside text are read by their header, wherever they stand."""

import pytest

from pii_shield import rules
from pii_shield.checks import checks
from pii_shield.detect.fields import Names
from pii_shield.detect.tables import Tables, lines, split

RULES = rules.load()
TABLES = Tables(Names(RULES.fields, checks(RULES.words)))


def found(text: str) -> list[tuple[str, str]]:
    return [(f.type, text[f.start : f.end]) for f in TABLES.find(text)]


def test_a_table_may_stand_between_prose() -> None:
    text = "Here they are:\n\nid,phone\n1,732 4816\n2,732 4817\n\nThat is all, phone them.\n3,732 4818\n"
    assert found(text) == [("PHONE", "732 4816"), ("PHONE", "732 4817")]


def test_a_second_table_has_its_own_header() -> None:
    text = "id,phone\n1,732 4816\n\nphone,id,x\n732 4817,732 4818,y\n"
    assert found(text) == [("PHONE", "732 4816"), ("PHONE", "732 4817")]


def test_windows_line_ends_are_no_part_of_a_cell() -> None:
    assert found("id,phone\r\n1,732 4816\r\n") == [("PHONE", "732 4816")]


def test_a_name_column_is_peoples_when_another_column_says_so() -> None:
    assert found("name,email\nzsófia kovács,z@acme.example\n") == [("EMAIL", "z@acme.example")]
    assert ("PERSON", "Zsófia Kovács") in found("name,email\nZsófia Kovács,z@acme.example\n")
    assert found("name,price\nZsófia Kovács,12\n") == []


@pytest.mark.parametrize(
    "text", ["a,b\n", "phone\n732 4816\n", "x = phone, id\ny = 732 4816, 1\n", ",,,\n,,,\n", "phone,id"]
)
def test_what_has_no_header_and_row_is_no_table(text: str) -> None:
    assert found(text) == []


def test_cells_are_split_outside_quotes() -> None:
    row = '"b,""c""",d'
    assert [row[cell.start : cell.end] for cell in split(row, 0, len(row), ",")] == ['b,""c""', "d"]


def test_lines_are_found_with_any_line_end() -> None:
    text = "a\r\n\nbc\nd"
    assert [text[start:end] for start, end in lines(text)] == ["a", "bc", "d"]
