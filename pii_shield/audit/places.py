"""Second places for checkpoints: a file on another path, syslog, a collector over HTTP.

What somebody else holds is what cannot be rewritten here. A place that fails says so by False, and gets the same notes
again later; receivers must expect repetitions.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from ..store.files import PRIVATE, make_private_dir
from .faults import fault

if TYPE_CHECKING:
    from .ship.target import Address

SECONDS: Final = 5.0
_SYSLOG_HEAD: Final = "<110>1 - - pii-shield - checkpoint - "
"""Facility 13 (log audit), severity 6; RFC 5424 with nil time, host and process."""


class Place(Protocol):
    """Somewhere else.

    Attributes:
        is_quick: whether an ending process should still use it.
    """

    is_quick: bool

    def put(self, notes: Sequence[str]) -> bool:
        """Bring signed notes there; whether all arrived."""


class FilePlace:
    """A file that notes are appended to. Best on another volume, or one that is only appended to."""

    is_quick = True

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, notes: Sequence[str]) -> bool:
        """See `Place.put`."""
        try:
            make_private_dir(self._path.parent)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
            descriptor = os.open(self._path, flags, PRIVATE)
            with os.fdopen(descriptor, "ab") as file:
                file.write("".join(f"{note}\n" for note in notes).encode())
                file.flush()
                os.fsync(descriptor)
        except OSError:
            return False
        return True


class SyslogPlace:
    """A syslog receiver: a local socket, datagrams, TCP or TLS."""

    is_quick = False

    def __init__(self, address: "Address", seconds: float = SECONDS) -> None:
        self._address = address
        self._seconds = seconds

    def put(self, notes: Sequence[str]) -> bool:
        """See `Place.put`."""
        from .ship.undelivered import Undelivered
        from .ship.wires import deliver

        try:
            deliver(self._address, [(_SYSLOG_HEAD + json.dumps(note)).encode() for note in notes], self._seconds)
        except Undelivered:
            return False
        return True


class HttpPlace:
    """A collector that takes notes by POST as text/plain and answers 2xx itself: redirects are not followed."""

    is_quick = False

    def __init__(self, address: "Address", seconds: float = SECONDS) -> None:
        self._address = address
        self._seconds = seconds

    def put(self, notes: Sequence[str]) -> bool:
        """See `Place.put`."""
        from .ship.post import send
        from .ship.undelivered import Undelivered

        data = "".join(f"{note}\n" for note in notes).encode()
        try:
            send(self._address, data, {"Content-Type": "text/plain; charset=utf-8"}, self._seconds)
        except Undelivered:
            return False
        return True


def place(where: str) -> Place:
    """The place that a setting names: a path, or what `ship.target.address` takes.

    Raises:
        AuditError: PS707.
    """
    from .ship.target import address

    if not where.startswith("syslog:") and "://" not in where:
        return FilePlace(Path(where).expanduser())
    try:
        found = address(where)
    except ValueError as error:
        raise fault("PS707", what="this", why=str(error)) from None
    return HttpPlace(found) if found.scheme in ("http", "https") else SyslogPlace(found)
