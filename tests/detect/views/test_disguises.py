"""What is published of disguises stays true: the cases of `benchmarks/disguises.py` stay covered, none is cut."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from pii_shield import rules
from pii_shield.detect.engine import Engine
from pii_shield.entities import DEFAULT_TYPES
from pii_shield.types import Leaf


def _load() -> ModuleType:
    path = Path(__file__).parents[3] / "benchmarks" / "disguises.py"
    spec = importlib.util.spec_from_file_location("disguises", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["disguises"] = module  # its records look themselves up there
    spec.loader.exec_module(module)
    return module


disguises = _load()
REWRITINGS = list(disguises.rewritings())
OTHERS = list(disguises.others())
# Read as another value, or as a sentence with the value in it: hidden all the same.
NOT_TOLD = {"rot13", "base64 of a sentence", "base64 in lines of 76", "user of a URL"}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(rules.load(), DEFAULT_TYPES)


def test_there_are_forty_rewritings_of_one_address() -> None:
    assert len({case.disguised + case.before for case in REWRITINGS}) == 40
    assert {case.value for case in REWRITINGS} == {disguises.MAIL}


@pytest.mark.parametrize("case", [*REWRITINGS, *OTHERS], ids=lambda case: case.name)
def test_a_disguised_value_is_covered_from_end_to_end(case: "disguises.Case", engine: Engine) -> None:
    got = disguises.outcome(case, engine)
    assert got.coverage == "covered"
    assert got.told or case.name in NOT_TOLD


def test_the_table_says_so(engine: Engine) -> None:
    assert disguises.table(iter(REWRITINGS), engine)[-1] == "40: 40 covered, 0 partial, 0 missed."


@pytest.mark.parametrize(
    "text",
    [
        "Meet me at example.com at noon, look at the dot com boom.",
        "evaluated at point dot product, at x dot y",
        "import pytest\n@pytest.mark.slow\ndef test(): ...",
        "lunch @ 3.50, 2 @ example.com",
        "a**b.c, `x`.y, f(at) = g(dot), arr[at]",
        "<b>Mail</b><i>us</i> at <span>noon</span>",
        "q=40&page=2E, x =\n  y",
        "1️⃣ one 🏴\U000e0067\U000e0062\U000e007f ❤️‍🔥 ™ ① ½",
        "می‌خواهم به خانه بروم. شماره ندارم",
        "Сор в избе. Это обычный текст, e.g. тест.",
        "これは日本語です。ＡＢＣと１２３。次の文。",
        "sha256:3f786850e387550fdab836ed7e6dc881de23001b00112233445566778899aabb",
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
        r"re.compile(r'\d+\.\w+@\x20\u0041') and C:\new\table\x41",
        "user@host\nnext line of the log",
    ],
)
def test_what_only_looks_disguised_stays(text: str, engine: Engine) -> None:
    assert engine.find([Leaf(text)]) == [[]]


def test_an_address_in_clear_keeps_its_span_next_to_signs_of_disguise(engine: Engine) -> None:
    for text in (
        "<b>Mail</b>jane@example.com",
        "mail jane@example.com\nPhone follows",
        "写信给 jane@example.com。谢谢",
        "**jane@example.com**, `jane@example.com`",
        "x\\njane@example.com\\nnext",
        "a%20b jane@example.com &amp; more=\nlines",
    ):
        (findings,) = engine.find([Leaf(text)])
        assert {text[f.start : f.end] for f in findings} == {"jane@example.com"}, text
