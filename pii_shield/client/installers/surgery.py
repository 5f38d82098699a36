"""One server: the edits that put the shield in front of its command line, and the exact inverse. No I/O.

Words are inserted before the arguments and the program's own literal is copied among them, so everything needed to
undo it stands after the "--" of the new command line, spelled as it was.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from ..edits import span
from ..edits.document import Document
from ..edits.tree import Member, Node, look_up
from .entries import Entry
from .table import Client

GONE: Final = object()
"""In `Step.said`: the key is no longer there."""


class Change(NamedTuple):
    """One server before and after, for people.

    Attributes:
        before, after: program and arguments.
        limit: start-up limit that is set or taken away with it, None if neither.
    """

    entry: Entry
    before: tuple[str, ...]
    after: tuple[str, ...]
    limit: tuple[str, int] | None = None


class Step(NamedTuple):
    """What to do to one entry.

    Attributes:
        edits: changes to the text.
        said: what the entry says afterwards, by path of keys; the text is held to it.
        added: keys that it did not have before.
    """

    change: Change
    edits: tuple[span.Edit, ...]
    said: Mapping[tuple[str, ...], Any]
    added: tuple[str, ...] = ()


def wrap(client: Client, document: Document, entry: Entry, words: Sequence[str]) -> Step:
    """Put words in front of a command line."""
    member = _command(entry)
    command = member.node
    change = Change(entry, entry.argv, (*words, *entry.argv))
    literals = [span.literal(word) for word in words]
    if not entry.shape.args:
        said: dict[tuple[str, ...], Any] = {entry.shape.command: [*words, *command.value]}
        return Step(change, (span.prepend(document, command, literals),), said)
    args = look_up(entry.node, entry.shape.args)
    literals[1:] = [*literals[1:], span.raw(document, command)]
    said = {entry.shape.command: words[0], entry.shape.args: [*words[1:], command.value, *(args.value if args else ())]}
    new = {} if args else {entry.shape.args[-1]: span.array_of(literals[1:])}
    limit = _missing_limit(client, entry)
    if limit:
        new[limit[0]] = str(limit[1])
        said[(limit[0],)] = limit[1]
    edits = [span.Edit(command.start, command.end, literals[0]), *_inserted(document, member, new)]
    if args:
        edits.append(span.prepend(document, args, literals[1:]))
    return Step(change._replace(limit=limit), tuple(edits), said, tuple(new))


def unwrap(client: Client, document: Document, entry: Entry, added: Sequence[str]) -> Step:
    """Take the shield's words away.

    Args:
        added: keys that wrapping put in; they go too, if they are as it left them.
    """
    length = entry.wrap.length if entry.wrap else 0
    command = _command(entry).node
    change = Change(entry, entry.argv, entry.argv[length:])
    if not entry.shape.args:
        return Step(change, (span.drop_first(command, length),), {entry.shape.command: command.value[length:]})
    args = look_up(entry.node, entry.shape.args)
    if args is None:
        raise ValueError("a wrapped server has arguments")
    program = args.items[length - 1]
    said: dict[tuple[str, ...], Any] = {entry.shape.command: program.value, entry.shape.args: args.value[length:]}
    edits = {"": span.Edit(command.start, command.end, span.raw(document, program))}
    as_left = {entry.shape.args[-1]: args.value[:length]} | dict([client.start_up] if client.start_up else [])
    parent = _parent(entry)
    for name in added:
        edit = span.remove(document, parent, name) if name in as_left else None
        if edit and parent.members[name].node.value == as_left[name]:
            edits[name] = edit
            said[(*entry.shape.args[:-1], name)] = GONE
    if entry.shape.args[-1] not in edits:
        edits["args"] = span.drop_first(args, length)
    limit = client.start_up if client.start_up and client.start_up[0] in edits else None
    return Step(change._replace(limit=limit), tuple(edits.values()), said)


def _missing_limit(client: Client, entry: Entry) -> tuple[str, int] | None:
    limit = client.start_up
    return limit if limit and not {limit[0], "startup_timeout_ms"} & entry.node.members.keys() else None


def _inserted(document: Document, member: Member, new: Mapping[str, str]) -> list[span.Edit]:
    text = "".join(span.insert_before(document, member, name, content).text for name, content in new.items())
    return [span.Edit(member.start, member.start, text)] if text else []


def _parent(entry: Entry) -> Node:
    return look_up(entry.node, entry.shape.command[:-1]) or entry.node


def _command(entry: Entry) -> Member:
    return _parent(entry).members[entry.shape.command[-1]]
