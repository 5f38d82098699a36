"""The servers that a client's file holds, and what each is: protected, not protected, and why. No I/O."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Final, NamedTuple

from ..edits.document import Document
from ..edits.tree import Node, look_up
from . import wrapper
from .places import Place
from .table import ANY, Shape, Spot

REMOTE_KEYS: Final = ("url", "serverUrl", "httpUrl", "uri")


class State(Enum):
    """What a server is, in the words that people see."""

    PROTECTED = "protected"
    OPEN = "not protected"
    OFF = "disabled"
    BUILT_IN = "built in"


class Entry(NamedTuple):
    """One server of a file.

    Attributes:
        name: as the client calls it.
        address: keys to its container, then its name: what it is called in the journal.
        kind: "user", "local" or "project", as in the table.
        node: what the file says of it.
        shape: where its command line stands.
        argv: program and arguments; empty for a server without a command.
        wrap: the shield in `argv`.
        scope: the set of tokens that it shares with the client's other servers.
        state, why: for people.
        can_wrap: whether the shield can be put in front of it here.
    """

    name: str
    address: tuple[str, ...]
    kind: str
    node: Node
    shape: Shape
    argv: tuple[str, ...]
    wrap: wrapper.Wrap | None
    scope: str
    state: State
    why: str
    can_wrap: bool


def entries(place: Place, document: Document, is_file: Callable[[str], bool]) -> list[Entry]:
    """All servers of one place.

    Args:
        is_file: whether a program is there; one that is gone protects nothing.
    """
    return [
        _entry(place, spot, container, name, node, is_file)
        for spot in place.spots
        for container, servers in _containers(document.root, spot.servers)
        for name, node in _named(servers)
    ]


def _scope(place: Place, spot: Spot, container: tuple[str, ...]) -> str:
    """One scope for each client, and for each project that the client names."""
    folder = str(place.project or "")
    if ANY in spot.servers:
        folder = container[spot.servers.index(ANY)]
    return f"{place.client.name}/{_project_name(folder)}" if folder else place.client.name


def _project_name(folder: str) -> str:
    parts = [part for part in re.split(r"[/\\]", folder) if part]
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", parts[-1] if parts else "").strip("-.")[:40]
    return f"{name or 'project'}-{hashlib.sha256(folder.encode()).hexdigest()[:8]}"


def _containers(root: Node, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Node]]:
    if ANY not in path:
        node = look_up(root, path)
        if node is not None:
            yield path, node
        return
    at = path.index(ANY)
    outer = look_up(root, path[:at])
    for key, member in (outer.members if outer else {}).items():
        for rest, node in _containers(member.node, path[at + 1 :]):
            yield (*path[:at], key, *rest), node


def _named(servers: Node) -> Iterator[tuple[str, Node]]:
    """Servers by name, from an object, or from a list of objects that have a name."""
    yield from ((name, member.node) for name, member in servers.members.items())
    for item in servers.items:
        if isinstance(item.value, dict) and isinstance(item.value.get("name"), str):
            yield item.value["name"], item


def _entry(
    place: Place, spot: Spot, container: tuple[str, ...], name: str, node: Node, is_file: Callable[[str], bool]
) -> Entry:
    shape, argv = _command_line(place.client.shapes, node)
    said = _Said(node.value if isinstance(node.value, dict) else {}, node, shape, argv, wrapper.find(argv))
    state, why, can_wrap = _judged(said, place.client.built_in, is_file)
    if state is not State.BUILT_IN and (said.keys.get("disabled") is True or said.keys.get("enabled") is False):
        state, why = State.OFF, "; ".join(filter(None, (f"{state.value} when switched on", why)))
    scope = _scope(place, spot, container)
    return Entry(name, (*container, name), spot.kind, node, shape, argv, said.wrap, scope, state, why, can_wrap)


class _Said(NamedTuple):
    """What a file says of one server."""

    keys: Mapping[str, Any]
    node: Node
    shape: Shape
    argv: tuple[str, ...]
    wrap: wrapper.Wrap | None


def _command_line(shapes: tuple[Shape, ...], node: Node) -> tuple[Shape, tuple[str, ...]]:
    for shape in shapes:
        command = look_up(node, shape.command)
        if command is None:
            continue
        if not shape.args and command.items:
            return shape, tuple(str(item) for item in command.value)
        if shape.args and isinstance(command.value, str) and command.value:
            args = look_up(node, shape.args)
            return shape, (command.value, *(str(item.value) for item in (args.items if args else ())))
    return shapes[0], ()


def _judged(said: _Said, built_in: frozenset[str], is_file: Callable[[str], bool]) -> tuple[State, str, bool]:
    """State, the reason in words, and whether the shield can be put in front."""
    wrap = said.wrap
    if said.keys.get("type") in built_in:
        return State.BUILT_IN, "runs inside the client", False
    if not said.argv:
        remote = any(isinstance(said.keys.get(key), str) for key in REMOTE_KEYS)
        return State.OPEN, _REMOTE if remote else "it has no command that could be read", False
    if wrap and not wrap.is_ours:
        return State.OPEN, f"{wrap.through} runs another's package named pii-shield", False
    if wrap and wrap.through:
        return State.PROTECTED, f"by hand, through {wrap.through}", False
    if wrap and Path(wrap.program).is_absolute() and not is_file(wrap.program):
        return State.OPEN, "its pii-shield is gone; install again", True
    if wrap:
        return State.PROTECTED, "", False
    odd = _oddity(said, is_file)
    return State.OPEN, odd, not odd


_REMOTE: Final = "remote: only servers with a command can be wrapped"


def _oddity(said: _Said, is_file: Callable[[str], bool]) -> str:
    """Why a command line cannot be taken apart and put together again, or ""."""
    command = look_up(said.node, said.shape.command)
    args = look_up(said.node, said.shape.args) if said.shape.args else None
    if command is None or command.start < 0 or (args is not None and args.start < 0):
        return "its command is a YAML alias"
    if args is not None and not isinstance(args.value, list):
        return "its args are not a list"
    if re.search(r"\s", said.argv[0]) and not is_file(said.argv[0]):
        return "its command holds arguments too; put them into args"
    return ""
