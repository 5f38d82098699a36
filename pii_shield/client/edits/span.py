"""Changes to a text by span; every byte outside of them stays, and each change has an exact inverse. No I/O."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .document import Document
from .tree import Member, Node


class Edit(NamedTuple):
    """text[start:end] becomes `text`."""

    start: int
    end: int
    text: str


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made; their positions are those of the unchanged text, and they do not overlap."""
    pieces, at = list[str](), 0
    for edit in sorted(edits):
        if edit.start < at:
            raise ValueError("edits overlap")
        pieces += (text[at : edit.start], edit.text)
        at = edit.end
    return "".join((*pieces, text[at:]))


def literal(value: str) -> str:
    """A string as all three formats write it."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def array_of(literals: Sequence[str]) -> str:
    """A new array on one line."""
    return f"[{', '.join(literals)}]"


def raw(document: Document, node: Node) -> str:
    """How a value is written, so that it can be put back exactly."""
    return document.text[node.start : node.end]


def prepend(document: Document, array: Node, literals: Sequence[str]) -> Edit:
    """Put items in front of an array's own."""
    if not array.items:
        at = array.start + 1
        return Edit(at, at, ", ".join(literals))
    at = array.items[0].start
    between = _new_item(document, at) if array.is_block else ", "
    return Edit(at, at, "".join(item + between for item in literals))


def drop_first(array: Node, count: int) -> Edit:
    """Take the first items of an array away: the inverse of `prepend`."""
    first = array.items[0].start
    if len(array.items) > count:
        return Edit(first, array.items[count].start, "")
    if array.is_block:
        return Edit(array.start, array.end, " []")  # deeper than its key, which a block need not be
    return Edit(first, array.items[-1].end, "")


def insert_before(document: Document, member: Member, name: str, content: str) -> Edit:
    """Put a new key in front of another one of the same object."""
    at = member.start
    prefix = document.text[member.start : member.name_start]
    return Edit(at, at, f"{prefix}{document.format.key(name)}{content}{_new_member(document, member)}")


def remove(document: Document, parent: Node, name: str) -> Edit | None:
    """Take a key away that stands right in front of another one: the inverse of `insert_before`.

    Returns:
        None if it is not there, is the last one, or something was put behind it.
    """
    mine = parent.members.get(name)
    later = sorted(member.start for member in parent.members.values() if mine and member.start > mine.start)
    if mine is None or not later or mine.node.start < 0:
        return None
    between = document.text[mine.node.end : later[0]]
    return Edit(mine.start, later[0], "") if re.fullmatch(r"\s*,?\s*", between) else None


def newline(text: str) -> str:
    """How the file ends its lines."""
    return "\r\n" if "\r\n" in text else "\n"


def _new_item(document: Document, at: int) -> str:
    """What begins a further item of a YAML block sequence: a line up to the dash and the blanks after it."""
    line = document.text[document.text.rfind("\n", 0, at) + 1 : at]
    dash = line.rfind("-")
    return newline(document.text) + re.sub(r"\S", " ", line[:dash]) + line[dash:]


def _new_member(document: Document, member: Member) -> str:
    """What stands between two keys, as this object has it: a comma, a new line, or both."""
    line = document.text[document.text.rfind("\n", 0, member.start) + 1 : member.start]
    if member.is_own_line:
        return newline(document.text) + re.sub(r"\S", " ", line)
    return ", " if line.strip() else f",{newline(document.text)}{line}"
