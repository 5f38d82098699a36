"""Loads `rules/*.toml` and freezes them. A rule carries its own tests: examples it must find, texts it must not.

Two kinds. A pattern rule finds a value by its shape in any text. A field rule finds it by the name of the field that
holds it: a JSON key, a CSV header, the word before a colon.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, get_args

from .checks import NAMES
from .entities import TYPES
from .errors import RuleError

MAX_WIDTH = 12_288
"""The longest text one match of a pattern may cover, in characters: the overlap of chunks is built on it."""
WINDOWS = frozenset({"", "number", "colon", "token", "name"})


class Rule(NamedTuple):
    """Finds values by shape.

    Attributes:
        id: unique name, like "phone-us"; it is stored with what it found.
        type: entity type of its findings.
        score: 0 to 1; below `patterns.THRESHOLD` it needs `context` to count, in the text.
        pattern: regular expression, always verbose; the group "value", if there is one, is the finding.
        ignore_case: whether letters match either case.
        check: name of a function of `checks` that the finding must pass, or "".
        shrink: whether a match that fails the check is tried again without its last group of digits.
        anchors: literal strings of which one must be in the text for the rule to be tried at all (lower case if
            `ignore_case`).
        reach: how far before and after an anchor (or a window) a match may lie; (0, 0) with anchors: anywhere.
        window: where alone a match can begin: "number" a run of digits and separators, "colon" a run like "a1:b2",
            "token" a run of 18 or more characters of keys
            (anchors must then be inside one), "name" a word of the list `first_names`, "" anywhere.
        digits: how many digits the run of a "number" window must have.
        context: words that raise the score to `context_score` when they stand near or in the field's name.
        context_score: see `context`.
        near: how far before and after a context word may stand, in characters.
        avoid: words that, just before or in the field's name, mean something else.
        by_default: whether `run` uses the rule; others are for `scan`.
        examples: texts with what must be found between « and ».
        negative_examples: texts in which this rule must find nothing.
        references: where the shape is documented.
    """

    id: str
    type: str
    score: float
    pattern: str
    references: tuple[str, ...]
    examples: tuple[str, ...]
    negative_examples: tuple[str, ...]
    ignore_case: bool = False
    check: str = ""
    shrink: bool = False
    anchors: tuple[str, ...] = ()
    reach: tuple[int, int] = (0, 0)
    window: str = ""
    digits: int = 7
    context: tuple[str, ...] = ()
    context_score: float = 0.85
    near: tuple[int, int] = (48, 24)
    avoid: tuple[str, ...] = ()
    by_default: bool = True


class FieldRule(NamedTuple):
    """Finds values by the name of their field.

    Names are compared as lower-case words: "customerEMail", "customer_e-mail" and "Customer E-Mail" are one.

    Attributes:
        id, type, score, check, references: as in `Rule`.
        keys: the last words of a field's name ("phone" also means "home phone"); plurals included.
        exact: whole names.
        parents: if given, one of these must be among the words before, or in the two enclosing names.
        not_parents: none of these may be there.
        siblings: whether instead of `parents` a field that marks a person next to it is enough, and then also the
            stricter `text_value`.
        marks_person: whether an object with such a field is somebody's (see `siblings`).
        value: regular expression that the whole trimmed value must match, or "".
        ignore_case: whether letters in `value` match either case.
        number: whether a JSON number can be a value.
        text: how `name: value` in running text is believed: "" never, "quoted" only with quotes, "line" also when the
            name begins a line, "any" everywhere.
        text_value: stricter `value` for running text, or "".
        examples, negative_examples: (name, value) pairs; a name may be a path with dots.
    """

    id: str
    type: str
    score: float
    references: tuple[str, ...]
    examples: tuple[tuple[str, str], ...]
    negative_examples: tuple[tuple[str, str], ...]
    keys: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    not_parents: tuple[str, ...] = ()
    siblings: bool = False
    marks_person: bool = False
    value: str = ""
    ignore_case: bool = False
    check: str = ""
    number: bool = False
    text: str = "line"
    text_value: str = ""


class RuleSet(NamedTuple):
    """All rules of some files, in order.

    Attributes:
        patterns: rules that find by shape.
        fields: rules that find by name.
        words: named word lists (`[words]` tables), such as "first_names".
    """

    patterns: tuple[Rule, ...] = ()
    fields: tuple[FieldRule, ...] = ()
    words: Mapping[str, frozenset[str]] = MappingProxyType({})


def shipped() -> list[Path]:
    """The rule files of this package: inside a wheel `_rules`, in a checkout `rules` beside the package."""
    here = Path(__file__).parent
    folder = here / "_rules"
    found = (folder if folder.is_dir() else here.parent / "rules").glob("*.toml")
    return sorted(path for path in found if path.name != "profiles.toml")


def load(paths: Iterable[Path] | None = None) -> RuleSet:
    """Read rule files (default: the shipped ones). Word lists of the same name are joined.

    Raises:
        RuleError: unreadable file, bad TOML, unknown or missing key, unknown type or check, an id used twice.
    """
    patterns: list[Rule] = []
    fields: list[FieldRule] = []
    words: dict[str, frozenset[str]] = {}
    for path in shipped() if paths is None else paths:
        text, data = _read(path)
        patterns += [_build(Rule, row, path, text) for row in _rows(path, data, "rule")]
        fields += [_build(FieldRule, row, path, text) for row in _rows(path, data, "field")]
        for name, listed in _words(path, data).items():
            words[name] = words.get(name, frozenset()) | listed
        if data:
            raise RuleError(f"{path.name}: unknown table {sorted(data)[0]!r}", fix="Known are rule, field and words.")
    _refuse_twins([*(rule.id for rule in patterns), *(rule.id for rule in fields)])
    return RuleSet(tuple(patterns), tuple(fields), words)


def line_of(text: str, rule: str) -> int:
    """The line of a rule file that names a rule; 1 if none does."""
    for number, line in enumerate(text.splitlines(), 1):
        key, _, value = line.partition("=")
        if key.strip() == "id" and value.split("#")[0].strip()[1:-1] == rule:
            return number
    return 1


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"{path.name}: cannot be read: {type(error).__name__}") from None
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{path.name}: {error}", fix="Correct the TOML at that line.") from None


def _rows(path: Path, data: dict[str, Any], table: str) -> list[dict[str, Any]]:
    rows = data.pop(table, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RuleError(f"{path.name}: {table!r} is no list of tables", fix=f"Write [[{table}]] above each.")
    return rows


def _words(path: Path, data: dict[str, Any]) -> dict[str, frozenset[str]]:
    lists = data.pop("words", {})
    if not isinstance(lists, dict) or not all(isinstance(text, str) for text in lists.values()):
        raise RuleError(
            f"{path.name}: a list of words is no text", fix='Write first_names = "ada grace" below [words].'
        )
    return {name: frozenset(text.split()) for name, text in lists.items()}


def _build(kind: type[Any], row: dict[str, Any], path: Path, text: str) -> Any:
    rule = row.get("id", "(rule without id)")
    name = f"{path.name}, line {line_of(text, str(rule))}: {rule}"
    known = set(kind._fields)
    if unknown := sorted(set(row) - known):
        raise RuleError(f"{name}: unknown key {unknown[0]!r}", fix=f"Known are {', '.join(kind._fields)}.")
    if missing := sorted(known - set(kind._field_defaults) - set(row)):
        raise RuleError(f"{name}: {missing[0]!r} is missing", fix="The shipped rules show how it is written.")
    frozen = {key: _freeze(value) for key, value in row.items()}
    for key, value in frozen.items():
        if not _fits(value, kind.__annotations__[key]):
            raise RuleError(
                f"{name}: {key!r} has the wrong type", fix=f"It must be {_SAID[kind.__annotations__[key]]}."
            )
    built = kind(**frozen)
    for problem in _misfits(built):
        raise RuleError(f"{name}: {problem}")
    return built


def _freeze(value: Any) -> Any:
    return tuple(_freeze(v) for v in value) if isinstance(value, list) else value


_SAID: Mapping[Any, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    tuple[str, ...]: "a list of texts",
    tuple[int, int]: "a list of two whole numbers",
    tuple[tuple[str, str], ...]: "a list of pairs of texts",
}
"""The types of keys, for people."""


def _fits(value: Any, kind: Any) -> bool:
    """Whether a frozen value is of one of the types in `_SAID`."""
    if not (inner := get_args(kind)):
        return type(value) is kind or (kind is float and type(value) is int)
    if not isinstance(value, tuple):
        return False
    kinds = [inner[0]] * len(value) if inner[-1] is ... else inner
    return len(value) == len(kinds) and all(map(_fits, value, kinds))


def _misfits(rule: Rule | FieldRule) -> Iterator[str]:
    if rule.type not in TYPES:
        yield f"unknown type {rule.type!r}"
    if rule.check and rule.check not in NAMES:
        yield f"unknown check {rule.check!r}"
    if not 0 < rule.score <= 1:
        yield "score is not between 0 and 1"
    if not (rule.references and rule.examples and rule.negative_examples):
        yield "examples, negative_examples and references must not be empty"
    if isinstance(rule, Rule) and rule.window not in WINDOWS:
        yield f"unknown window {rule.window!r}"
    if isinstance(rule, FieldRule) and not (rule.keys or rule.exact):
        yield "neither keys nor exact"


def _refuse_twins(ids: list[str]) -> None:
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise RuleError(f"two rules have the id {name!r}")
        seen.add(name)
