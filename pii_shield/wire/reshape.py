"""Changes to a server message beyond its leaves: the closed list of what the shield adds or takes away. No I/O."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from .. import jsontext
from ..jsontext import Json, Patch
from ..types import Path
from . import schema

INSTRUCTIONS = (
    "Personal data in this server's output is replaced by tokens such as [EMAIL_7K2QF9M36]. Copy tokens exactly. "
    "The same token always means the same value. Pass tokens to tools as arguments: the tool receives the real value. "
    "Do not ask for the values, and do not guess or reconstruct them."
)
"""At most 60 words (design §1)."""


class Change(NamedTuple):
    """One change: which node it replaces, and what the new node is made from the old one."""

    path: Path
    make: Callable[[Json], Json]


def relaxed(path: Path) -> Change:
    """A tool schema with room for tokens."""
    return Change(path, lambda node: schema.relax(node, is_input=path[-1] == "inputSchema"))


def private(path: Path) -> Change:
    """A rewritten result must not be shared by a cache."""
    return Change(path, lambda _: "private")


def blocked(path: Path, family: str, why: str = "it cannot be searched for personal data") -> Change:
    """Binary content that must not pass gives way to a text that says so."""
    note = f"[{_shown(family)} content withheld by pii_shield: {why}]"

    def make(node: Json) -> Json:
        if "blob" in node:
            return {
                **{k: v for k, v in node.items() if k not in ("blob", "mimeType")},
                "mimeType": "text/plain",
                "text": note,
            }
        return {"type": "text", "text": note}

    return Change(path, make)


def replaced(path: Path, data: str) -> Change:
    """Binary content with other bytes."""
    return Change(path, lambda node: {**node, ("blob" if "blob" in node else "data"): data})


def told(array: Path, notes: Mapping[int, str]) -> Change:
    """A list of content with a text behind each entry that there is something to say of."""

    def make(node: Json) -> Json:
        entries: list[Json] = []
        for index, entry in enumerate(node):
            entries.append(entry)
            if index in notes:
                by_uri = {"uri": entry["uri"], "mimeType": "text/plain"} if "uri" in entry else {"type": "text"}
                entries.append({**by_uri, "text": notes[index]})
        return entries

    return Change(array, make)


def redacted(family: str, what: str) -> str:
    """What is said of binary content in which something was replaced."""
    return f"[personal data replaced in this {_shown(family)} content by pii_shield: {what}]"


def _shown(family: str) -> str:
    return "binary" if family == "other" else family


def without(path: Path, indices: frozenset[int]) -> Change:
    """A list without the entries whose routing name holds a value."""
    return Change(path, lambda node: [entry for index, entry in enumerate(node) if index not in indices])


def instructed(result: Path, given: bool) -> Change:
    """The server's instructions, with our paragraph behind; `given` says whether there are any."""
    if given:
        return Change((*result, "instructions"), lambda node: f"{node}\n\n{INSTRUCTIONS}" if node else INSTRUCTIONS)
    return Change(result, lambda node: {**node, "instructions": INSTRUCTIONS})


def reshape(text: str, changes: Sequence[Change]) -> str:
    """Apply changes; every byte outside the changed nodes stays. Inner changes are made before outer ones."""
    if not changes:
        return text
    tree = jsontext.loads(text)
    outermost: dict[Path, None] = {}
    for change in sorted(changes, key=lambda change: -len(change.path)):
        old = _get(tree, change.path)
        new = change.make(old)
        if new != old:
            tree = _put(tree, change.path, new)
            outermost[change.path] = None
    kept = [p for p in outermost if not any(p != q and p[: len(q)] == q for q in outermost)]
    return _replace_nodes(text, tree, kept)


def _replace_nodes(text: str, tree: Json, paths: Sequence[Path]) -> str:
    wanted = set(paths)
    nodes = jsontext.walk(jsontext.loads(text))
    new = {n.ordinal: jsontext.dumps(_get(tree, n.path)) for n in nodes if not n.is_key and n.path in wanted}
    where = jsontext.spans(text, new.keys())
    return jsontext.patch(text, sorted(Patch(*where[ordinal], raw) for ordinal, raw in new.items()))


def _get(tree: Json, path: Path) -> Json:
    for key in path:
        tree = tree[key]
    return tree


def _put(tree: Json, path: Path, new: Json) -> Json:
    if not path:
        return new
    _get(tree, path[:-1])[path[-1]] = new
    return tree
