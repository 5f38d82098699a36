"""Reading other programs' files, and replacing them whole or not at all."""

import os
import stat
from pathlib import Path

from ...errors import ConfigError
from ...store.files import replace_private, sync_dir, temporary


def read(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise _refused(path, error) from None


def replace(path: Path, before: bytes, after: bytes) -> None:
    """Replace a file's content, keeping its mode, its owner, and the symbolic links that lead to it.

    Args:
        before: what it must hold now.

    Raises:
        ConfigError: it has changed meanwhile, or may not be written; it is as it was.
    """
    try:
        target = path.resolve(strict=True)
        status = target.stat()
        if not status.st_mode & stat.S_IWUSR or not os.access(target, os.W_OK):
            raise ConfigError(
                f"{path} is read-only; it was not changed", code="PS322", fix=f"chmod u+w {path}, or change it by hand"
            )
        _swap(target, status, before, after)
    except OSError as error:
        raise _refused(path, error) from None


def write_private(path: Path, content: bytes) -> None:
    """Write a file of our own, 0600, whole or not at all.

    Raises:
        ConfigError: it cannot be written.
    """
    try:
        replace_private(path, content)
    except OSError as error:
        raise _refused(path, error) from None


def _swap(target: Path, status: os.stat_result, before: bytes, after: bytes) -> None:
    new = temporary(target, after)
    try:
        new.chmod(stat.S_IMODE(status.st_mode))
        if os.name == "posix" and (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(new, status.st_uid, status.st_gid)
        if target.read_bytes() != before:
            raise ConfigError(f"{target} has just been changed; it was not touched", code="PS321", fix="run it again")
        new.replace(target)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    sync_dir(target.parent)


def _refused(path: Path, error: OSError) -> ConfigError:
    return ConfigError(f"{path}: {error.strerror}; it was not changed", code="PS322", fix="check its permissions")
