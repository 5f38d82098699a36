"""Databases of compiled patterns in the user's cache folder: built once by a process of their own, then just read.

A file is named by the hash of its patterns, the library and the processor, so a change of any makes another file. It is
private to the user and carries its own hash; what is damaged or somebody else's is not read.
"""

import contextlib
import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from .detect import database
from .detect.database import Source
from .detect.scanner import Scanner
from .errors import ShieldError
from .store import files
from .store.lock import FileLock

SUFFIX = ".scan"
KEPT = 8
"""Databases kept, the newest."""
PATIENCE = 300.0
"""Seconds that a process waits for another that builds."""
LOCK = "scan.lock"
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


def build_aside(
    types: frozenset[str], all_rules: bool, folder: Path, own: Sequence[Path] = ()
) -> "subprocess.Popen[bytes]":
    """Start a process that builds what the rules for some entity types need, and do not wait for it.

    Only one builds at a time; the others wait, and find it done. It goes on when we end. `own` are users' rule files.

    Raises:
        OSError: no process can be started.
    """
    # -P: the folder that we were started in may be anybody's, and must not be a place for modules.
    module = [sys.executable, "-P", "-m", "pii_shield.compiled"]
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [*module, str(folder), "all" if all_rules else "usual", " ".join(sorted(types)), *map(str, own)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        close_fds=True,
    )


def build_soon(
    sources: Sequence[Source],
    start: "Callable[[], subprocess.Popen[bytes]]",
    folder: Path,
    use: Callable[[Scanner], None],
) -> None:
    """Have the scanner for rules built aside, and hand it over when it is there. Returns at once.

    `sources` are those of the rules, `start` is `build_aside` for them. What goes wrong is no news: without a scanner
    the same is found, later.
    """
    if not database.available():
        return

    def wait() -> None:
        with contextlib.suppress(OSError):
            start().wait()
            if (scanner := load(sources, folder)) is not None:
                use(scanner)

    threading.Thread(target=wait, name="compile-rules", daemon=True).start()


def _path(sources: Sequence[Source], folder: Path) -> Path:
    return folder / (database.key(sources) + SUFFIX)


def _read(path: Path) -> bytes | None:
    """The body of a file that is ours, private and whole."""
    try:
        if files.danger_of_dir(path.parent):
            return None
        with open(files.open_private(path), "rb") as file:  # noqa: PTH123
            if files.danger_of_file(os.fstat(file.fileno())):
                return None
            data = file.read()
    except OSError:
        return None
    head = len(_MAGIC) + hashlib.sha256().digest_size
    body = data[head:]
    whole = data.startswith(_MAGIC) and data[len(_MAGIC) : head] == hashlib.sha256(body).digest()
    return body if whole else None


def _write(path: Path, body: bytes) -> None:
    """Whole or not at all; on Windows not while somebody reads the old one, which then stays."""
    files.make_private_dir(path.parent)
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    descriptor = files.create_private(beside)
    if descriptor is None:
        raise FileExistsError(17, "somebody else writes it", str(beside))
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123
            file.write(_MAGIC + hashlib.sha256(body).digest() + body)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def _forget_old(folder: Path) -> None:
    files = sorted(folder.glob("*" + SUFFIX), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[KEPT:]:
        path.unlink(missing_ok=True)


def main(arguments: Sequence[str]) -> None:
    """Build what rules need: the folder, "all" or "usual" rules, entity types, users' rule files."""
    folder, which, types, *own = arguments
    if not database.available():
        return
    if hasattr(os, "nice"):
        os.nice(19)
    files.make_private_dir(Path(folder))
    with contextlib.suppress(ShieldError), FileLock(Path(folder) / LOCK, PATIENCE):
        from . import rules
        from .detect.engine import Engine

        known = rules.load([*rules.shipped(), *map(Path, own)])
        build(Engine(known, frozenset(types.split()), all_rules=which == "all").sources(), Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
