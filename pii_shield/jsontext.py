"""JSON kept as text: parse strictly, walk with paths, and replace parts without touching another byte. No I/O.

Python's json module is not transparent (1E5 becomes 100000.0, -0 becomes 0, duplicate keys vanish). So nothing here is
ever dumped back: every node of the document has an ordinal in document order (objects, arrays, keys and scalars alike),
a walk of the parsed tree and a scan of the raw text count the same way, and patches swap raw pieces.
"""

import json
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import islice
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any, NamedTuple, NoReturn

from .errors import WireError
from .types import Path

MAX_DEPTH = 128
MAX_NODES = 4_000_000
"""Nodes in one document: 1 M leaves, each with a key, and their containers."""

Json = Any
"""dict, list, str, Number, True, False or None."""


class Number(str):
    """A JSON number as it was spelled. A plain str is a JSON string."""

    __slots__ = ()


class Node(NamedTuple):
    """One step of a walk.

    Attributes:
        ordinal: position in document order, as `spans` counts.
        path: keys and indices from the root; for a key the path of its member.
        value: the parsed value; for a key its text.
        is_key: whether this node is the key of a member.
    """

    ordinal: int
    path: Path
    value: Json
    is_key: bool


def loads(text: str) -> Json:
    """Parse one JSON document.

    Raises:
        WireError: not JSON, duplicate keys, NaN or Infinity, nested deeper than MAX_DEPTH. Never quotes the text.
    """
    try:
        return _DECODER.decode(text)
    except RecursionError:
        raise WireError("JSON nested too deeply", code="PS502") from None
    except ValueError:
        raise WireError("not valid JSON", code="PS501") from None


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise WireError("JSON object with duplicate keys", code="PS503")
    return result


def _constant(_: str) -> NoReturn:
    raise WireError("NaN and Infinity are not JSON", code="PS504")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=Number, parse_float=Number, parse_constant=_constant)


def walk(tree: Json) -> Iterator[Node]:
    """Every node of a parsed document, in document order.

    Raises:
        WireError: nested deeper than MAX_DEPTH or more than MAX_NODES nodes.
    """
    ordinal = 0
    stack: list[tuple[Path, Json, bool]] = [((), tree, False)]
    while stack:
        path, value, is_key = stack.pop()
        yield Node(ordinal, path, value, is_key)
        ordinal += 1
        if is_key or not isinstance(value, dict | list):
            continue
        if len(path) >= MAX_DEPTH:
            raise WireError("JSON nested too deeply", code="PS502")
        if ordinal + len(stack) + len(value) > MAX_NODES:
            raise WireError("JSON with too many values", code="PS505")
        if isinstance(value, dict):
            for key in reversed(value):
                member = (*path, key)
                stack.append((member, value[key], False))
                stack.append((member, key, True))
        else:
            stack.extend(((*path, index), value[index], False) for index in range(len(value) - 1, -1, -1))


def strings(tree: Json) -> list[str]:
    """Its strings, keys and numbers, in no order."""
    found: list[str] = []
    todo = [tree]
    while todo:
        value = todo.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            found += value
            todo += value.values()
        elif isinstance(value, list):
            todo += value
    return found


_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[{]|[\]}]|[^\s\[\]{}:,"]+', re.DOTALL)


def spans(text: str, wanted: Container[int] | None = None) -> dict[int, tuple[int, int]]:
    """Raw (start, end) of each node by ordinal: all nodes, or the wanted ones, of a document that `loads` accepted."""
    result: dict[int, tuple[int, int]] = {}
    open_containers: list[tuple[int, int]] = []
    ordinal = 0
    for match in _TOKEN.finditer(text):
        start = match.start()
        first = text[start]
        if first in "]}":
            opened, opened_at = open_containers.pop()
            if wanted is None or opened in wanted:
                result[opened] = (opened_at, start + 1)
            continue
        if first in "[{":
            open_containers.append((ordinal, start))
        elif wanted is None or ordinal in wanted:
            result[ordinal] = (start, match.end())
        ordinal += 1
    return result


_LITERAL = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[-0-9][^\s,\]}]*+', re.DOTALL)


