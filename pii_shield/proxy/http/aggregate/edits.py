"""Strings of a message that mean something else on the other side: names, URIs, handles. No I/O.

Only those strings are written anew; every other byte of a message stays.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

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
    patches: dict[int, Patch] = {}
    for place, swap in edits:
        for member in places(text, place, start):
            old = member.value
            new = swap(old) if isinstance(old, str) else None
            if new is not None and new != old:
                patches[member.start] = Patch(member.start, member.end, quote(new, text[member.start : member.end]))
    return patch(text, [patches[at] for at in sorted(patches)]).encode() if patches else message


def string(message: bytes, place: Place) -> str:
    """The string at a place, "" if there is none."""
    try:
        text = message.decode()
        found = next(places(text, place, len(text) - len(text.lstrip(" \t\r\n"))), None)
    except (UnicodeDecodeError, WireError):
        return ""
    return found.value if found is not None and isinstance(found.value, str) else ""
