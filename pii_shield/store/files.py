"""Private files: made 0600 in a 0700 directory, refused when others could read or swap them.

On Windows the profile's access lists do this work; mode bits mean nothing there and are not looked at.
"""

import os
import stat
import sys
from pathlib import Path
from typing import Final

_NO_FOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_BINARY: Final = getattr(os, "O_BINARY", 0)
_POSIX: Final = sys.platform != "win32"
PRIVATE: Final = 0o600
Stamp = tuple[int, int, int] | None
"""Time, size and number of a file: another one after every change. None if there is no file."""


def make_private_dir(path: Path) -> None:
    """Make the directory 0700 with its parents, if it is not there."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def danger_of_dir(path: Path) -> str:
    """Why others could swap files in this directory, or ""."""
    status = path.stat()
    if _POSIX and status.st_mode & 0o022:
        return "other users can write to its directory"
    return _danger_of_owner(status)


def danger_of_file(status: os.stat_result) -> str:
    """Why this file is not private, or ""."""
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    if _POSIX and status.st_mode & 0o077:
        return "other users can read it"
    return _danger_of_owner(status)


def _danger_of_owner(status: os.stat_result) -> str:
    if sys.platform == "win32":
        return ""
    return "" if status.st_uid in (0, os.geteuid()) else "it belongs to another user"


def create_private(path: Path) -> int | None:
    """A descriptor of a new empty file, 0600, open for writing; None if something is there already."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _NO_FOLLOW | _BINARY, PRIVATE)
    except FileExistsError:
        return None


def temporary(beside: Path, content: bytes) -> Path:
    """A new file with this content, 0600, on the disk, in the same folder: to take the other one's place."""
    import tempfile

    descriptor, name = tempfile.mkstemp(prefix=".pii-shield-", dir=beside.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    return Path(name)


def open_private(path: Path) -> int:
    """A descriptor for reading; a symbolic link is an OSError."""
    return os.open(path, os.O_RDONLY | _NO_FOLLOW | _BINARY)


def open_lock_file(path: Path) -> int:
    """A descriptor of a file that only serves to be locked."""
    return os.open(path, os.O_RDWR | os.O_CREAT | _NO_FOLLOW | _BINARY, PRIVATE)


def stamp(path: Path) -> Stamp:
    """What tells whether a file is still the same. Asked for every message: nothing is raised where there is none."""
    try:
        if not os.access(path, os.F_OK):
            return None
        status = os.stat(path)  # noqa: PTH116 - half the time of `path.stat()`
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def replace_private(path: Path, content: bytes) -> None:
    """Write a file, 0600, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    make_private_dir(path.parent)
    temporary(path, content).replace(path)
    sync_dir(path.parent)


def sync_dir(path: Path) -> None:
    """Make a new name in the directory survive a power loss."""
    if not _POSIX:
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
