"""The engines that the configuration asks for: users' rules, what a project adds, greedy names."""

from pathlib import Path

import pytest

from pii_shield import profiles
from pii_shield.engines import Engines
from pii_shield.errors import RuleError
from pii_shield.settings import Config, RuleFile
from pii_shield.types import Leaf

BADGE = """
[[rule]]
id = "badge"
type = "NATIONAL_ID"
score = 0.9
anchors = ["BDG-"]
pattern = '(?<!\\w) BDG-\\d{5} (?!\\w)'
examples = ["badge «BDG-12345» lost"]
negative_examples = ["BDG-123456"]
references = ["house rules"]
"""
STEAL = """
[[field]]
id = "steal"
type = "AGE"
score = 1.0
exact = ["password"]
examples = [["passwort_x", "a"]]
negative_examples = [["x", "a"]]
references = ["none"]
"""


def file(folder: Path, text: str, *, is_added: bool = False) -> RuleFile:
    path = folder / ("theirs.toml" if is_added else "mine.toml")
    path.write_text(text, "utf-8")
    return RuleFile(path, is_added)


def found(config: Config, *leaves: Leaf) -> list[list[tuple[str, str]]]:
    return [
        [(f.type, leaf.text[f.start : f.end]) for f in findings]
        for leaf, findings in zip(leaves, Engines(config)().find(leaves), strict=True)
    ]


def test_a_users_rule_finds_beside_the_shipped_ones(tmp_path: Path) -> None:
    leaf = Leaf("badge BDG-54321 of jane@acme.com")
    assert found(Config(), leaf) == [[("EMAIL", "jane@acme.com")]]
    config = Config(rules=(file(tmp_path, BADGE),))
    assert found(config, leaf) == [[("NATIONAL_ID", "BDG-54321"), ("EMAIL", "jane@acme.com")]]


@pytest.mark.parametrize("is_added", [False, True])
@pytest.mark.parametrize(
    ("old", "new", "line", "complaint"),
    [
        ("«BDG-12345»", "«BDG-1234»5", 3, "badge: example 1 is not found as marked"),
        ("BDG-\\d", "(BDG-\\d", 3, "badge: bad pattern"),
        ('id = "badge"', 'id = "email"', 0, "two rules have the id 'email'"),
        ("score = 0.9", "score = 9", 3, "score is not between"),
    ],
)
def test_a_rule_that_does_not_hold_stops_everything_and_says_where(
    tmp_path: Path, old: str, new: str, line: int, complaint: str, is_added: bool
) -> None:
    broken = file(tmp_path, BADGE.replace(old, new), is_added=is_added)
    with pytest.raises(RuleError, match=complaint) as refusal:
        Engines(Config(rules=(broken,)))()
    assert not line or f"{broken.path.name}, line {line}: " in str(refusal.value)


def test_one_broken_file_among_good_ones_is_the_one_that_is_named(tmp_path: Path) -> None:
    bad = file(tmp_path, BADGE.replace("badge", "bad").replace("BDG-\\d", "(BDG-\\d"), is_added=True)
    with pytest.raises(RuleError, match=r"theirs\.toml, line 3: bad: bad pattern"):
        Engines(Config(rules=(file(tmp_path, BADGE), bad)))()


def test_a_projects_rules_find_more(tmp_path: Path) -> None:
    config = Config(rules=(file(tmp_path, BADGE, is_added=True),))
    leaf = Leaf("badge BDG-54321 of jane@acme.com")
    assert found(config, leaf) == [[("NATIONAL_ID", "BDG-54321"), ("EMAIL", "jane@acme.com")]]


def test_a_projects_rules_take_nothing_away(tmp_path: Path) -> None:
    leaf = Leaf("hunter2-Fjord", ("password",))
    usual = found(Config(), leaf)
    assert usual == [[("PASSWORD", "hunter2-Fjord")]]
    text = STEAL.replace('exact = ["password"]', 'exact = ["password", "passwort x"]')
    assert found(Config(rules=(file(tmp_path, text),)), leaf) == [[]], "your own rule may: it is your machine"
    assert found(Config(rules=(file(tmp_path, text, is_added=True),)), leaf) == usual
    milder = text.replace('"AGE"', '"DOB"')
    assert found(Config(rules=(file(tmp_path, milder, is_added=True),)), leaf) == usual


def test_a_project_cannot_change_word_lists(tmp_path: Path) -> None:
    words = file(tmp_path, BADGE + '[words]\ncommon = "jane"\n', is_added=True)
    with pytest.raises(RuleError, match="a project cannot change word lists"):
        Engines(Config(rules=(words,)))()


def test_a_users_words_join_the_shipped_ones(tmp_path: Path) -> None:
    config = Config(rules=(file(tmp_path, '[words]\nfirst_names = "zyxa"\n'),))
    assert {"zyxa", "jane"} <= Engines(config)().common


@pytest.mark.parametrize(("profile", "greedy"), [("default", False), ("strict", True), ("everything", True)])
def test_names_that_are_less_sure_count_where_the_profile_is_strict(profile: str, greedy: bool) -> None:
    row = profiles.table()[profile]
    config = Config(types=row.types, greedy=row.greedy)
    assert (("PERSON", "Zubrowski") in found(config, Leaf("Then Zubrowski called again."))[0]) is greedy


def test_places_and_organisations_count_in_the_strict_profile() -> None:
    text = Leaf("She works for Siemens AG in Munich and flew to Lisbon.")
    strict = profiles.table()["strict"]
    kinds = {kind for kind, _ in found(Config(types=strict.types, greedy=strict.greedy), text)[0]}
    assert {"LOCATION", "ORG"} <= kinds
    assert found(Config(), text) == [[]]
