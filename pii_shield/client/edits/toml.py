"""TOML with spans. `tomllib` says what a text means; this only finds where it is said, and is held to it. No I/O."""

import re
import tomllib
from typing import Any, Final, NamedTuple

from .tree import BadText, Member, Node, line_at

_BLANK: Final = re.compile(r"[ \t]*")
_BLANK_LINES: Final = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_KEY: Final = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_STRING: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")'
    r"|'''.*?'{3,5}(?!')"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_WORD: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:[\d:.Z+-]+|[^\s,\]}#]+")


class _Key(NamedTuple):
    parts: tuple[str, ...]
    start: int
    name_start: int


class _Table:
    """An object while it is being read; TOML may come back to it later."""

    def __init__(self) -> None:
        self.members: dict[str, tuple[_Key, Any]] = {}
        self.tables: list[_Table] = []  # of an array of tables

    def node(self) -> Node:
        members = {}
        for name, (key, content) in self.members.items():
            node = _array_of_tables(content) if isinstance(content, _Table) and content.tables else content
            node = node.node() if isinstance(node, _Table) else node
            members[name] = Member(key.start, key.name_start, node, is_own_line=True)
        return Node({name: member.node.value for name, member in members.items()}, -1, -1, members)


def _array_of_tables(content: _Table) -> Node:
    items = [table.node() for table in content.tables]
    return Node([item.value for item in items], -1, -1, items=items)


def parse(text: str) -> Node:
    """The tree of a whole text. Tables have no span of their own, their values do.

    Raises:
        BadText: what is wrong, and in which line.
    """
    try:
        meant = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise BadText(int(line[1]) if line else line_at(text, len(text)), "this is not TOML") from None
    node = _Reader(text).document()
    if node.value != meant:
        raise BadText(1, "this TOML is written in a way that cannot be edited safely")
    return node


class _Reader:
    """Trusts that the text is TOML, since `tomllib` has read it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def document(self) -> Node:
        root = table = _Table()
        while self._skip(_BLANK_LINES) < len(self._text):
            if self._text[self._at] == "[":
                table = self._header(root)
            else:
                self._pair(table)
        return root.node()

    def _skip(self, blank: re.Pattern[str]) -> int:
        found = blank.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._at

    def _match(self, shape: re.Pattern[str]) -> re.Match[str]:
        found = shape.match(self._text, self._at)
        if found is None:
            raise BadText(line_at(self._text, self._at), "this TOML is written in a way that cannot be edited safely")
        self._at = found.end()
        return found

    def _header(self, root: _Table) -> _Table:
        is_array = self._text.startswith("[[", self._at)
        self._at += 1 + is_array
        key = self._key()
        self._at += 1 + is_array
        table = _opened(root, key, key.parts[:-1])
        here = table.members.setdefault(key.parts[-1], (key, _Table()))[1]
        if is_array:
            here.tables.append(_Table())
        return _latest(here)

    def _key(self) -> _Key:
        parts, start = list[str](), self._skip(_BLANK)
        while True:
            found = self._match(_KEY)
            parts.append(found[0] if found[0][0] not in "\"'" else tomllib.loads(f"v={found[0]}")["v"])
            self._skip(_BLANK)
            if not self._text.startswith(".", self._at):
                return _Key(tuple(parts), start, found.start())
            self._at += 1
            self._skip(_BLANK)

    def _pair(self, table: _Table) -> None:
        key = self._key()
        self._at += 1  # =
        self._skip(_BLANK)
        _opened(table, key, key.parts[:-1]).members[key.parts[-1]] = (key, self._value())

    def _value(self) -> Node:
        opening = self._text[self._at]
        if opening == "[":
            return self._array()
        if opening == "{":
            return self._inline_table()
        found = self._match(_STRING if opening in "\"'" else _WORD)
        return Node(tomllib.loads("v=" + found[0])["v"], found.start(), found.end())

    def _array(self) -> Node:
        start, items = self._at, list[Node]()
        self._at += 1
        while not self._text.startswith("]", self._skip(_BLANK_LINES)):
            items.append(self._value())
            if self._text.startswith(",", self._skip(_BLANK_LINES)):
                self._at += 1
        self._at += 1
        return Node([item.value for item in items], start, self._at, items=items)

    def _inline_table(self) -> Node:
        start, table = self._at, _Table()
        self._at += 1
        while not self._text.startswith("}", self._skip(_BLANK_LINES)):
            self._pair(table)
            if self._text.startswith(",", self._skip(_BLANK_LINES)):
                self._at += 1
        self._at += 1
        node = table.node()
        members = {name: member._replace(is_own_line=False) for name, member in node.members.items()}
        return node._replace(start=start, end=self._at, members=members)


def _opened(table: _Table, key: _Key, parts: tuple[str, ...]) -> _Table:
    """The table under a path of keys, made on the way as TOML does."""
    for part in parts:
        content = table.members.setdefault(part, (key, _Table()))[1]
        if not isinstance(content, _Table):
            raise BadText(1, "this TOML is written in a way that cannot be edited safely")
        table = _latest(content)
    return table


def _latest(table: _Table) -> _Table:
    return table.tables[-1] if table.tables else table
