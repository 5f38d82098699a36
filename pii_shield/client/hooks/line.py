"""The line from a hook's short-lived process to the helper that has rules and vault at hand.

A client starts a process for each event; loading the rules each time would cost more than all else. What the first
process leaves running answers the next ones. Whenever it does not, the process does the work itself.
"""

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from ... import __version__, paths

IDLE: Final = "PII_SHIELD_HOOK_IDLE"
"""Variable: seconds after which the helper goes when nobody asks; 0: there is none."""
IDLE_SECONDS: Final = 600.0
SECONDS: Final = 120.0
"""How long an answer may take before a process does the work itself."""
MAX_PATH: Final = 100
"""Bytes that the address of a socket may have."""
_PASSED: Final = ("HOME", "PATH", "SHELL", "CLAUDE_CONFIG_DIR", "XDG_", "PII_SHIELD_")


class Call(NamedTuple):
    """What is asked.

    Attributes:
        argv: the command line of the process that asks.
        cwd: its folder.
        environ: those of its variables that say where things are.
        data: what came in on its stdin.
    """

    argv: tuple[str, ...]
    cwd: str
    environ: Mapping[str, str]
    data: bytes


def call(argv: Sequence[str], data: bytes, environ: Mapping[str, str]) -> Call:
    """What this process asks."""
    passed = {name: said for name, said in environ.items() if name.startswith(_PASSED)}
    return Call(tuple(argv), str(Path.cwd()), passed, data)


def ask(asked: Call) -> bytes | None:
    """The helper's answer; None if there is none, and then one is started for the next time."""
    place = address(asked.environ)
    if place is None:
        return None
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(SECONDS)
            line.connect(str(place))
            line.sendall(_packed(asked))
            line.shutdown(socket.SHUT_WR)
            answer = read_all(line)
    except (FileNotFoundError, ConnectionRefusedError):
        _start(asked.environ)
        return None
    except OSError:
        return None
    return answer or None


def read_all(line: socket.socket) -> bytes:
    """Everything until the other side has no more to say."""
    pieces: list[bytes] = []
    while piece := line.recv(1 << 20):
        pieces.append(piece)
    return b"".join(pieces)


def unpacked(message: bytes) -> Call | None:
    """What was asked; None if that cannot be understood."""
    head, mark, data = message.partition(b"\n")
    try:
        said = json.loads(head) if mark else {}
        return Call(tuple(said["argv"]), said["cwd"], said["environ"], data)
    except (ValueError, KeyError, TypeError):
        return None


def address(environ: Mapping[str, str]) -> Path | None:
    """Where the helper listens: in a folder of this user's that nobody else can enter; None if there is to be none.

    Another version, or one from another place, is another helper.
    """
    if not hasattr(socket, "AF_UNIX") or environ.get(IDLE) == "0":
        return None
    folder = paths.state_dir(environ) / "hooks"
    name = sha256(f"{__version__} {sys.executable} {Path(__file__).stat().st_mtime_ns}".encode()).hexdigest()[:16]
    place = folder / f"{name}.sock"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except OSError:
        return None
    is_ours = status.st_uid == os.getuid() and not stat.S_IMODE(status.st_mode) & 0o077
    return place if is_ours and len(os.fsencode(place)) <= MAX_PATH else None


def _packed(asked: Call) -> bytes:
    head = {"argv": asked.argv, "cwd": asked.cwd, "environ": dict(asked.environ)}
    return json.dumps(head).encode() + b"\n" + asked.data


def _start(environ: Mapping[str, str]) -> None:
    """Leave a helper running; this process does not wait for it."""
    argv = [sys.executable, "-P", "-m", "pii_shield", "hook", "resident"]
    nothing = subprocess.DEVNULL
    try:
        subprocess.Popen(  # noqa: S603 - our own program
            argv, stdin=nothing, stdout=nothing, stderr=nothing, cwd="/", env=dict(environ), start_new_session=True
        )
    except OSError:
        return
