"""Names of fields are compared as words, whatever their style."""

import pytest

from pii_shield import rules
from pii_shield.checks import checks
from pii_shield.detect.fields import Names, place_of, words_of

RULES = rules.load()
NAMES = Names(RULES.fields, checks(RULES.words))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("customerEMail_2", ("customer", "e", "mail")),
        ("phone-number", ("phone", "number")),
        ("SSNValue", ("ssn", "value")),
        ("HTTPServer2Name", ("http", "server", "2", "name")),
        ("Date of birth", ("date", "of", "birth")),
        ("straße", ("straße",)),
        ("电话", ("电话",)),
        ("", ()),
        ("___", ()),
    ],
)
def test_names_split_into_words(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words


def test_a_place_is_the_names_around_a_leaf_innermost_first() -> None:
    assert place_of(("result", "rows", 3, "customer", "emails", 0)) == ("emails", "customer", "rows")
    assert place_of((0, 1)) == ()


@pytest.mark.parametrize("name", ["email", "eMail", "E-Mail", "customer_email", "emails", "Email Address", "email_1"])
def test_styles_prefixes_and_plurals_mean_the_same(name: str) -> None:
    assert [rule.type for rule in NAMES.rules_for((name,))][:1] == ["EMAIL"]


@pytest.mark.parametrize("name", ["email_verified", "emailCount", "female", "telling", "mailbox", "ipad", "x" * 5000])
def test_names_that_only_contain_the_letters_mean_something_else(name: str) -> None:
    assert NAMES.rules_for((name,)) == ()


def test_a_hollow_name_borrows_the_name_around_it() -> None:
    assert [rule.type for rule in NAMES.rules_for(("value", "phone"))][:1] == ["PHONE"]


def test_the_surrounding_white_space_is_no_part_of_the_finding() -> None:
    finding = NAMES.find("  732 4816 \n", ("phone",), personal=False)
    assert finding is not None
    assert (finding.start, finding.end) == (2, 10)
