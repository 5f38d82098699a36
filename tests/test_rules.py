"""Rules are data that carry their tests: the shipped ones hold, broken ones are named."""

from pathlib import Path

import pytest

from pii_shield import entities, examples, rules
from pii_shield.detect.engine import Engine
from pii_shield.detect.prose import TAGGED
from pii_shield.errors import RuleError
from pii_shield.profiles import NOT_PERSONAL

GOOD = """
[[rule]]
id = "badge"
type = "NATIONAL_ID"
score = 0.9
anchors = ["BDG-"]
pattern = '(?<!\\w) BDG-\\d{5} (?!\\w)'
examples = ["badge «BDG-12345» lost"]
negative_examples = ["BDG-123456"]
references = ["house rules"]

[[field]]
id = "field-badge"
type = "NATIONAL_ID"
score = 0.9
keys = ["badge number"]
value = '\\d{5}'
examples = [["employee.badgeNumber", "12345"]]
negative_examples = [["badge_number", "none"]]
references = ["house rules"]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text, "utf-8")
    return path


def problems(*files: Path) -> list[str]:
    loaded = rules.load(files)
    faults = examples.faults(loaded)
    return [*map(str, faults or examples.check(loaded, Engine(loaded, frozenset(entities.TYPES), all_rules=True).find))]


def test_every_shipped_rule_finds_its_examples_and_nothing_in_its_counterexamples() -> None:
    assert problems(*rules.shipped()) == []


def test_every_type_has_a_rule_or_the_tagger_to_find_it() -> None:
    known = rules.load()
    found = {rule.type for rule in (*known.patterns, *known.fields)} | TAGGED
    assert set(entities.TYPES) - found == NOT_PERSONAL, "a profile that names a type promises that it is looked for"


def test_no_shipped_pattern_can_match_across_two_texts() -> None:
    import re

    for rule in rules.load().patterns:
        pattern = re.compile(rule.pattern, re.VERBOSE | (re.IGNORECASE if rule.ignore_case else 0))
        for example in rule.examples:
            text = examples.marked(example)[0]
            assert all("\x01" not in match[0] for match in pattern.finditer(f"{text}\n\x01\n{text}")), rule.id


def test_own_rules_are_checked_like_the_shipped_ones(tmp_path: Path) -> None:
    assert problems(written(tmp_path, GOOD)) == []


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("«BDG-12345»", "«BDG-1234»5", "badge: example 1 is not found as marked"),
        ('["BDG-123456"]', '["BDG-12345"]', "badge: negative example 1 is found"),
        ("\\\\d{5} (?!", "\\\\d+ (?!", "badge: pattern without bound"),
        ("(?<!\\\\w) BDG-", "( BDG-", "badge: bad pattern"),
        ('"employee.badgeNumber", "12345"', '"employee.badgeNumber", "x"', "field-badge: example 1 is not found"),
        ('"badge_number", "none"', '"badge_number", "12345"', "field-badge: negative example 1 is found"),
    ],
)
def test_a_rule_that_breaks_its_own_tests_is_named(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    old, new = old.replace("\\\\", "\\"), new.replace("\\\\", "\\")
    assert old in GOOD
    found = problems(written(tmp_path, GOOD.replace(old, new)))
    assert any(line.startswith(complaint) for line in found)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[[rule]\n", "own.toml: "),
        (GOOD.replace("score = 0.9", "scor = 0.9", 1), "own.toml, line 3: badge: unknown key 'scor'"),
        (GOOD.replace('references = ["house rules"]', "", 1), "own.toml, line 3: badge: 'references' is missing"),
        (GOOD.replace("score = 0.9", 'score = "high"', 1), "badge: 'score' has the wrong type"),
        (GOOD.replace('["BDG-"]', '"BDG-"'), "badge: 'anchors' has the wrong type"),
        (GOOD.replace('["employee.badgeNumber", "12345"]', '"12345"'), "field-badge: 'examples' has the wrong"),
        ("rule = 3\n", "'rule' is no list of tables"),
        ("[words]\nfirst_names = 3\n", "a list of words is no text"),
        (GOOD.replace('["house rules"]', "[]", 1), "must not be empty"),
        (GOOD.replace("NATIONAL_ID", "BADGE", 1), "unknown type 'BADGE'"),
        (GOOD.replace("score = 0.9", "score = 9", 1), "score is not between"),
        (GOOD.replace("anchors", 'check = "nope"\nanchors'), "unknown check 'nope'"),
        (GOOD.replace("anchors", 'window = "nope"\nanchors'), "unknown window 'nope'"),
        (GOOD.replace('keys = ["badge number"]', ""), "neither keys nor exact"),
        (GOOD.replace("field-badge", "badge"), "two rules have the id 'badge'"),
        ("[nonsense]\n", "unknown table 'nonsense'"),
    ],
)
def test_a_broken_file_is_refused_with_its_name_and_the_reason(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(RuleError) as error:
        rules.load([written(tmp_path, text)])
    assert complaint in str(error.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="cannot be read"):
        rules.load([tmp_path / "none.toml"])


def test_marks_become_spans_and_made_up_characters_are_always_the_same() -> None:
    assert examples.marked("a «b» «cd»") == ("a b cd", [(2, 3), (4, 6)])
    text, spans = examples.marked("«⟨hex:40⟩»")
    assert spans == [(0, 40)]
    assert set(text) <= set("0123456789abcdef")
    assert examples.marked("«⟨hex:40⟩»")[0] == text
