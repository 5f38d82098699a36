"""What a document says, as its readers give it: texts to search, and the same document without its metadata."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

MAX_BYTES = 16 << 20
"""Largest document that is read."""
MAX_CHARS = 4_000_000
"""Longest text of one document."""


class Unreadable(Exception):
    """A document that is not what it says, is encrypted, damaged, too big, or holds something that is not read."""


class Text(NamedTuple):
    """A stretch of a document.

    Attributes:
        text: what it says.
        fixed: whether nothing can be put in its place.
        name: what the document calls it, such as a column's header; "" if nothing.
    """

    text: str
    fixed: bool = False
    name: str = ""


class Mark(NamedTuple):
    """What to replace: a span of one text, by its number, and what to write there."""

    text: int
    start: int
    end: int
    new: str


class Kind(NamedTuple):
    """How one kind of document is read.

    Attributes:
        read: its texts, always the same ones in the same order.
        write: the document without metadata and with marks in place; no mark may be in a text that is fixed.
    """

    read: Callable[[bytes], list[Text]]
    write: Callable[[bytes, Sequence[Mark]], bytes]


Kinds = Mapping[str, Kind]


def by_text(marks: Sequence[Mark]) -> dict[int, list[Mark]]:
    """The marks of each text, in order."""
    found: dict[int, list[Mark]] = {}
    for mark in sorted(marks):
        found.setdefault(mark.text, []).append(mark)
    return found


def checked(texts: list[Text]) -> list[Text]:
    """The texts, if they are not too long together: else Unreadable."""
    if sum(len(one.text) for one in texts) > MAX_CHARS:
        raise Unreadable
    return texts
