"""What counts of the findings: exemptions, deny lists, thresholds, for one server and its tools."""

import tomllib

import pytest

from pii_shield import rules
from pii_shield.detect.engine import Engine
from pii_shield.detect.identity import identity
from pii_shield.entities import DEFAULT_TYPES
from pii_shield.tuning.entries import read
from pii_shield.tuning.judge import Judge, digests
from pii_shield.types import Finding, Leaf

ENGINE = Engine(rules.load(), DEFAULT_TYPES)
MAIL, OTHER = "jane@acme.example", "bob@other.example"


def digest(text: str) -> str:
    return f"{hash(text) & (2**128 - 1):032x}"


def judge(text: str, server: str = "crm") -> Judge:
    return Judge(read(tomllib.loads(text), "t"), server, digest)


def kept(text: str, *leaves: Leaf, server: str = "crm", tool: str = "", rule_of: str = "") -> list[str]:
    """What is left, as it stands in the leaves."""
    found = judge(text, server).settle(leaves, ENGINE.find(leaves), tool, lambda *_: rule_of)
    return [leaf.text[f.start : f.end] for leaf, findings in zip(leaves, found, strict=True) for f in findings]


def mails(*path: str | int) -> Leaf:
    return Leaf(f"{MAIL} and {OTHER}", path)


@pytest.mark.parametrize(
    ("entry", "left"),
    [
        (f'value = "{MAIL}"', [OTHER]),
        ('value = "JANE@ACME.EXAMPLE"', [OTHER]),
        ('domain = "acme.example"', [OTHER]),
        ('domain = "example"', []),
        ('domain = "me.example"', [MAIL, OTHER]),
        ("pattern = '[a-z]{3}@[a-z.]{1,99}'", [MAIL]),
        ("pattern = '[a-z]{3}'", [MAIL, OTHER]),
        ('type = "EMAIL"', []),
        ('type = "PHONE"', [MAIL, OTHER]),
        ('rule = "email"', []),
        ('rule = "field-email"', [MAIL, OTHER]),
        ('type = "EMAIL"\ndomain = "acme.example"', [OTHER]),
        ('type = "PHONE"\ndomain = "acme.example"', [MAIL, OTHER]),
        ('type = "EMAIL"\nserver = "crm"', []),
        ('type = "EMAIL"\nserver = "mailer"', [MAIL, OTHER]),
        ('type = "EMAIL"\ntool = "search"', []),
        ('type = "EMAIL"\ntool = "list"', [MAIL, OTHER]),
        ('path = "/people"', []),
        ('path = "/people/*/note"', []),
        ('path = "/people/0/note"', []),
        ('path = "/people/1"', [MAIL, OTHER]),
        ('path = "/people/*/note/deeper"', [MAIL, OTHER]),
    ],
)
def test_all_that_an_entry_says_must_hold(entry: str, left: list[str]) -> None:
    assert kept(f"[[allow]]\n{entry}\n", mails("people", 0, "note"), tool="search") == left


def test_a_digest_stands_for_a_value_in_any_spelling() -> None:
    entry = f'[[allow]]\ndigest = "{digest(identity("EMAIL", MAIL))}"\n'
    assert kept(entry, Leaf(f"{MAIL.upper()} {OTHER}")) == [OTHER]


def test_the_digests_of_a_value_cover_every_type_it_may_be() -> None:
    known = digests("+1 415 555 0132", digest)
    assert digest(identity("PHONE", "(415) 555-0132")) in known
    assert digest(identity("CREDIT_CARD", "14155550132")) in known


def test_a_server_that_only_has_the_name_of_another_gets_none_of_its_exemptions() -> None:
    assert kept('[[allow]]\ntype = "EMAIL"\nserver = "crm"\n', mails(), server="") == [MAIL, OTHER]


def test_a_rule_s_exemption_covers_what_it_found_once_and_was_recognised_again() -> None:
    text = Leaf("x")
    found = [[Finding("EMAIL", 0, 1, 0.9, "recall")]]
    allowing = judge('[[allow]]\nrule = "email"\n')
    assert allowing.settle(
        [text], found, "", lambda type_, canonical: "email" if (type_, canonical) == ("EMAIL", "x") else ""
    ) == [[]]
    assert allowing.settle([text], found, "", lambda *_: "field-email") == found


@pytest.mark.parametrize(("score", "left"), [(0.95, [MAIL]), (0.96, [])])
@pytest.mark.parametrize("name", ["all", "EMAIL", "email"])
def test_what_scores_lower_than_the_threshold_does_not_count(name: str, score: float, left: list[str]) -> None:
    assert kept(f"[thresholds]\n{name} = {score}\n", Leaf(MAIL)) == left


