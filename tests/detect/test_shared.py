"""What one leaf reveals is found in the other leaves of its message."""

from pii_shield.detect.shared import mentions
from pii_shield.types import Finding


def shared(type: str, spelling: str, text: str, common: frozenset[str] = frozenset()) -> list[str]:
    found = [[Finding(type, 0, len(spelling), 0.9, "field-x")], []]
    return [text[f.start : f.end] for f in mentions([spelling, text], found, common).get(1, [])]


def test_full_names_are_mentioned_in_any_case() -> None:
    assert shared("PERSON", "Zsófia Kovács", "by ZSÓFIA KOVÁCS.") == ["ZSÓFIA KOVÁCS", "KOVÁCS"]


def test_single_names_keep_their_capital_and_are_no_common_word() -> None:
    assert shared("PERSON", "Zsófia", "Zsófia, zsófia, /Zsófia, Zsófias") == ["Zsófia"]
    assert shared("PERSON", "Will", "Will it?", frozenset({"will"})) == []


def test_user_names_are_no_parts_of_addresses() -> None:
    assert shared("USERNAME", "zkovacs7", "git.example/zkovacs7 zkovacs7@x by zkovacs7,") == ["zkovacs7"]


def test_short_values_and_other_types_are_not_shared() -> None:
    assert shared("BANK_ACCOUNT", "12345", "12345") == []
    assert shared("LOCATION", "Springfield", "Springfield") == []


def test_a_full_name_makes_its_surname_known_in_the_message() -> None:
    assert shared("PERSON", "Tommy Barns", "He sent Barns, barns and BARNS out; /Barns") == ["Barns", "BARNS"]
    assert shared("PERSON", "Tommy Barns", "Barns", frozenset({"barns"})) == []
    assert shared("PERSON", "Tommy de Los Santos Barns Field", "Field") == []
    assert shared("PERSON", "TOMMY BARNS", "Barns") == []
