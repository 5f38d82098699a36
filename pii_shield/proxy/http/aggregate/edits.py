"""Strings of a message that mean something else on the other side: names, URIs, handles. No I/O.

Only those strings are written anew; every other byte of a message stays.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from ....errors import WireError
from ....jsontext import Patch, patch, quote
from ....wire.members import Member, elements, members

ANY = "*"
Place = tuple[str, ...]
"""Keys from the root; ANY for each element of a list."""
Swap = Callable[[str], str | None]
"""A string on the other side; None: as it is."""


class Edit(NamedTuple):
    """What becomes of the strings at one place."""

    place: Place
    swap: Swap


def places(text: str, place: Place, at: int = 0) -> Iterator[Member]:
    """What is at a place of a JSON text. Nothing where the message has another shape."""
    key, *rest = place
    if text[at : at + 1] == "[":
        inner = elements(text, at) if key == ANY else []
    elif text[at : at + 1] == "{" and key != ANY:
        found = members(text, at).get(key)
        inner = [found] if found else []
    else:
        return
    for member in inner:
        if rest:
            yield from places(text, tuple(rest), member.start)
        else:
            yield member


def edited(message: bytes, edits: Sequence[Edit]) -> bytes:
    """A message with some strings written anew.

    Raises:
        WireError: it is no JSON object.
    """
    text = message.decode()
    start = len(text) - len(text.lstrip(" \t\r\n"))
    tree = _parsed(text)
    concerned = [edit for edit in edits if any(edit.swap(old) not in (None, old) for old in _strings(tree, edit.place))]
    patches: dict[int, Patch] = {}
    for place, swap in concerned:
        for member in places(text, place, start):
            new = swap(member.value) if isinstance(member.value, str) else None
            if new is not None and new != member.value:
                patches[member.start] = Patch(member.start, member.end, quote(new, text[member.start : member.end]))
    return patch(text, [patches[at] for at in sorted(patches)]).encode() if patches else message


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_int=float)
    except (ValueError, RecursionError):
        raise WireError("not a JSON object", code="PS501") from None


def _strings(node: Any, place: Place) -> Iterator[str]:
    """The strings at a place of a parsed message. Most messages have none, and need no second look."""
    if not place:
        if isinstance(node, str):
            yield node
        return
    key, *rest = place
    inner: list[Any] = []
    if key == ANY and isinstance(node, list):
        inner = node
    elif isinstance(node, dict) and key in node:
        inner = [node[key]]
    for each in inner:
        yield from _strings(each, tuple(rest))


def string(message: bytes, place: Place) -> str:
    """The string at a place, "" if there is none."""
    try:
        text = message.decode()
        found = next(places(text, place, len(text) - len(text.lstrip(" \t\r\n"))), None)
    except (UnicodeDecodeError, WireError):
        return ""
    return found.value if found is not None and isinstance(found.value, str) else ""
