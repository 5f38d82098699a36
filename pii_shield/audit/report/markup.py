"""HTML and SVG as text: whatever is put in is escaped, unless it is markup already. No I/O."""

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import Final

MAX_NAME: Final = 64
"""Characters of a name that are shown; the middle of a longer one is left out."""
MAX_TEXT: Final = 600
"""Characters of any text."""
MAX_ATTRIBUTE: Final = 4_000
_STEP: Final = 16
"""Characters of a name after which a line may break."""
_HIDDEN: Final = re.compile(r"[^\S\n ]|[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff\ufe20-\ufe2f]{3,}")


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


class Later:
    """Markup that is made when it is shown: most rows of a long table never are."""

    __slots__ = ("_make", "_text")

    def __init__(self, make: "Callable[[str], Markup]", text: str) -> None:
        self._make, self._text = make, text

    def __call__(self) -> Markup:
        return self._make(self._text)


Child = str | int | Later | Sequence["str | int | Later | None"] | None
"""What an element holds: text, a number, markup, several of them, or nothing."""


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


def name(text: str) -> Later:
    """A name that somebody else chose: short, without tricks, and never mixed with the text around it."""
    return Later(_name, text)


def _name(text: str) -> Markup:
    said = shortened(text)
    if len(said) <= _STEP:
        return element("bdi", said, cls="name")
    pieces = [said[start : start + _STEP] for start in range(0, len(said), _STEP)]
    return element("bdi", Markup("<wbr>".join(map(_piece, pieces))), cls="name")


def shortened(text: str, most: int = MAX_NAME) -> str:
    """A text of bounded length, with its end, where names differ."""
    text = visible(text if len(text) <= 4 * most else text[:most] + text[-most:])
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
    return f" {name}" if value is True else f' {name}="{escape(shortened(str(value), MAX_ATTRIBUTE))}"'


def _piece(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, Later):
        return child()
    if isinstance(child, str | int):
        return escape(shortened(str(child), MAX_TEXT))
    return "".join(map(_piece, child))
