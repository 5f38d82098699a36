"""Entries are added and taken out; all else in the file stays as it was, or nothing is changed."""

import tomllib

import pytest

from pii_shield.errors import ConfigError
from pii_shield.tuning import edit

FILE = """\
# mine
[thresholds]
all = 0.6 # sure

[[allow]]
type = "IP"

[[deny]]
value = "x"

[[allow]]
rule = "email"
"""


def test_a_new_file_begins_with_what_people_must_know() -> None:
    text = edit.added("", "allow", {"type": "IP"})
    assert text.startswith("# Exemptions")
    assert "personal data in the clear" in text
    assert tomllib.loads(text) == {"allow": [{"type": "IP"}]}


def test_an_entry_is_added_at_the_end() -> None:
    text = edit.added(FILE, "deny", {"type": "IP"})
    assert text.startswith(FILE)
    assert tomllib.loads(text)["deny"] == [{"value": "x"}, {"type": "IP"}]


@pytest.mark.parametrize("value", ['"', "\\d{3}\n", "é\x7f\x00😀", ["a", "b'"], 5])
def test_every_text_survives_being_written(value: object) -> None:
    assert tomllib.loads(edit.added("x = 1", "allow", {"note": value}))["allow"] == [{"note": value}]


@pytest.mark.parametrize("number", [1, 2])
def test_an_entry_is_taken_out_alone(number: int) -> None:
    text = edit.removed(FILE, "allow", number)
    rows = [{"type": "IP"}, {"rule": "email"}]
    del rows[number - 1]
    assert tomllib.loads(text) == {**tomllib.loads(FILE), "allow": rows}
    assert "# mine\n[thresholds]\nall = 0.6 # sure\n" in text


def test_what_was_added_and_taken_out_leaves_the_same_bytes() -> None:
    assert edit.removed(edit.added(FILE, "allow", {"type": "IP"}), "allow", 3).rstrip() == FILE.rstrip()


@pytest.mark.parametrize("number", [0, 3, -1])
def test_an_entry_that_is_not_there_is_an_error(number: int) -> None:
    with pytest.raises(ConfigError, match=f"no allow entry number {number}"):
        edit.removed(FILE, "allow", number)


@pytest.mark.parametrize(
    "text",
    ['allow = [{type = "IP"}]\n', 'note = """\n[[allow]]\n"""\n[[allow]]\ntype = "IP"\n', '[["allow"]]\ntype = "IP"\n'],
)
def test_a_file_that_is_written_in_another_way_is_left_to_people(text: str) -> None:
    with pytest.raises(ConfigError, match="cannot change safely"):
        edit.removed(text, "allow", 1)
