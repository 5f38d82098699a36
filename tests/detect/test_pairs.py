"""`name: value` in running text is believed as far as its form deserves."""

import pytest

from pii_shield import rules
from pii_shield.checks import checks
from pii_shield.detect.fields import Names
from pii_shield.detect.pairs import Pairs

RULES = rules.load()
PAIRS = Pairs(Names(RULES.fields, checks(RULES.words)))


def found(text: str) -> set[tuple[str, str]]:
    return {(f.type, text[f.start : f.end]) for f in PAIRS.find(text)}


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("phone: 732 4816", ("PHONE", "732 4816")),
        ("  - Phone number : 732 4816\nnext", ("PHONE", "732 4816")),
        ("**Date of birth:** 1990-04-01", ("DOB", "1990-04-01")),
        ("ts=12 user=zkovacs7 ok=1", ("USERNAME", "zkovacs7")),
        ('x {"lastName":"Kovács"} y', ("PERSON", "Kovács")),
        ('x {\\"lastName\\": \\"Kovács\\"} y', ("PERSON", "Kovács")),
        ("First name: Zsófia\nLast name: Kovács", ("PERSON", "Kovács")),
        ("customer name: Zsófia Kovács, phone: 732 4816", ("PHONE", "732 4816")),
        ("Customer Name: Zsófia Kovács | tier: gold", ("PERSON", "Zsófia Kovács")),
        ("| Phone | 732 4816 |", ("PHONE", "732 4816")),
        ("pesel,44051401359\n", ("NATIONAL_ID", "44051401359")),
        ("password=hunter2!x&next=1", ("PASSWORD", "hunter2!x")),
        ("api_key: 9f8e77aa01bc55d2", ("SECRET", "9f8e77aa01bc55d2")),
    ],
)
def test_a_named_value_is_found(text: str, finding: tuple[str, str]) -> None:
    assert finding in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "name: str = field()",
        "password = getpass()",
        "password: string",
        "token := r.Header.Get(name)",
        "at 10:20:30 phone rang: 3 times",
        "phone: yes",
        "last_name: ${LAST}",
        "see http://x.example:8080/phone=",
        "user: User = None",
        "first name: the one that comes first",
    ],
)
def test_code_and_prose_are_not_pairs(text: str) -> None:
    assert found(text) == set()
