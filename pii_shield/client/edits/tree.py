"""Where things stand in a configuration file: values with the span of text that says them. No I/O.

All formats give the same tree, so that one editor serves them all.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from ...errors import ConfigError


class BadText(ConfigError):
    """A text is not what its format allows. `line` counts from 1; the message never quotes the text."""

    code = "PS320"

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: {what}", fix="correct that line; nothing was written")
        self.line = line
        self.what = what


class Node(NamedTuple):
    """One value.

    Attributes:
        value: plain Python data.
        start, end: its span in the text, without comments around it; start is -1 if it has no span of its own (a YAML
            alias) and must not be edited.
        members: of an object, by key.
        items: of an array.
        is_block: a YAML sequence with a dash per item.
    """

    value: Any
    start: int
    end: int
    members: "Mapping[str, Member]" = MappingProxyType({})
    items: "Sequence[Node]" = ()
    is_block: bool = False


class Member(NamedTuple):
    """One key of an object.

    Attributes:
        start: where the key begins, with what stands before it in dotted TOML keys.
        name_start: where its last part begins.
        node: its value.
        is_own_line: members of this object stand on lines of their own, without commas (TOML tables, YAML blocks).
    """

    start: int
    name_start: int
    node: Node
    is_own_line: bool = False


def line_at(text: str, index: int) -> int:
    """The line of a position, from 1."""
    return text.count("\n", 0, index) + 1


def look_up(node: Node, path: Sequence[str]) -> Node | None:
    """The value under a path of keys, None if there is none."""
    for key in path:
        if key not in node.members:
            return None
        node = node.members[key].node
    return node
