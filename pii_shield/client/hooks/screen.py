"""Whether a person looks at what the client shows. That proves no human, but an agent's own shell has no terminal."""

import os
import subprocess
from pathlib import Path
from typing import Final, NamedTuple

MAX_STEPS: Final = 6
SECONDS: Final = 2
_PROC: Final = Path("/proc")


class Process(NamedTuple):
    """A process above this one.

    Attributes:
        parent: its parent.
        session: the session it belongs to.
        terminal: whether it has a controlling terminal.
    """

    parent: int
    session: int
    terminal: bool


def is_watched() -> bool:
    """Whether this process, or the client that started it in a session of its own, writes to a terminal."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        client = _client()
        return client is not None and _writes_to_terminal(client)
    return True


def _client() -> int | None:
    """The first process above that is in another session, if it has a terminal."""
    own, pid = os.getsid(0), os.getppid()
    for _ in range(MAX_STEPS):
        process = _process(pid)
        if process is None:
            return None
        if process.session != own:
            return pid if process.terminal else None
        pid = process.parent
    return None


def _process(pid: int) -> Process | None:
    try:
        # pid (name) state parent group session terminal ...; the name may hold anything
        said = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        return Process(int(said[1]), int(said[3]), said[4] != "0")
    except FileNotFoundError:
        return _asked(pid)
    except (OSError, ValueError, IndexError):
        return None


def _asked(pid: int) -> Process | None:
    """The same where there is no /proc."""
    try:
        argv = ["/bin/ps", "-o", "ppid=,tty=", "-p", str(pid)]
        said = subprocess.run(argv, capture_output=True, text=True, timeout=SECONDS, check=True).stdout.split()  # noqa: S603
        return Process(int(said[0]), os.getsid(pid), "?" not in said[1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None


def _writes_to_terminal(pid: int) -> bool:
    """Whether its output is no pipe or file; where that cannot be told, its terminal counts."""
    try:
        return str((_PROC / str(pid) / "fd" / "1").readlink()).startswith(("/dev/pts/", "/dev/tty"))
    except FileNotFoundError:
        return not _PROC.is_dir()
    except OSError:
        return False
