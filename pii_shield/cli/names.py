"""The names that can stand in a place of a command line, for the Tab key. What cannot be read has no names."""

import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from ..errors import ShieldError

_PLAIN: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]*\Z")
"""Names that mean nothing to a shell: others come from files that anybody may have written, and are not offered."""
FILES: Final = frozenset({"FILE", "PATH", "DIR", "FOLDER", "[FILE ...]"})
"""What the help calls arguments that are files."""


def _clients() -> Iterable[str]:
    from ..client.installers.table import BY_NAME

    return BY_NAME


def _servers() -> Iterable[str]:
    from .. import config
    from ..client.installers import survey
    from ..client.installers.places import Machine
    from ..client.installers.survey import Selection

    found = set()
    machine = Machine(os.environ, sys.platform, Path.cwd())
    for one in survey.look(machine, Selection()):
        found |= {entry.name for entry in one.entries}
    return found | set(config.load(os.environ).servers)


def _types() -> Iterable[str]:
    from ..entities import TYPES

    return TYPES


def _rules() -> Iterable[str]:
    from .. import rules

    known = rules.load()
    return [*(rule.id for rule in known.patterns), *(field.id for field in known.fields)]


def _plain(names: Callable[[], Iterable[str]]) -> Callable[[], list[str]]:
    def safe() -> list[str]:
        try:
            return sorted(name for name in names() if _PLAIN.match(name))
        except (ShieldError, OSError):
            return []

    return safe


KNOWN: Final[Mapping[str, Callable[[], list[str]]]] = {
    "agent": _plain(_clients),
    "client": _plain(_clients),
    "server": _plain(_servers),
    "trust": _plain(_servers),
    "name": _plain(_servers),
    "type": _plain(_types),
    "rule": _plain(_rules),
}
"""Argument, by the name that its parser stores it under -> its names."""
