"""What would change in one file, computed and proven before anything is written. No I/O."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ...errors import ConfigError
from ..edits import span
from ..edits.document import Document
from ..edits.tree import BadText
from . import surgery, wrapper
from .entries import Entry, entries
from .places import Place
from .surgery import Change, Step

Added = Mapping[tuple[str, ...], tuple[str, ...]]
"""By a server's address: the keys that installing put into its entry."""


class Plan(NamedTuple):
    """A file's content before and after.

    Attributes:
        added: what the journal must know to undo this when the file has changed meanwhile.
    """

    place: Place
    before: bytes
    after: bytes
    changes: tuple[Change, ...]
    added: Added


def install(place: Place, document: Document, chosen: Sequence[Entry], launcher: Sequence[str], scope: str) -> Plan:
    """Put the shield in front of the chosen servers. Where its program is gone, another one takes its place.

    Args:
        launcher: the absolute command that starts the shield.
        scope: set of tokens for all of them; "" for the client's own.

    Raises:
        ConfigError: the file is written in a way that does not allow it, or that could not be undone exactly.
    """
    bare = _changed(document, [surgery.unwrap(place.client, document, entry, ()) for entry in chosen if entry.wrap])
    old = {entry.address: entry for entry in chosen}
    steps = []
    for entry in _same(place, bare, chosen):
        words = _words(old[entry.address], launcher, scope or entry.scope)
        steps.append(surgery.wrap(place.client, bare, entry, words))
    after = _changed(bare, steps)
    added = {step.change.entry.address: step.added for step in steps if step.added}
    undone = uninstall(place, after, _same(place, after, chosen), added)
    if undone.after != bare.data():
        raise _unsafe(steps)
    changes = (step.change._replace(before=old[step.change.entry.address].argv) for step in steps)
    return Plan(place, document.data(), after.data(), tuple(changes), added)


def uninstall(place: Place, document: Document, chosen: Sequence[Entry], added: Added) -> Plan:
    """Take the shield away from the chosen servers; all that is needed stands after its "--".

    Raises:
        ConfigError: the file is written in a way that does not allow it.
    """
    steps = [surgery.unwrap(place.client, document, entry, added.get(entry.address, ())) for entry in chosen]
    after = _changed(document, steps)
    return Plan(place, document.data(), after.data(), tuple(step.change for step in steps), {})


def _words(entry: Entry, launcher: Sequence[str], scope: str) -> tuple[str, ...]:
    """The shield's words; those of an entry that had some already keep their options."""
    if entry.wrap is None:
        return wrapper.words(launcher, entry.name, scope)
    own = entry.argv[: entry.wrap.length]
    return (*launcher, *own[own.index("run") :])


def _same(place: Place, document: Document, chosen: Sequence[Entry]) -> list[Entry]:
    """The same servers in a changed text."""
    addresses = {entry.address for entry in chosen}
    return [entry for entry in entries(place, document, lambda _: True) if entry.address in addresses]


def _changed(document: Document, steps: Sequence[Step]) -> Document:
    """The document with all steps made, proven to say what they meant and nothing else."""
    text = span.apply(document.text, [edit for step in steps for edit in step.edits])
    expected = copy.deepcopy(document.value)
    for step in steps:
        _say(_entry_of(expected, step.change.entry.address), step.said)
    try:
        changed = document.with_text(text)
    except BadText:
        raise _unsafe(steps) from None
    if changed.value != expected:
        raise _unsafe(steps)
    return changed


def _entry_of(value: Any, address: tuple[str, ...]) -> dict[str, Any]:
    for key in address[:-1]:
        value = value[key]
    if isinstance(value, list):
        value = {item["name"]: item for item in reversed(value) if isinstance(item, dict) and "name" in item}
    found: dict[str, Any] = value[address[-1]]
    return found


def _say(entry: dict[str, Any], said: Mapping[tuple[str, ...], Any]) -> None:
    for path, value in said.items():
        target = entry
        for key in path[:-1]:
            target = target[key]
        if value is surgery.GONE:
            del target[path[-1]]
        else:
            target[path[-1]] = value


def _unsafe(steps: Sequence[Step]) -> ConfigError:
    names = ", ".join(step.change.entry.name for step in steps)
    return ConfigError(
        f"the entries of these servers are written in a way that cannot be changed safely: {names}",
        code="PS323",
        fix="write command and args plainly, or leave these out: --server NAME",
    )
