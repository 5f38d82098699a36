"""Rows of the log to other places, live: syslog and HTTP. This file is all that a start without receivers loads."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .target import Target

    Targets = tuple[Target, ...]
else:
    Targets = tuple


def read(value: Any) -> Targets:
    """The receivers of a table [audit.ship]; ValueError says what is wrong with it."""
    from . import target

    return target.read(value)


def placed(targets: Targets, folder: Path) -> Targets:
    """With their files in the folder of the configuration."""
    return tuple(target.placed(folder) for target in targets)


def resolved(targets: Targets, environ: Mapping[str, str]) -> Targets:
    """With what they take from the environment."""
    return tuple(target.resolved(environ) for target in targets)
