"""Writing into the user's config.toml which servers are trusted; everything else in it stays. No I/O."""

import copy
import re
from collections.abc import Sequence

from ...errors import ConfigError
from ..edits import span
from ..edits.document import TOML, Document, read
from ..edits.tree import BadText, Node, look_up


def mentioned(content: bytes) -> frozenset[str]:
    """Servers of which the file says anything.

    Raises:
        BadText: it is not TOML.
    """
    servers = look_up(read(content, TOML).root, ("servers",))
    return frozenset(servers.members if servers else ())


def with_trusted(content: bytes, names: Sequence[str]) -> bytes:
    """The file with `trusted = true` for each of these servers.

    Raises:
        BadText: it is not TOML.
        ConfigError: it is written in a way that does not allow it.
    """
    document = read(content, TOML)
    for name in names:
        document = _trusting(document, name)
    return document.data()


def _trusting(document: Document, name: str) -> Document:
    expected = copy.deepcopy(document.value)
    expected.setdefault("servers", {}).setdefault(name, {})["trusted"] = True
    try:
        changed = document.with_text(span.apply(document.text, [_edit(document, name)]))
    except BadText:
        changed = document
    if changed.value != expected:
        raise ConfigError(
            f"config.toml is written in a way that does not allow to trust {name}",
            code="PS323",
            fix=f"write it by hand: [servers.{name}] trusted = true",
        )
    return changed


def _edit(document: Document, name: str) -> span.Edit:
    text, line = document.text, span.newline(document.text)
    server = look_up(document.root, ("servers", name))
    if server is None:
        key = name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else span.literal(name)
        gap = "" if not text else line if text.endswith("\n") else 2 * line
        return span.Edit(len(text), len(text), f"{gap}[servers.{key}]{line}trusted = true{line}")
    if "trusted" in server.members:
        node = server.members["trusted"].node
        return span.Edit(node.start, node.end, "true")
    if server.members:
        first = min(server.members.values(), key=lambda member: member.start)
        return span.insert_before(document, first, "trusted", "true")
    return _into_empty(document, server, name)


def _into_empty(document: Document, server: Node, name: str) -> span.Edit:
    if server.start >= 0:
        return span.Edit(server.start, server.end, "{ trusted = true }")
    header = document.root.members["servers"].node.members[name].start
    end = document.text.find("\n", header) + 1 or len(document.text)
    before = "" if document.text[:end].endswith("\n") else span.newline(document.text)
    return span.Edit(end, end, f"{before}trusted = true{span.newline(document.text)}")
