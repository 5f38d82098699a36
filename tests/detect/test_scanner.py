"""The fast path finds what the reference engine finds: every rule, in ordinary and in hostile text."""

import re
import threading
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("hyperscan")

from pii_shield import entities, examples, rules
from pii_shield.checks import checks
from pii_shield.detect import database, relaxed, scanner
from pii_shield.detect.database import Source
from pii_shield.detect.patterns import Patterns
from pii_shield.detect.scanner import Scanner
from pii_shield.types import Finding

RULES = rules.load()


@lru_cache(maxsize=2)
def engines() -> tuple[Patterns, Patterns]:
    """All rules, without and with a scanner."""
    reference, fast = (Patterns(RULES, frozenset(entities.TYPES), True, checks(RULES.words)) for _ in range(2))
    fast.use(Scanner(database.build(fast.sources())))
    return reference, fast


def found(engine: Patterns, texts: list[str], name: str) -> list[list[Finding]]:
    return [sorted(findings) for findings in engine.find(texts, lambda _: name)]


EXAMPLES = sorted(
    {examples.marked(example)[0] for rule in RULES.patterns for example in rule.examples + rule.negative_examples}
)
ANCHORS = sorted({anchor for rule in RULES.patterns for anchor in rule.anchors})
WORDS = sorted({word for rule in RULES.patterns for word in rule.context + rule.avoid})
HOSTILE = [
    *(
        "２１２",
        "é",
        "ſ",
        "\u212a",
        "ı",
        "İ",
        "\x1c",
        "\x1f",
        "\x85",
        "\u00a0",
        "\u202f",
        "\u200b",
        "\u00ad",
        "한",
        "٣",
        "²",
    ),
    *(
        "\U0001f600",
        "e\u0301",
        "\n",
        "\r\n",
        "\t",
        "\x0b",
        "\x01",
        "?",
        "_",
        "-",
        ".",
        "@",
        ":",
        "/",
        "+",
        "(",
        ")",
        "'",
    ),
    *(
        "Jane Doe",
        "jane@",
        "@acme.com",
        "+49 30",
        "(212) 555-",
        "4111 1111",
        "DE89 3704",
        "eyJ",
        "://a:",
        "Suite 1",
        "1990-",
    ),
]
PIECES = st.one_of(
    st.sampled_from(EXAMPLES),
    st.sampled_from(HOSTILE),
    st.sampled_from(ANCHORS),
    st.sampled_from(WORDS),
    st.text(max_size=4),
)
CUT = st.builds(lambda text, start, end: text[start : len(text) - end], PIECES, st.integers(0, 6), st.integers(0, 6))
TEXTS = st.lists(st.one_of(PIECES, CUT), max_size=12).map("".join)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(TEXTS, min_size=1, max_size=4), st.sampled_from(["", "phone", "card number", "passport no", "order id"])
)
def test_the_scanner_changes_no_finding(texts: list[str], name: str) -> None:
    reference, fast = engines()
    assert found(fast, texts, name) == found(reference, texts, name)


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize("around", ["{}", "é{}é", "x {}\n", "1{}2", "\x1c{}\u200b"])
def test_no_example_is_lost(example: str, around: str) -> None:
    reference, fast = engines()
    texts = [around.format(example), example.upper(), example.replace(" ", "\u00a0")]
    assert found(fast, texts, "") == found(reference, texts, "")


def test_every_rule_is_scanned_for() -> None:
    _, fast = engines()
    assert fast._scanner is not None
    assert all(row.scanned for row in fast._scanner.rows)


PATTERNS = [
    (r"(?<![\w.])\d{3}-\d{2}(?!\w)", 0),
    (r"\bab+\b", re.I),
    (r"k\w{2,}s", re.I),
    (r"(?<=key=)[a-z]{2,9}", 0),
    (r"(a|bc)\1x", 0),
    (r"[^\W\d_]{2}\d", 0),
    (r"(?:x|y[0-9]){2,40}z?", 0),
    (r"[À-Ý]\w", re.I),
    (r"\s\S{2}\s", 0),
    (r"^l.n$", re.M),
    (r"(?i:AB)c", 0),
    (r"a(?=b)b|c(?!d)", 0),
    (r"[\d.]+(?=@h)", 0),
    (r"(?<!a)(?<!\d)b{1,3}(?![bc])", 0),
]
LETTERS = st.text(st.sampled_from("abBcCxyzkKsS\u212aſéÀß12.- _@h=key\nln\x1c?"), max_size=40)


@lru_cache(maxsize=1)
def small() -> Scanner:
    return Scanner(database.build([Source(pattern, int(flags)) for pattern, flags in PATTERNS]))


@settings(max_examples=500, deadline=None)
@given(LETTERS)
def test_every_match_of_a_pattern_begins_in_a_candidate(text: str) -> None:
    candidates = small().scan(text)
    for number, (pattern, flags) in enumerate(PATTERNS):
        compiled, place = re.compile(pattern, flags), 0
        while (match := compiled.search(text, place)) is not None:
            place = match.start() + 1
            if match.end() > match.start() and candidates.rows[number].scanned:
                assert any(start <= match.start() < end for start, end in candidates.found.get(number, []))


def test_a_database_survives_being_written_and_read() -> None:
    built = database.build([Source(r"\d{3}", 0)])
    again = database.loads(database.dumps(built))
    assert again.rows == built.rows
    assert Scanner(again).scan("a 123").found == Scanner(built).scan("a 123").found


def test_what_cannot_be_scanned_for_says_so() -> None:
    rows = database.build([Source(r"\p{L}", 0), Source("x*", 0), Source("x", 0)]).rows
    assert [row.scanned for row in rows] == [False, False, True]


def test_the_width_of_a_pattern_counts_what_it_looks_ahead_to() -> None:
    assert relaxed.width(relaxed.parse(r"ab{1,3}(?=c\d{4})", 0)).total == 9
    assert relaxed.width(relaxed.parse(r"a+", 0)).total == relaxed.UNBOUNDED


def test_a_text_made_to_match_everywhere_is_left_to_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "FREE_EVENTS", 3)
    monkeypatch.setattr(scanner, "MAX_EVENTS", 0)
    with pytest.raises(scanner.Unscannable):
        Scanner(database.build([Source("x", 0)])).scan("x" * 20)
    reference, fast = engines()
    texts = ["4111 1111 1111 1111, jane@acme.com " * 5]
    assert found(fast, texts, "") == found(reference, texts, "")


def test_digits_beyond_ascii_are_left_to_the_reference() -> None:
    with pytest.raises(scanner.Unscannable):
        small().scan("1 ٣")
    reference, fast = engines()
    texts = ["tel ٠١٢٣٤٥٦٧٨٩, jane@acme.com"]
    assert found(fast, texts, "") == found(reference, texts, "") != [[]]


def test_context_in_other_scripts_counts() -> None:
    reference, fast = engines()
    texts = ["его телефон 732 4816", "电话 7324816"]
    assert found(fast, texts, "") == found(reference, texts, "")


def test_a_scanner_of_other_rules_is_refused() -> None:
    with pytest.raises(ValueError, match="other rules"):
        engines()[0].use(small())


def test_threads_can_scan_at_once() -> None:
    _, fast = engines()
    texts = ["Jane Doe, jane@acme.com, 4111 1111 1111 1111. " * 200]
    expected = found(fast, texts, "")
    results: list[bool] = []
    threads = [threading.Thread(target=lambda: results.append(found(fast, texts, "") == expected)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 4
