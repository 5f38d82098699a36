"""Which of the clients' files are on this machine."""

import glob
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from .table import ROOTS, Client, Spot

_ROOT = re.compile(r"\$([A-Z_]+)")


class Machine(NamedTuple):
    """Where to look.

    Attributes:
        environ: environment variables; HOME (USERPROFILE on Windows) is the user's folder.
        platform: as `sys.platform`.
        project: the folder whose project files are meant.
    """

    environ: Mapping[str, str]
    platform: str
    project: Path


class Place(NamedTuple):
    """A file of a client.

    Attributes:
        client: whose it is.
        spots: the places in it where servers are.
        path: as the client names it; it may be a symbolic link.
        project: folder that a project file belongs to; None for the user's own files.
    """

    client: Client
    spots: tuple[Spot, ...]
    path: Path
    project: Path | None = None


def home(machine: Machine) -> Path:
    """The user's folder."""
    names = ("USERPROFILE", "HOME") if machine.platform == "win32" else ("HOME",)
    return Path(next((machine.environ[name] for name in names if machine.environ.get(name)), None) or Path.home())


def found(machine: Machine, clients: Iterable[Client]) -> list[Place]:
    """Every file of these clients that is there, project files included; one that two names lead to comes once."""
    places: dict[Path, Place] = {}
    for client in clients:
        for spot in client.spots:
            for path in _matching(machine, spot):
                project = machine.project if spot.kind == "project" else None
                place = places.setdefault(path.resolve(), Place(client, (), path, project))
                if place.client is client and spot.servers not in [known.servers for known in place.spots]:
                    places[path.resolve()] = place._replace(spots=(*place.spots, spot))
    return list(places.values())


def named(machine: Machine, client: Client, path: Path) -> Place:
    """One file that the user says is this client's, read in every way the client has of keeping servers."""
    spots = {spot.servers: spot for spot in client.spots if spot.kind != "project"}
    return Place(client, tuple(spots.values()), machine.project / path)


def usual(machine: Machine, client: Client) -> Path:
    """Where a client's own file is, or would be."""
    spots = (spot for spot in client.spots if not spot.platforms or machine.platform in spot.platforms)
    return Path(re.sub(r"\[(.)\]", r"\1", _expanded(machine, next(spots).path)))


def hidden(machine: Machine, client: Client) -> list[Path]:
    """Files of plugins and extensions that bring servers of their own."""
    patterns = (_expanded(machine, pattern) for pattern in client.hidden)
    found = {Path(path) for pattern in patterns for path in glob.glob(pattern, include_hidden=True)}  # noqa: PTH207
    return sorted(path for path in found if _has_server(path))


_SERVER_KEYS = (b'"command"', b'"url"', b'"httpUrl"', b'"server"')
_MAX_BYTES = 1 << 20


def _has_server(path: Path) -> bool:
    """Whether an extension's file speaks of a server; one that cannot be read may."""
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_BYTES)
    except OSError:
        return True
    return any(key in text for key in _SERVER_KEYS)


def _matching(machine: Machine, spot: Spot) -> list[Path]:
    if spot.platforms and machine.platform not in spot.platforms:
        return []
    pattern = _expanded(machine, spot.path)
    if spot.kind == "project":
        pattern = f"{glob.escape(str(machine.project))}{os.sep}{spot.path}"
    matching = sorted(glob.glob(pattern, include_hidden=True))  # noqa: PTH207 - pathlib cannot escape the literal part
    return [path for path in map(Path, matching) if path.is_file()]


def _expanded(machine: Machine, path: str) -> str:
    """A pattern for `glob`: what the environment says is taken literally, stars of the table are not."""

    def root(found: re.Match[str]) -> str:
        said = machine.environ.get(found[1], "")
        defaults = ROOTS[found[1]]
        return glob.escape(said) if said else _expanded(machine, defaults.get(machine.platform, defaults[""]))

    expanded = _ROOT.sub(root, path)
    return glob.escape(str(home(machine))) + expanded[1:] if expanded.startswith("~") else expanded
