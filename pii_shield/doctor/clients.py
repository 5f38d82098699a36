"""The clients of this machine: their files, what is protected in them, and whether they could start it."""

import os
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from .. import paths
from ..client.installers import places, show, survey
from ..client.installers.entries import Entry, State
from ..client.installers.journal import Journal
from ..client.installers.survey import Seen, Selection
from ..client.installers.table import CLIENTS
from .line import Line, Patient, fail, ok, short, warn

BARE_PATH: Final = "/usr/bin:/bin:/usr/sbin:/sbin"
"""What a program that a person clicks on has on macOS."""
_ENVIRONMENTS: Final = ("env", "environment", "envs")


def files(patient: Patient) -> Iterator[Line]:
    """Every client's servers."""
    seen = look(patient)
    if not seen:
        yield warn("clients", "no MCP client has a file here", fix="pii-shield print CLIENT shows what to paste")
    by_client: dict[str, list[Seen]] = defaultdict(list)
    for one in seen:
        by_client[one.place.client.title].append(one)
    for title, group in by_client.items():
        for one in group:
            if one.fault:
                yield fail(title, str(one.fault), "what its servers are cannot be told", one.fault.fix)
        yield from _servers(title, [entry for one in group for entry in one.entries], group)


def _servers(title: str, entries: list[Entry], group: list[Seen]) -> Iterator[Line]:
    protected = sum(entry.state is State.PROTECTED for entry in entries)
    bare = [entry for entry in entries if entry.state is State.OPEN]
    if not any(one.fault for one in group) or entries:
        yield ok(title, f"{show.count(protected, 'server')} protected", group[0].place.client.beyond)
    for entry in bare:
        name = show.printable(entry.name)
        yield warn(title, f"{name} is NOT PROTECTED", entry.why or _OPEN, _way_out(entry))


_OPEN: Final = "nothing stands before it"


def _way_out(entry: Entry) -> str:
    if not entry.can_wrap:
        is_remote = entry.why.startswith("remote")
        return "by hand: pii-shield run --url URL in its place" if is_remote else "not from here; do without it"
    return "pii-shield install --project, if all who share the file have it" if entry.kind == "project" else INSTALL


INSTALL: Final = "pii-shield install"


def hidden(patient: Patient) -> Iterator[Line]:
    """Servers of plugins and extensions, before which nothing can be put from outside."""
    for client in CLIENTS:
        found = places.hidden(patient.machine, client)
        if found:
            names = ", ".join(sorted({path.parent.name for path in found})[:3])
            yield warn(
                client.title,
                f"{show.count(len(found), 'plugin')} or extensions with servers of their own: {names}",
                "a client starts these by itself: they are NOT PROTECTED, and cannot be from here",
                "add the server to the client's own file in place of the plugin, then: pii-shield install",
            )


def commands(patient: Patient) -> Iterator[Line]:
    """Whether clients find the programs that they are to start."""
    absent = 0
    for one in look(patient):
        for entry in one.entries:
            program = _program(entry)
            if entry.state not in (State.PROTECTED, State.OPEN) or not program:
                continue
            where = _path_of(patient, one, entry)
            if where is not None and not _is_there(program, where):
                absent += 1
                yield fail(
                    one.place.client.title,
                    f"cannot start {show.printable(entry.name)}: {Path(program).name} is not on the PATH that it sees",
                    fix="install it, or write its full path into the client's file",
                )
            yield from _other_shield(patient, one, entry)
    if not absent:
        yield ok("commands", "every server's program is there")


def _program(entry: Entry) -> str:
    """The server's own program, behind the shield if there is one; "" if that cannot be told."""
    length = entry.wrap.length if entry.wrap else 0
    if entry.wrap and not length:
        return ""
    program = entry.argv[length] if len(entry.argv) > length else ""
    return "" if "$" in program or program.startswith("-") else program


def _path_of(patient: Patient, one: Seen, entry: Entry) -> str | None:
    """PATH as the client has it; None if that cannot be told."""
    said: Any = entry.node.value if isinstance(entry.node.value, dict) else {}
    environ: dict[str, Any] = next((said[name] for name in _ENVIRONMENTS if isinstance(said.get(name), dict)), {})
    own = environ.get("PATH")
    if isinstance(own, str):
        return None if "$" in own or "%" in own else own
    if patient.machine.platform == "darwin" and one.place.client.is_clicked:
        return BARE_PATH
    return patient.environ.get("PATH", os.defpath)


def _is_there(program: str, where: str) -> bool:
    if "/" not in program and "\\" not in program:
        return shutil.which(program, path=where) is not None
    path = Path(program).expanduser()
    return (
        not path.is_absolute() or shutil.which(str(path)) is not None
    )  # a relative one depends on the client's folder


def _other_shield(patient: Patient, one: Seen, entry: Entry) -> Iterator[Line]:
    if entry.wrap is None or not entry.wrap.length or not Path(entry.wrap.program).is_absolute():
        return
    if Path(entry.wrap.program).resolve() != Path(patient.launcher[0]).resolve():
        yield warn(
            one.place.client.title,
            f"{show.printable(entry.name)} starts another pii-shield: {entry.wrap.program}",
            "it may be of another version, with other settings",
            "pii-shield uninstall; pii-shield install",
        )


def scopes(patient: Patient) -> Iterator[Line]:
    """Which servers share tokens."""
    users: dict[str, set[str]] = defaultdict(set)
    for one in look(patient):
        for entry in one.entries:
            if entry.state is State.PROTECTED and entry.wrap and entry.wrap.length:
                users[_scope(entry)].add(one.place.client.title)
    for scope, clients in sorted(users.items()):
        if len(clients) > 1:
            yield warn(
                "scopes",
                f"{scope} is shared by {', '.join(sorted(clients))}",
                "a value has one token in all of them: what one agent saw, another can use",
                "fine if you mean it; else uninstall, and install without --scope",
            )
    alone = [scope for scope, clients in sorted(users.items()) if len(clients) == 1]
    if alone:
        yield ok("scopes", f"{', '.join(alone)}: each one client's own")


def _scope(entry: Entry) -> str:
    words = entry.argv[: entry.wrap.length] if entry.wrap else ()
    for at, word in enumerate(words):
        if word == "--scope" and at + 1 < len(words):
            return words[at + 1]
        if word.startswith("--scope="):
            return word.partition("=")[2]
    return "default"


def store_builds(patient: Patient) -> Iterator[Line]:
    """Claude Desktop from the Windows store reads a copy of its own, and no other file."""
    if patient.machine.platform != "win32":
        return
    local = patient.environ.get("LOCALAPPDATA") or str(places.home(patient.machine) / "AppData" / "Local")
    for folder in Path(local).glob("Packages/Claude_*"):
        file = folder / "LocalCache" / "Roaming" / "Claude" / "claude_desktop_config.json"
        if not file.is_file():
            yield warn(
                "Claude Desktop",
                f"the store build's own file is not there: {short(file, local)}",
                "this build does not read the file in %APPDATA%: servers there are not started",
                "add a server in the client once, then: pii-shield install",
            )


def look(patient: Patient) -> list[Seen]:
    """All clients' files."""
    journal = Journal(paths.state_dir(patient.environ) / "clients")
    return survey.look_back(patient.machine, Selection(), journal)
