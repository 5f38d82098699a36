"""Databases of compiled patterns in the user's cache folder: built once by a process of their own, then just read.

A file is named by the hash of its patterns, the library and the processor, so a change of any makes another file. It is
private to the user and carries its own hash; what is damaged or somebody else's is not read.
"""

import hashlib
import os
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .detect import database
from .detect.database import Source
from .detect.scanner import Scanner

SUFFIX = ".scan"
KEPT = 8
"""Databases kept, the newest."""
_MAGIC = b"pii-shield scan 1\n"


def load(sources: Sequence[Source], folder: Path) -> Scanner | None:
    """The scanner for some sources; None if the library or the file is not there."""
    if not sources or not database.available():
        return None
    body = _read(_path(sources, folder))
    if body is None:
        return None
    try:
        return Scanner(database.loads(body))
    except ValueError:
        return None


def build(sources: Sequence[Source], folder: Path) -> Scanner | None:
    """The scanner for some sources, built and kept if it is not there; None without the library. Takes seconds.

    Raises:
        OSError: the folder cannot be written.
    """
    scanner = load(sources, folder)
    if scanner is None and sources and database.available():
        made = database.build(sources)
        _write(_path(sources, folder), database.dumps(made))
        _forget_old(folder)
        scanner = Scanner(made)
    return scanner


def build_aside(types: frozenset[str], folder: Path) -> None:
    """Start a process that builds what the shipped rules for some entity types need, and do not wait for it."""
    command = [sys.executable, "-m", "pii_shield.compiled", str(folder), *sorted(types)]
    subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        close_fds=True,
    )


def _path(sources: Sequence[Source], folder: Path) -> Path:
    return folder / (database.key(sources) + SUFFIX)


def _read(path: Path) -> bytes | None:
    """The body of a file that is ours, private and whole."""
    try:
        with path.open("rb") as file:
            if not _is_private(os.fstat(file.fileno())):
                return None
            data = file.read()
    except OSError:
        return None
    head = len(_MAGIC) + hashlib.sha256().digest_size
    body = data[head:]
    whole = data.startswith(_MAGIC) and data[len(_MAGIC) : head] == hashlib.sha256(body).digest()
    return body if whole else None


def _is_private(said: os.stat_result) -> bool:
    if sys.platform == "win32":
        return True
    return said.st_uid == os.getuid() and not said.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _write(path: Path, body: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123
        file.write(_MAGIC + hashlib.sha256(body).digest() + body)
    beside.replace(path)


def _forget_old(folder: Path) -> None:
    files = sorted(folder.glob("*" + SUFFIX), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[KEPT:]:
        path.unlink(missing_ok=True)


def main(arguments: Sequence[str]) -> None:
    """Build what the shipped rules need: the folder, then entity types."""
    from . import rules
    from .detect.engine import Engine

    folder, *types = arguments
    build(Engine(rules.load(), frozenset(types)).sources(), Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