def literals(text: str, wanted: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Raw (start, end) of strings (keys too) and numbers, by their number in document order; `wanted` ascends.

    Several times faster than `spans`: what is not wanted is passed over in C.
    """
    found, passed = _LITERAL.finditer(text), 0
    for number in wanted:
        yield next(islice(found, number - passed, None)).span()
        passed = number + 1


class Patch(NamedTuple):
    """text[start:end] becomes `new`."""

    start: int
    end: int
    new: str


def patch(text: str, patches: Sequence[Patch]) -> str:
    """Apply patches that are sorted and do not overlap."""
    pieces: list[str] = []
    position = 0
    for start, end, new in patches:
        pieces += (text[position:start], new)
        position = end
    pieces.append(text[position:])
    return "".join(pieces)


def respelled(literal: str, text: str, patches: Sequence[Patch]) -> str:
    """The raw literal of a string whose decoded text is patched. Escapes outside the patched spans stay as they are."""
    for spell in (encode_basestring, encode_basestring_ascii):
        if spell(text) == literal:  # nearly every writer escapes like one of these
            return spell(patch(text, patches))
    return patch(literal, inside(literal, 0, patches))


def inside(literal: str, at: int, patches: Sequence[Patch]) -> list[Patch]:
    """Patches of a string's decoded text, as patches of the document that holds its literal at offset `at`.

    Escapes outside the patched spans stay as they are.
    """
    raw = iter(_raw_positions(literal, [offset for p in patches for offset in (p.start, p.end)]))
    like = "\\u" if "\\u" in literal and literal.isascii() else ""  # asked once: the literal may be megabytes
    return [Patch(at + next(raw), at + next(raw), quote(p.new, like)[1:-1]) for p in patches]


def _raw_positions(literal: str, positions: Sequence[int]) -> Iterator[int]:
    """Offsets into a raw literal of ascending offsets into its decoded text."""
    if "\\" not in literal:
        return (position + 1 for position in positions)
    if "\\u" not in literal and "\\\\" not in literal:
        return _after_short_escapes(literal, positions)
    return _after_escapes(literal, positions)


def _after_short_escapes(literal: str, positions: Sequence[int]) -> Iterator[int]:
    """Each backslash begins an escape of two characters: JSON text inside JSON, mostly. Counting is all it takes."""
    raw = 1  # behind the opening quote
    decoded = 0
    for position in positions:
        missing = position - decoded
        while missing:
            step = literal.count("\\", raw, raw + missing)
            raw += missing
            missing = step
            if literal[raw - 1] == "\\":  # never stop inside an escape
                raw += 1
                missing -= 1
        decoded = position
        yield raw


def _after_escapes(literal: str, positions: Sequence[int]) -> Iterator[int]:
    shift = 1  # the opening quote
    escapes = _UNIT.finditer(literal)
    escape = next(escapes, None)
    for position in positions:
        while escape and escape.start() - shift < position:
            shift += escape.end() - escape.start() - 1
            escape = next(escapes, None)
        yield position + shift


def quote(value: str, like: str = "") -> str:
    """A JSON string literal. Escapes as the raw literal `like` did: an all-ASCII one stays ASCII if it used escapes."""
    if value.isascii():
        return encode_basestring(value)
    ascii_only = ("\\u" in like and like.isascii()) or _SURROGATE.search(value)
    return encode_basestring_ascii(value) if ascii_only else encode_basestring(value)


_SURROGATE = re.compile("[\ud800-\udfff]")


def dumps(tree: Json) -> str:
    """Compact JSON text of a tree from `loads`; numbers keep their spelling. For parts that are ours to write."""
    if isinstance(tree, Number):
        return str(tree)
    if isinstance(tree, dict):
        return "{" + ",".join(f"{quote(key)}:{dumps(value)}" for key, value in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ",".join(map(dumps, tree)) + "]"
    return quote(tree) if isinstance(tree, str) else json.dumps(tree)


_UNIT = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.", re.DOTALL)
"""One escaped character; a surrogate pair is one."""


def raw_offsets(literal: str) -> list[int]:
    """Offsets into a raw string literal (quotes included) of each decoded character, and of the closing quote.

    ``raw_offsets('"a\\u0040b"') == [1, 2, 8, 9]``: the decoded text has three characters.
    """
    if "\\" not in literal:
        return list(range(1, len(literal)))
    escaped = sum(match.end() - match.start() - 1 for match in _UNIT.finditer(literal))
    return list(_raw_positions(literal, range(len(literal) - 1 - escaped)))
