"""All clients' files of this machine, read: what is there, what is protected, and what should change."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from ...errors import ConfigError
from ..edits.document import Document, format_of, read
from ..edits.tree import BadText
from . import files
from .entries import Entry, State, entries
from .journal import Journal
from .places import Machine, Place, found, named
from .plan import Plan, install, uninstall
from .table import BY_NAME, CLIENTS, Client


class Selection(NamedTuple):
    """What the user asked for.

    Attributes:
        clients: rows of the table.
        servers: names; empty: all.
        with_projects: project files too.
        file: the one file to look at, in place of the usual ones.
    """

    clients: tuple[Client, ...] = CLIENTS
    servers: frozenset[str] = frozenset()
    with_projects: bool = False
    file: Path | None = None

    def wants(self, entry: Entry) -> bool:
        """Whether a server is meant."""
        return not self.servers or entry.name in self.servers


class Seen(NamedTuple):
    """One file: what it holds, or why it cannot be read."""

    place: Place
    document: Document | None
    entries: tuple[Entry, ...]
    fault: ConfigError | None = None


def look(machine: Machine, selection: Selection) -> list[Seen]:
    """Every file that is meant and there."""
    if selection.file:
        return [_seen(named(machine, selection.clients[0], selection.file))]
    return [_seen(place) for place in found(machine, selection.clients)]


def look_back(machine: Machine, selection: Selection, journal: Journal) -> list[Seen]:
    """The same, and all files that were changed before, wherever they are."""
    seen = look(machine, selection)
    known = {one.place.path.resolve() for one in seen}
    clients = {client.name: client for client in selection.clients}
    for step in () if selection.file else journal.steps():
        path = Path(step.path)
        if path not in known and step.client in clients and path.is_file():
            known.add(path)
            seen.append(_seen(named(machine, BY_NAME[step.client], path)))
    return seen


def to_install(seen: Seen, selection: Selection, launcher: Sequence[str], scope: str) -> Plan | None:
    """The plan that protects what can be protected in a file; None if there is nothing to do.

    Raises:
        ConfigError: it cannot be done safely.
    """
    chosen = [entry for entry in seen.entries if entry.can_wrap and is_chosen(entry, selection)]
    if seen.document is None or not chosen:
        return None
    return install(seen.place, seen.document, chosen, launcher, scope)


def to_uninstall(seen: Seen, selection: Selection, journal: Journal) -> Plan | None:
    """The plan that takes the shield out of a file; None if there is nothing to do.

    A file that is as installing left it gets its old bytes back; in another one each entry is put together again.

    Raises:
        ConfigError: it cannot be done safely.
    """
    chosen = [entry for entry in seen.entries if entry.wrap and entry.wrap.length and selection.wants(entry)]
    if seen.document is None or not chosen:
        return None
    plan = uninstall(seen.place, seen.document, chosen, journal.added(seen.place.path))
    if selection.servers:
        return plan
    original = journal.original(seen.place.path, plan.before)
    return plan if is_wrapped(seen.place, original) else plan._replace(after=original)


def is_chosen(entry: Entry, selection: Selection) -> bool:
    """Whether installing is to touch a server: one of a committed file only if asked to."""
    return selection.wants(entry) and (entry.kind != "project" or selection.with_projects)


def exposed(seen: Iterable[Seen]) -> list[tuple[Place, Entry]]:
    """Every server that a client starts and nothing protects."""
    return [(one.place, entry) for one in seen for entry in one.entries if entry.state is State.OPEN]


def is_wrapped(place: Place, content: bytes) -> bool:
    held = read(content, format_of(place.path))
    return any(entry.wrap and entry.wrap.length for entry in entries(place, held, _is_file))


def _seen(place: Place) -> Seen:
    try:
        document = read(files.read(place.path), format_of(place.path))
    except BadText as bad:
        return Seen(place, None, (), ConfigError(f"{place.path}, {bad}", code=bad.code, fix=bad.fix))
    except ConfigError as error:
        return Seen(place, None, (), ConfigError(f"{place.path}: {error}", code=error.code, fix=error.fix))
    return Seen(place, document, tuple(entries(place, document, _is_file)))


def _is_file(program: str) -> bool:
    return Path(program).is_file()
