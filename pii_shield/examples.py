"""A rule's own tests, run through the whole engine: examples it must find, texts it must not. No I/O."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from .rules import MAX_WIDTH, FieldRule, Rule, RuleSet
from .types import Finding, Leaf

Find = Callable[[Sequence[Leaf]], list[list[Finding]]]


class Problem(NamedTuple):
    """What is wrong with one rule."""

    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.what}"


def faults(rules: RuleSet) -> list[Problem]:
    """What is wrong with the regular expressions alone. An engine can be built of rules without such."""
    problems = [Problem(rule.id, what) for rule in rules.patterns for what in _shape(rule)]
    for field in rules.fields:
        problems += [Problem(field.id, what) for text in (field.value, field.text_value) for what in _bad(text)]
    return problems


def check(rules: RuleSet, find: Find) -> list[Problem]:
    """Run every rule's own tests through the whole engine.

    Args:
        rules: what to check.
        find: `Engine.find` of an engine that looks for all types with (at least) these rules.

    Returns:
        what is wrong, nothing if all is well.
    """
    problems: list[Problem] = []
    for rule in rules.patterns:
        problems += [Problem(rule.id, what) for what in _try_pattern(rule, find)]
    for field in rules.fields:
        problems += [Problem(field.id, what) for what in _try_field(field, find)]
    return problems


def _shape(rule: Rule) -> Iterator[str]:
    yield from (bad := list(_bad(rule.pattern)))
    if bad:
        return
    width = _width(rule.pattern)
    if width > MAX_WIDTH:
        yield "pattern without bound: write {0,64} instead of * and {1,64} instead of +"
    if re.compile(rule.pattern, re.VERBOSE).match(""):
        yield "pattern matches nothing at all"


def _bad(pattern: str) -> Iterator[str]:
    try:
        re.compile(pattern, re.VERBOSE)
    except (re.error, OverflowError, RecursionError) as error:
        yield f"bad pattern: {error}"


def _width(pattern: str) -> int:
    parser: Any = re._parser  # type: ignore[attr-defined]
    return int(parser.parse(pattern, re.VERBOSE).getwidth()[1])


def marked(example: str) -> tuple[str, list[tuple[int, int]]]:
    """Split an example into its text and the spans that « and » mark: ``marked("a «b»") == ("a b", [(2, 3)])``.

    ``⟨hex:8⟩`` in an example stands for eight made-up characters (see `_ALPHABETS`).
    """
    text, spans, start = "", [], 0
    for piece in re.split("([«»])", _MADE_UP.sub(_made_up, example)):
        if piece == "«":
            start = len(text)
        elif piece == "»":
            spans.append((start, len(text)))
        else:
            text += piece
    return text, spans


_MADE_UP = re.compile(r"⟨(\w+):(\d+)⟩")
_ALPHABETS = {
    "b62": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    "B32": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    "b32": "abcdefghijklmnopqrstuvwxyz234567",
    "alpha": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "hex": "0123456789abcdef",
    "d": "0123456789",
}


def _made_up(match: re.Match[str]) -> str:
    """Characters for ``⟨alphabet:length⟩``, always the same: key-shaped text need not be in a file."""
    alphabet, length = _ALPHABETS[match[1]], int(match[2])
    noise = hashlib.shake_256(match[0].encode()).digest(length)
    return "".join(alphabet[byte % len(alphabet)] for byte in noise)


def _try_pattern(rule: Rule, find: Find) -> Iterator[str]:
    for number, example in enumerate(rule.examples, 1):
        text, spans = marked(example)
        found = [(f.start, f.end) for f in find([Leaf(text)])[0] if f.type == rule.type]
        if not spans or any(span not in found for span in spans):
            yield f"example {number} is not found as marked"
    for number, example in enumerate(rule.negative_examples, 1):
        text = marked(example)[0]
        if any(f.rule == rule.id for f in find([Leaf(text)])[0]):
            yield f"negative example {number} is found"


def _try_field(rule: FieldRule, find: Find) -> Iterator[str]:
    for number, (name, value) in enumerate(rule.examples, 1):
        found = find([Leaf(value, tuple(name.split(".")))])[0]
        whole = (len(value) - len(value.lstrip()), len(value.rstrip()))
        if not any(f.type == rule.type and (f.start, f.end) == whole for f in found):
            yield f"example {number} is not found"
    for number, (name, value) in enumerate(rule.negative_examples, 1):
        if any(f.rule == rule.id for f in find([Leaf(value, tuple(name.split(".")))])[0]):
            yield f"negative example {number} is found"
