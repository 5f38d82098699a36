"""The record: whether its newest part is what was written, and whether its second places can be reached."""

import socket
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Final

from .. import recording
from ..audit import chain, read
from ..audit.event import seconds_of
from ..audit.places import SECONDS, FilePlace, place
from ..audit.read import DatabaseSource
from ..audit.ship.lag import lags
from ..audit.ship.target import Address, address
from ..audit.ship.wires import is_datagram
from .line import Line, Patient, fail, ok, warn

ROWS: Final = 2000
"""Of the newest rows, so many are looked at; `pii-shield audit verify` looks at all."""
SLACK: Final = 120.0
"""Seconds by which a clock may be wrong without a word."""


def log(patient: Patient) -> Iterator[Line]:
    """The newest rows, and the time they say."""
    path = recording.log_file(patient.config)
    if not path.exists():
        yield ok("audit log", "nothing is on record yet")
        return
    with closing(read.source(path)) as source:
        if not isinstance(source, DatabaseSource):
            return
        last = source.start.size + source.size()
        rows = list(source.raw(max(0, last - ROWS)))
        notes = len(source.notes())
    broken = next((row for before, row in pairwise(rows) if not _follows(before, row)), None)
    if broken:
        yield fail(
            "audit log",
            f"row {broken[0]} is not what was written",
            "somebody edited the log, or the disk is damaged",
            "pii-shield audit verify",
        )
    elif rows:
        head = rows[-1][2].hex()[:16]
        yield ok("audit log", f"{last} rows, {notes} signed checkpoints, head {head}...")
    yield _clock(read.parsed(rows[-1]).get("at", ""), patient.now) if rows else ok("clock", "nothing to compare with")


def _follows(before: read.RawRow, row: read.RawRow) -> bool:
    return row[0] == before[0] + 1 and chain.link(before[2], chain.leaf(row[1])) == row[2]


def _clock(at: str, now: float) -> Line:
    try:
        ahead = seconds_of(at) - now
    except ValueError:
        return warn("clock", "the last row has no time that can be read")
    if ahead > SLACK:
        return warn(
            "clock",
            f"the last row was written {ahead / 60:.0f} minutes in the future",
            "the clock was set back: periods that end by themselves and retention go by it",
            "set the machine's time",
        )
    return ok("clock", "goes forward")


def places(patient: Patient) -> Iterator[Line]:
    """Where checkpoints go besides the vault's file."""
    named = recording.checkpoint_places(patient.config)
    if not named:
        yield warn(
            "checkpoints",
            "they go nowhere but into the log's own file",
            "who can rewrite the log could rewrite them too",
            'set [audit] checkpoints = ["PATH on another volume", "https://...", "syslog:/dev/log"]',
        )
    for where in named:
        place = places_of(where)
        shown = where if isinstance(place, Path) else str(place)
        if _is_reached(place):
            yield ok("checkpoints", f"{shown} can be reached")
        else:
            yield warn("checkpoints", f"{shown} cannot be reached", "they are sent again later", "check that place")


def places_of(where: str) -> Path | Address:
    """A file or a receiver; AuditError if it is none."""
    place(where)
    return address(where) if where.startswith("syslog:") or "://" in where else Path(where).expanduser()


def _is_reached(place: Path | Address) -> bool:
    """Whether somebody is there, without saying anything to them."""
    if isinstance(place, Path):
        return FilePlace(place).put([])
    if place.scheme == "unix" or is_datagram(place):
        return place.scheme != "unix" or Path(place.path).exists()
    try:
        socket.create_connection((place.host, place.port), SECONDS).close()
    except OSError:
        return False
    return True


def receivers(patient: Patient) -> Iterator[Line]:
    """Who gets the rows, and how far behind they are."""
    path = recording.log_file(patient.config)
    for lag in lags(path, patient.config.ship, lambda: patient.now) if path.exists() else ():
        if lag.problem:
            yield warn("shipping", str(lag), "its rows wait here, nothing is lost", "pii-shield audit ship --help")
        else:
            yield ok("shipping", str(lag))
