"""What a check says: one line with its level, and what would put it right. No I/O."""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from ..client.installers.places import Machine
from ..errors import ConfigError
from ..settings import Config


class Level(Enum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Line(NamedTuple):
    """One thing that was looked at.

    Attributes:
        what: its name.
        said: what was found; never a value, an argument or an environment variable's content.
        why: why that matters.
        fix: what a person can do.
        repair: does what is safe to do without asking, and says what it did.
    """

    level: Level
    what: str
    said: str
    why: str = ""
    fix: str = ""
    repair: Callable[[], str] | None = None


class Patient(NamedTuple):
    """What the checks look at.

    Attributes:
        machine: environment, platform, folder.
        config: the settings in force.
        launcher: the command that starts this program.
        options: command line options that name configuration and vault.
        now: seconds since the epoch.
        fault: why the settings cannot be used; `config` has the defaults then.
    """

    machine: Machine
    config: Config
    launcher: tuple[str, ...]
    options: tuple[str, ...]
    now: float
    fault: ConfigError | None = None

    @property
    def environ(self) -> Mapping[str, str]:
        """Environment variables."""
        return self.machine.environ


Check = Callable[[Patient], Iterable[Line]]


def ok(what: str, said: str, why: str = "") -> Line:
    """As it should be."""
    return Line(Level.OK, what, said, why)


def warn(what: str, said: str, why: str = "", fix: str = "", repair: Callable[[], str] | None = None) -> Line:
    """Works, but somebody should know."""
    return Line(Level.WARN, what, said, why, fix, repair)


def fail(what: str, said: str, why: str = "", fix: str = "", repair: Callable[[], str] | None = None) -> Line:
    """Does not work, or does not protect."""
    return Line(Level.FAIL, what, said, why, fix, repair)


def size(count: int) -> str:
    """Bytes for people."""
    for unit in ("bytes", "KB", "MB"):
        if count < 1024:
            return f"{count} {unit}"
        count //= 1024
    return f"{count} GB"


def short(path: Path | str, home: str) -> str:
    """A path with ~ for the user's folder."""
    text = str(path)
    return f"~{text.removeprefix(home)}" if text.startswith(f"{home.rstrip('/')}/") else text
