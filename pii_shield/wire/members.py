"""Members of a JSON object with their places in its text, so that one of them can be swapped. No I/O.

For envelopes: ids, methods, progress tokens. Runs at the speed of the C scanner, also where a result is huge.
"""

import json
import re
from typing import Any, NamedTuple

from ..errors import WireError

MAX_DIGITS = 4000
_SPACE = re.compile(r"[ \t\n\r]*")


def _int(digits: str) -> int | str:
    """Numbers beyond any identifier stay text: Python refuses to read thousands of digits."""
    return int(digits) if len(digits) < MAX_DIGITS else digits


_DECODER = json.JSONDecoder(parse_int=_int)


class Member(NamedTuple):
    """A member's value, and its raw JSON as text[start:end]."""

    value: Any
    start: int
    end: int


def members(text: str, at: int = 0) -> dict[str, Member]:
    """The members of the object that begins at offset `at`; of duplicate keys the last.

    Raises:
        WireError: it is no JSON object.
    """
    try:
        return _members(text, _skip(text, at))
    except (ValueError, IndexError, RecursionError):
        raise WireError("not a JSON object", code="PS501") from None


def _members(text: str, at: int) -> dict[str, Member]:
    found: dict[str, Member] = {}
    if text[at] != "{":
        raise ValueError
    at = _skip(text, at + 1)
    while text[at] != "}":
        if text[at] != '"':
            raise ValueError
        key, at = _DECODER.raw_decode(text, at)
        at = _skip(text, at)
        if text[at] != ":":
            raise ValueError
        start = _skip(text, at + 1)
        value, end = _DECODER.raw_decode(text, start)
        found[key] = Member(value, start, end)
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
        elif text[at] != "}":
            raise ValueError
    return found


def elements(text: str, at: int = 0) -> list[Member]:
    """The elements of the array that begins at offset `at`.

    Raises:
        WireError: it is no JSON array.
    """
    try:
        return _elements(text, _skip(text, at))
    except (ValueError, IndexError, RecursionError):
        raise WireError("not a JSON array", code="PS501") from None


def _elements(text: str, at: int) -> list[Member]:
    found: list[Member] = []
    if text[at] != "[":
        raise ValueError
    at = _skip(text, at + 1)
    while text[at] != "]":
        value, end = _DECODER.raw_decode(text, at)
        found.append(Member(value, at, end))
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
        elif text[at] != "]":
            raise ValueError
    return found


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def inner(text: str, found: dict[str, Member], *path: str) -> Member | None:
    """The member at a path of object keys below `found`, or None."""
    for key in path[:-1]:
        member = found.get(key)
        if member is None or not isinstance(member.value, dict):
            return None
        found = members(text, member.start)
    return found.get(path[-1])
