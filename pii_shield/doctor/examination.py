"""All checks, in the order in which people read them. A new check is a row."""

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from ..errors import ShieldError
from . import clients, finding, force, hooks, keeping, program, record, trip
from .line import Check, Line, Patient, fail

WITHOUT_SETTINGS: Final[frozenset[Check]] = frozenset(
    {
        *(program.version, program.name, program.on_path, program.mcp, program.extras),
        *(keeping.modes, keeping.settings),
        *(clients.files, clients.commands, clients.scopes, clients.hidden),
    }
)
"""What can be looked at where the settings are wrong."""
Checks = Mapping[str, tuple[Check, ...]]
CHECKS: Final[Checks] = {
    "program": (program.version, program.name, program.on_path, program.mcp, program.extras),
    "at work": (trip.trip, finding.detectors, force.passing, force.exemptions),
    "what is kept": (keeping.modes, keeping.settings, keeping.vault, keeping.disk),
    "record": (record.log, record.places, record.receivers),
    "clients": (
        clients.files,
        clients.commands,
        clients.scopes,
        clients.hidden,
        clients.store_builds,
        hooks.claude_code,
    ),
}
"""Title -> checks."""


class Said(NamedTuple):
    """One line under its title; `done` says what was repaired."""

    title: str
    line: Line
    done: str = ""


def examine(patient: Patient, which: Checks = CHECKS, *, repairs: bool = False) -> Iterator[Said]:
    """Run every check; one that cannot be run is a line too.

    Args:
        repairs: whether to do what is safe to do, and look again.
    """
    for title, checks in which.items():
        for check in checks:
            if patient.fault and check not in WITHOUT_SETTINGS:
                continue
            lines = _lines(check, patient)
            done = [_repaired(line) for line in lines if repairs and line.repair]
            if done:
                yield from (said._replace(title=title) for said in done)
                lines = _lines(check, patient)
            yield from (Said(title, line) for line in lines)


def _lines(check: Check, patient: Patient) -> list[Line]:
    name = check.__name__.replace("_", " ")
    try:
        return list(check(patient))
    except ShieldError as error:
        return [fail(name, f"{error} ({error.code})", fix=error.fix)]
    except sqlite3.Error as error:
        return [fail(name, f"the vault's file cannot be read ({type(error).__name__})")]
    except OSError as error:
        return [fail(name, f"cannot be looked at: {error.strerror or type(error).__name__}")]


def _repaired(line: Line) -> Said:
    try:
        done = line.repair() if line.repair else ""
    except OSError as error:
        return Said("", line, f"could not be repaired: {error.strerror or type(error).__name__}")
    return Said("", line, done)