def test_the_nearest_threshold_counts() -> None:
    text = "[thresholds]\nEMAIL = 1.0\n[servers.crm.tools.search.thresholds]\nEMAIL = 0.5\n"
    assert kept(text, Leaf(MAIL), tool="search") == [MAIL]
    assert kept(text, Leaf(MAIL), tool="list") == []


@pytest.mark.parametrize(
    ("entry", "text", "left"),
    [
        ('value = "Project Falcon"', "about PROJECT falcon and falcons", ["PROJECT falcon"]),
        ('value = "+-+"', "a +-+ b", ["+-+"]),
        ("pattern = 'FLC-[0-9]{4}'", "FLC-1234, FLC-12", ["FLC-1234"]),
        (
            'domain = "corp.example"',
            "noreply@sales.corp.example or noreply@corp.example.org",
            ["noreply@sales.corp.example"],
        ),
        ('path = "/note"', "anything at all", ["anything at all"]),
        ('path = "/other"', "anything at all", []),
        ('path = "/note"\nvalue = "thing"', "any thing", ["thing"]),
        ('path = "/note"\nserver = "mailer"', "anything", []),
    ],
)
def test_what_is_denied_is_protected_wherever_it_stands(entry: str, text: str, left: list[str]) -> None:
    assert kept(f"[[deny]]\n{entry}\n", Leaf(text, ("note",))) == left


def test_what_is_denied_has_the_type_that_was_said_or_the_class_that_is_released_least() -> None:
    leaves = [Leaf("Falcon")]
    for more, type_ in (("", "SECRET"), ('type = "ORG"\n', "ORG")):
        found = judge(f'[[deny]]\nvalue = "falcon"\n{more}').settle(leaves, [[]], "", lambda *_: "")
        assert [(f.type, f.rule, f.score) for f in found[0]] == [(type_, "deny", 1.0)]


def test_a_denied_span_and_a_finding_that_it_touches_become_one() -> None:
    assert kept("[[deny]]\npattern = 'to j[a-z]{2}'\n", Leaf(f"mail to {MAIL} now")) == [f"to {MAIL}"]


def test_a_deny_list_outranks_every_allow_list() -> None:
    allow = '[[allow]]\ntype = "EMAIL"\n'
    assert kept(f'{allow}[[deny]]\ntype = "EMAIL"\n', Leaf(MAIL)) == [MAIL]
    assert kept(f'{allow}[[deny]]\nvalue = "{MAIL}"\n', Leaf(f"{MAIL} {OTHER}")) == [MAIL]
    assert kept('[thresholds]\nall = 1.0\n[[deny]]\ntype = "EMAIL"\n', Leaf(MAIL)) == [MAIL]


def test_a_denied_type_is_looked_for_besides_the_others() -> None:
    assert judge('[[deny]]\ntype = "IP"\n').types(frozenset({"EMAIL"})) == {"EMAIL", "IP"}
    assert judge('[[deny]]\ntype = "IP"\nserver = "mailer"\n').types(frozenset({"EMAIL"})) == {"EMAIL"}
    assert judge('[[deny]]\ntype = "IP"\npath = "/a"\n').types(frozenset({"EMAIL"})) == {"EMAIL"}


def test_a_server_s_own_types_take_the_place_of_the_usual_ones() -> None:
    text = '[servers.crm]\ntypes = ["IP"]\n[[deny]]\ntype = "MAC"\n'
    assert judge(text).types(frozenset({"EMAIL"})) == {"IP", "MAC", "LITERAL", "OPAQUE"}
    assert judge(text, "mailer").types(frozenset({"EMAIL"})) == {"EMAIL", "MAC"}


def test_without_tuning_the_findings_are_those_that_came() -> None:
    found: list[list[Finding]] = [[]]
    assert judge("").settle([Leaf("x")], found, "", lambda *_: "") is found


def test_it_says_why_a_finding_does_not_count() -> None:
    leaf, finding = Leaf(MAIL), Finding("EMAIL", 0, len(MAIL), 0.95, "email")
    said = [
        judge(text).exempting(leaf, finding, "", lambda *_: "")
        for text in ("", '[[allow]]\ntype = "EMAIL"\n', "[thresholds]\nall = 1.0\n")
    ]
    assert said == ["", "your allow list lets it through", "its score is below your threshold of 1"]
