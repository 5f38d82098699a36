"""HTML and SVG as text: whatever is put in is escaped, unless it is markup already. No I/O."""

import re
from html import escape
from typing import Final

MAX_NAME: Final = 64
"""Characters of a name that are shown; the middle of a longer one is left out."""
_HIDDEN: Final = re.compile(r"[^\S\n ]|[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff\ufe20-\ufe2f]{3,}")


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


Child = str | int | None | list["Markup"] | tuple["Markup", ...]
"""What an element holds: text, a number, markup, several pieces of it, or nothing."""


def element(tag: str, *children: Child, **attributes: object) -> Markup:
    """One element.

    Args:
        children: text is escaped; None is nothing.
        attributes: `cls` is class, `_` is `-`; None and False leave one out, True has no value.
    """
    said = "".join(_attribute(name, value) for name, value in attributes.items() if value not in (None, False))
    return Markup(f"<{tag}{said}>{join(*children)}</{tag}>")


def join(*children: Child) -> Markup:
    """Pieces one after the other."""
    return Markup("".join(map(_piece, children)))


def name(text: object) -> Markup:
    """A name that somebody else chose: short, without tricks, and never mixed with the text around it."""
    return element("bdi", shortened(str(text)), cls="name")


def shortened(text: str, most: int = MAX_NAME) -> str:
    """A text of bounded length, with its end, where names differ."""
    text = visible(text)
    if len(text) <= most:
        return text
    tail = most // 3
    return f"{text[: most - tail - 1]}…{text[-tail:]}"


def visible(text: str) -> str:
    """A text in which nothing acts unseen: controls and marks that turn the direction are spelled out."""
    if text.isascii() and text.isprintable():
        return text
    text = _HIDDEN.sub(" ", text)
    return "".join(char if char.isprintable() or char == "\n" else f"<U+{ord(char):04X}>" for char in text)


def _attribute(name: str, value: object) -> str:
    name = "class" if name == "cls" else name.replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(visible(str(value)))}"'


def _piece(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, list | tuple):
        return "".join(map(_piece, child))
    return escape(visible(str(child)))
