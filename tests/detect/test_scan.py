"""Scanning raw files: JSON by field, lines of JSON, tables, text; offsets into the raw text."""

import json

import pytest

from pii_shield import entities, rules
from pii_shield.detect.engine import Engine
from pii_shield.detect.scan import scan

ENGINE = Engine(rules.load(), frozenset(entities.TYPES), all_rules=True)


def found(text: str) -> list[tuple[str, str]]:
    return [(f.type, text[f.start : f.end]) for f in scan(text, ENGINE)]


def test_json_is_walked_by_its_fields() -> None:
    text = json.dumps(
        {"customer": {"phone": "732 4816", "ssn": 536228726}, "order": {"phone_id": "732 4817"}}, indent=2
    )
    assert found(text) == [("PHONE", "732 4816"), ("US_SSN", "536228726")]


def test_offsets_cover_the_escapes_of_what_was_found() -> None:
    text = r'{"note": "\u00e4\n mail jane\u0040acme.example \ud83d\ude00", "email": "zo\u00eb@acme.example"}'
    assert found(text) == [("EMAIL", r"jane\u0040acme.example"), ("EMAIL", r"zo\u00eb@acme.example")]


def test_lines_of_json_are_walked_each_by_itself() -> None:
    text = '{"phone": "732 4816"}\n\n{"id": "732 4817"}\r\n{"phone": "732 4818"}\n'
    assert found(text) == [("PHONE", "732 4816"), ("PHONE", "732 4818")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_tables_are_read_by_their_header(delimiter: str) -> None:
    rows = [["id", "last_name", "phone", "dob"], ["77", "Kovács", "732 4816", "1990-04-01"], ["7", "", "", ""]]
    text = "\n".join(delimiter.join(row) for row in rows)
    assert found(text) == [("PERSON", "Kovács"), ("PHONE", "732 4816"), ("DOB", "1990-04-01")]


def test_quoted_cells_may_hold_delimiters() -> None:
    text = 'id,last_name,street\n1,"Kovács, jr","12, ""Old"" Road 7"\n'
    assert ("PERSON", "Kovács, jr") in found(text)


def test_markdown_tables_are_tables() -> None:
    text = "Customers:\n\n| id | last name | phone |\n|---|:---|---|\n| 1 | Kovács | 732 4816 |\n\nid 732 4817"
    assert found(text) == [("PERSON", "Kovács"), ("PHONE", "732 4816")]


@pytest.mark.parametrize("text", ["{broken", '{"a": 1, "a": 2}', "[1,2", "{}\nplain", "[" * 5000])
def test_what_is_not_json_is_text(text: str) -> None:
    assert found(text + " jane@acme.example") == [("EMAIL", "jane@acme.example")]


@pytest.mark.parametrize("text", ["", "null", "1", '""', "[]", "{}", "\n\n"])
def test_nothing_is_found_in_nothing(text: str) -> None:
    assert found(text) == []
