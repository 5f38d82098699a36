"""What is kept: key, vault, their modes, the disk below them, and the file's own health."""

import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

from .. import assemble, off, paths
from ..recording import log_file
from ..store.database import beside
from .line import Line, Patient, fail, ok, size, warn

LITTLE: Final = 512 << 20
LEAST: Final = 32 << 20
"""Free bytes below which to warn, and below which nothing new can be protected for long."""
LONG_LOG: Final = 256 << 20
"""Bytes of the write-ahead log that only a reader who never ends can cause."""
_PRIVATE: Final = 0o077
"""Mode bits that nobody may have on what is secret."""
_OWN: Final = 0o022
"""Mode bits that nobody else may have on what is ours."""


def settings(patient: Patient) -> Iterator[Line]:
    """Whether they can be used: without them no server starts."""
    config = patient.config
    if patient.fault:
        yield fail(
            "settings", f"{patient.fault} ({patient.fault.code})", "no server starts like this", patient.fault.fix
        )
        return
    files = [paths.managed_config(), paths.user_config(patient.environ)]
    there = ", ".join(str(path) for path in files if path.is_file()) or "no file: the defaults"
    yield ok("settings", f"{there}; policy {config.profile}, detection {config.detect}")


def modes(patient: Patient) -> Iterator[Line]:
    """Whether others could read or change our files."""
    if sys.platform == "win32":
        return
    bad = [(path, bits) for path, bits in _files(patient) if _has(path, bits)]
    if not bad:
        yield ok("file modes", "key, vault, settings and backups are yours alone")
    for path, bits in bad:
        what = "read" if bits == _PRIVATE else "change"
        yield fail(
            "file modes",
            f"others can {what} {path}",
            "then what it protects is not protected from them",
            f"chmod {'go=' if bits == _PRIVATE else 'go-w'} {path}",
            lambda path=path, bits=bits: _close(path, bits),  # type: ignore[misc]
        )


def _files(patient: Patient) -> Iterator[tuple[Path, int]]:
    config, vault = patient.config, log_file(patient.config)
    key = _key(patient)
    yield from ((path, _PRIVATE) for path in (key, vault, *(beside(vault, end) for end in ("-wal", "-shm", ".audit"))))
    yield off.file_of(config), _PRIVATE
    yield from ((path, _OWN) for path in {key.parent, vault.parent, paths.user_config(patient.environ), *config.tuning})
    clients = paths.state_dir(patient.environ) / "clients"
    yield from ((path, _PRIVATE) for path in (clients, *sorted(clients.glob("*"))))


def _has(path: Path, bits: int) -> bool:
    try:
        status = path.lstat()
    except OSError:
        return False
    return status.st_uid == os.getuid() and not stat.S_ISLNK(status.st_mode) and bool(status.st_mode & bits)


def _close(path: Path, bits: int) -> str:
    path.chmod(stat.S_IMODE(path.lstat().st_mode) & ~bits)
    return f"took others' rights away from {path}"


def _key(patient: Patient) -> Path:
    config = patient.config
    return config.key or (paths.key_file() if config.vault is None else assemble.key_beside(config.vault))


def vault(patient: Patient) -> Iterator[Line]:
    """Whether it opens with its key, and what is in it."""
    path = log_file(patient.config)
    if not path.exists():
        yield ok("vault", f"{path} is not there yet; the first start of a server makes it, and its key")
        return
    store = assemble.vault(patient.config)
    try:
        info = store.info()
    finally:
        store.close()
    count = sum(sum(types.values()) for types in info.live.values())
    yield ok("key", f"{info.key_source} (id {info.key_id})")
    yield ok("vault", f"{path}: {count} identities in {len(info.live)} scopes, format {info.schema}, {size(info.size)}")
    yield from _health(path)


def _health(path: Path) -> Iterator[Line]:
    connection = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)
    try:
        said = [str(row[0]) for row in connection.execute("PRAGMA quick_check(3)")]
        mode = str(connection.execute("PRAGMA journal_mode").fetchone()[0])
    except sqlite3.Error as error:
        said, mode = [type(error).__name__], "wal"
    finally:
        connection.close()
    if said == ["ok"]:
        yield ok("integrity", "the file is sound")
    else:
        yield fail("integrity", f"the file is damaged: {len(said)} faults", fix="restore a backup of it")
    log = beside(path, "-wal")
    length = log.stat().st_size if log.exists() else 0
    if mode != "wal":
        yield fail("journal", f"the file's journal is {mode}, not wal", "processes would wait for each other")
    elif length > LONG_LOG:
        yield warn("journal", f"{size(length)} wait to be merged", "somebody reads all the time", "restart the clients")
    else:
        yield ok("journal", f"wal, {size(length)}")


def disk(patient: Patient) -> Iterator[Line]:
    """Room for what is to come."""
    folder = log_file(patient.config).parent
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    said = f"{size(free)} free at {folder}"
    if free < LEAST:
        yield fail("disk", said, "without room nothing new can be protected, and answers are blocked", "make room")
    elif free < LITTLE:
        yield warn("disk", said, "what is new needs room", "make room")
    else:
        yield ok("disk", said)
