"""What the log records: the closed set of row types and fields, and the check that nothing else gets in. No I/O.

A row holds types, counts, token ids, names and codes; never a value, a length of one, or a hash that could be tried
out. Names (servers, tools, paths) come here masked: whoever reports them has run detection over them.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from ..entities import TYPES
from . import canonical

VERSION: Final = 1
MAX_TOKENS: Final = 1000
"""Tokens in one row; a message with more becomes several rows."""
MAX_NAME: Final = 200
Fields = Mapping[str, Any]
_ONE: Final = r"[0-9A-Z]{7,17}(?:~[1-9][0-9]{0,8})?"
_TOKEN: Final = re.compile(rf"{_ONE}\Z")
_TOKENS: Final = re.compile(rf"{_ONE}(?: {_ONE})*\Z")
_CODE: Final = re.compile(r"PS[0-9]{3}\Z")
_HEX: Final = re.compile(r"[0-9a-f]{8,64}\Z")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\Z")
BUCKETS: Final = ((0.001, "1ms"), (0.01, "10ms"), (0.1, "100ms"), (1.0, "1s"), (10.0, "10s"))
_BUCKET_NAMES: Final = frozenset(name for _, name in BUCKETS) | {"more"}


class Event(NamedTuple):
    """Something that happened: a type of `KINDS`, its fields, and seconds since the epoch."""

    type: str
    fields: Fields
    at: float


def bucket(seconds: float) -> str:
    """The name of the smallest time that is not exceeded."""
    return next((name for limit, name in BUCKETS if seconds <= limit), "more")


def _name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_NAME and value.isprintable()


def _count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= canonical.MAX_INTEGER


def _counts(value: Any) -> bool:
    return isinstance(value, dict) and all(kind in TYPES and _count(count) for kind, count in value.items())


def _tokens(value: Any) -> bool:
    if not isinstance(value, list) or len(value) > MAX_TOKENS:
        return False
    return not value or _TOKENS.match(" ".join(value)) is not None  # at once: it is the longest field


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(map(_name, value))


def _items(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MAX_TOKENS and all(map(_item, value))


def _item(value: Any) -> bool:
    return isinstance(value, dict) and ITEM.keys() == value.keys() and all(ITEM[key](v) for key, v in value.items())


def _one_of(*words: str) -> Callable[[Any], bool]:
    known = frozenset(words)
    return lambda value: value in known


def _like(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.match(value) is not None


ITEM: Final[dict[str, Callable[[Any], bool]]] = {
    "token": _like(_TOKEN),
    "type": lambda value: value in TYPES,
    "from": _names,  # servers that sent the value
    "to": _name,  # JSON pointer of the argument, array indices as *
    "whole": lambda value: isinstance(value, bool),  # whether the token was the whole argument
}
"""One token that was, or was not, released: its fields."""

FIELDS: Final[dict[str, Callable[[Any], bool]]] = {
    "client": _name,
    "code": _like(_CODE),
    "counts": _counts,
    "direction": _one_of("in", "out"),
    "format": _one_of("jsonl", "csv", "ocsf"),
    "head": _like(_HEX),
    "items": _items,
    "key": _name,
    "log": _like(_HEX),
    "method": _name,
    "now": _name,
    "of": _like(_HEX),
    "policy": _name,
    "preset": _name,
    "program": _name,
    "protocol": _name,
    "rows": _count,
    "scope": _name,
    "server": _name,
    "size": _count,
    "token": _like(_TOKEN),
    "tokens": _tokens,  # type by type, in the order of `counts`: the first so many are of its first type
    "took": lambda value: value in _BUCKET_NAMES,
    "tool": _name,
    "was": _name,
    "withheld": _count,
}
"""Every field there is, and what it may hold."""


class Kind(NamedTuple):
    """The fields of one type of row: those that it must have and those that it may have."""

    must: frozenset[str]
    may: frozenset[str]


def _kind(must: str, may: str = "") -> Kind:
    return Kind(frozenset(must.split()), frozenset(may.split()))


KINDS: Final[dict[str, Kind]] = {
    "log": _kind("log key"),  # the first row: which log this is, the public key of its checkpoints
    "start": _kind("scope server policy program"),
    "client": _kind("scope server client", "protocol"),
    "stop": _kind(""),
    "lost": _kind("of rows"),  # a process ended without a stop; its last rows were found and taken in
    "protect": _kind("scope server direction counts tokens", "method tool took withheld"),
    "observe": _kind("scope server direction counts", "method tool took"),
    "release": _kind("scope server direction items", "method tool policy took"),
    "denial": _kind("scope server direction code", "method tool policy items"),
    "error": _kind("scope server direction code", "method tool"),
    "policy": _kind("scope server was now"),
    "key": _kind("was now"),
    "forget": _kind("scope", "token"),
    "export": _kind("format rows"),
    "prune": _kind("preset rows size head"),
}
"""Type of row -> its fields, besides `at`, `type`, `v` and `writer`, which every row has."""


def body(event: Event, writer: str) -> str:
    """The canonical JSON of a row.

    Raises:
        ValueError: a type, a field or a content that does not belong in the log.
    """
    fields = event.fields
    texts = tuple([field for field in fields.items() if type(field[1]) is str])
    others = tuple(sorted([name for name, value in fields.items() if type(value) is not str]))
    pieces = _pieces(event.type, texts, others, writer)
    row = [pieces[0], stamp(event.at), pieces[1]]
    for name, piece in zip(others, pieces[2:], strict=True):
        value = fields[name]
        if not FIELDS[name](value):
            raise _wrong(name)
        row += (_WRITERS.get(name, canonical.simple)(value), piece)  # checked: plain keys, no fractions
    return "".join(row)


def _write_counts(counts: Mapping[str, int]) -> str:
    return "{" + ",".join([f'"{kind}":{counts[kind]}' for kind in sorted(counts)]) + "}"


def _write_tokens(tokens: Sequence[str]) -> str:
    return '["' + '","'.join(tokens) + '"]' if tokens else "[]"


_WRITERS: Final[dict[str, Callable[[Any], str]]] = {"counts": _write_counts, "tokens": _write_tokens}
"""What is in nearly every row, faster than `canonical.simple` does the same."""
_HOLE: Final = "\0"


@lru_cache(maxsize=256)
def _pieces(type_: str, texts: tuple[tuple[str, str], ...], others: tuple[str, ...], writer: str) -> tuple[str, ...]:
    """A row checked and written but for the time and what is no text: what stands before, between and behind those.

    Most rows differ from the one before in nothing else.
    """
    said = dict(texts)
    _check_names(type_, said.keys() | set(others))
    _check_fields(said)
    holes = dict.fromkeys(("at", *others), _HOLE)
    text = canonical.simple({**said, **holes, "type": type_, "v": VERSION, "writer": writer})
    first, *rest = text.split(canonical.simple(_HOLE))  # not in any text: those are printable
    return (f'{first}"', f'"{rest[0]}', *rest[1:])


def _check_names(type_: str, present: Set[str]) -> None:
    kind = KINDS.get(type_)
    if kind is None:
        raise ValueError("no such type of row")
    if not kind.must <= present or not present <= kind.must | kind.may:
        raise ValueError(f"a row of type {type_} with other fields")


def _check_fields(fields: Fields) -> None:
    for name, value in fields.items():
        if not FIELDS[name](value):
            raise _wrong(name)


def _wrong(name: str) -> ValueError:
    return ValueError(f"the field {name} does not hold what it should")


def is_row(text: str) -> bool:
    """Whether a text is a row as `body` writes it."""
    try:
        row = json.loads(text)
        type_, at, version, writer = (row.pop(name) for name in ("type", "at", "v", "writer"))
        _check_names(type_, row.keys())
        _check_fields(row)
        seconds_of(at)
        again = canonical.dumps({**row, "at": at, "type": type_, "v": version, "writer": writer})
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    return version == VERSION and FIELDS["of"](writer) and again == text


def stamp(seconds: float) -> str:
    """A time as RFC 3339 has it, in UTC with microseconds: always 27 characters."""
    whole = int(seconds)
    return f"{_second(whole)}.{int((seconds - whole) * 1_000_000):06d}Z"


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def seconds_of(at: str) -> float:
    """What `stamp` was made of."""
    if not _DAY.match(at):
        raise ValueError("not a time of the log")
    return datetime.fromisoformat(at).timestamp()


def chunks(sequence: Sequence[Any], size: int = MAX_TOKENS) -> list[Sequence[Any]]:
    """Parts that fit into a row."""
    return [sequence[start : start + size] for start in range(0, len(sequence), size)]
