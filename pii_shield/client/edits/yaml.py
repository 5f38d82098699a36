"""YAML with spans, from ruamel.yaml's marks; it is imported only when such a file is there. No I/O."""

from typing import Any, Final

from ...errors import ConfigError
from .tree import BadText, Member, Node

MAX_DEPTH: Final = 100

_WORDS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}


def parse(text: str) -> Node:
    """The tree of a whole text; an empty one is an empty object. Scalars that are no strings, booleans or nulls keep
    their tag, which is enough to compare them.

    Raises:
        BadText: what is wrong, and in which line.
        ConfigError: ruamel.yaml is not installed.
    """
    try:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError, YAMLError
    except ImportError:
        raise ConfigError(
            "this file is YAML, and reading it needs the package ruamel.yaml",
            code="PS327",
            fix="install pii-shield-mcp[yaml]",
        ) from None
    try:
        root = YAML(typ="rt", pure=True).compose(text)
    except MarkedYAMLError as error:
        raise BadText(error.problem_mark.line + 1 if error.problem_mark else 1, "this is not YAML") from None
    except YAMLError:
        raise BadText(1, "this is not YAML") from None
    return Node({}, 0, 0) if root is None else _Converter().node(root, 0)


class _Converter:
    """Turns composed nodes into ours; one seen before is an alias and has no span of its own."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def node(self, node: Any, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise BadText(node.start_mark.line + 1, "nested too deeply")
        made = self._made(node, depth)
        if id(node) in self._seen:
            return _without_span(made)
        self._seen.add(id(node))
        return made

    def _made(self, node: Any, depth: int) -> Node:
        start, end = node.start_mark.index, node.end_mark.index
        if node.id == "mapping":
            return self._mapping(node, start, end, depth)
        if node.id == "sequence":
            items = [self.node(item, depth + 1) for item in node.value]
            is_block = not node.flow_style
            end = max((item.end for item in items), default=end) if is_block else end
            return Node([item.value for item in items], start, end, items=items, is_block=is_block)
        return Node(_scalar(node), start, end)

    def _mapping(self, node: Any, start: int, end: int, depth: int) -> Node:
        members: dict[str, Member] = {}
        for key, value in node.value:
            if key.id != "scalar":
                raise BadText(key.start_mark.line + 1, "a key is not a text")
            if key.value in members:
                raise BadText(key.start_mark.line + 1, "a key stands twice in one object")
            at = key.start_mark.index
            members[key.value] = Member(at, at, self.node(value, depth + 1), is_own_line=not node.flow_style)
        if not node.flow_style:
            end = max((member.node.end for member in members.values()), default=end)
        return Node({name: member.node.value for name, member in members.items()}, start, end, members)


def _without_span(node: Node) -> Node:
    return Node(node.value, -1, -1)


def _scalar(node: Any) -> Any:
    tag = str(node.tag).rpartition(":")[2]
    if tag == "str":
        return node.value
    if tag in ("bool", "null"):
        return _WORDS.get(node.value.lower(), (tag, node.value))
    return (tag, node.value)
