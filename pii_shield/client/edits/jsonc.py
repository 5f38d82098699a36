"""JSON as people write it: comments, trailing commas, a byte order mark. No I/O."""

import json
import re
from typing import Any, Final

from .tree import BadText, Member, Node, line_at

MAX_DEPTH: Final = 100

_BLANK: Final = re.compile(r"(?:[ \t\r\n]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING: Final = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_WORD: Final = re.compile(r"-?[A-Za-z0-9.+-]+")


def parse(text: str) -> Node:
    """The tree of a whole text; an empty one is an empty object.

    Raises:
        BadText: what is wrong, and in which line.
    """
    reader = _Reader(text)
    if reader.at == len(text):
        return Node({}, 0, 0)
    node = reader.value(0)
    if reader.at != len(text):
        raise reader.bad("something follows the end of the value")
    return node


class _Reader:
    """A position that moves through the text, always past blanks and comments."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.at = 0
        self._skip(0)

    def value(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self.bad("nested too deeply")
        opening = self._text[self.at : self.at + 1]
        if opening == "{":
            return self._object(depth)
        if opening == "[":
            return self._array(depth)
        return self._scalar(_STRING if opening == '"' else _WORD)

    def bad(self, what: str) -> BadText:
        return BadText(line_at(self._text, self.at), what)

    def _skip(self, to: int) -> None:
        found = _BLANK.match(self._text, to)
        self.at = found.end() if found else to

    def _takes(self, mark: str) -> bool:
        if not self._text.startswith(mark, self.at):
            return False
        self._skip(self.at + 1)
        return True

    def _object(self, depth: int) -> Node:
        start, members = self.at, dict[str, Member]()
        self._takes("{")
        while not self._text.startswith("}", self.at):
            key = self._scalar(_STRING, "expected a key in double quotes or }")
            if key.value in members:
                raise BadText(line_at(self._text, key.start), "a key stands twice in one object")
            if not self._takes(":"):
                raise self.bad("expected : after a key")
            members[key.value] = Member(key.start, key.start, self.value(depth + 1))
            if not self._takes(",") and not self._text.startswith("}", self.at):
                raise self.bad("expected , or }")
        self._skip(end := self.at + 1)
        return Node({key: member.node.value for key, member in members.items()}, start, end, members)

    def _array(self, depth: int) -> Node:
        start, items = self.at, list[Node]()
        self._takes("[")
        while not self._text.startswith("]", self.at):
            items.append(self.value(depth + 1))
            if not self._takes(",") and not self._text.startswith("]", self.at):
                raise self.bad("expected , or ]")
        self._skip(end := self.at + 1)
        return Node([item.value for item in items], start, end, items=items)

    def _scalar(self, shape: re.Pattern[str], expected: str = "expected a value") -> Node:
        found = shape.match(self._text, self.at)
        if found is None:
            raise self.bad("the text ends too early" if self.at == len(self._text) else expected)
        value = self._loaded(found[0])
        start = self.at
        self._skip(found.end())
        return Node(value, start, found.end())

    def _loaded(self, literal: str) -> Any:
        try:
            return json.loads(literal)
        except ValueError:
            raise self.bad("expected a value") from None
