"""Second places for checkpoints: a file on another path, syslog, a collector over HTTP.

What somebody else holds is what cannot be rewritten here. A place that fails says so by False, and gets the same notes
again later; receivers must expect repetitions.
"""

import json
import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

from ..store.files import PRIVATE, make_private_dir
from .faults import fault

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
    """A syslog receiver: a local socket, or TCP with octet counting (RFC 6587)."""

    is_quick = False

    def __init__(self, address: str | tuple[str, int], seconds: float = SECONDS) -> None:
        self._address = address
        self._seconds = seconds

    def put(self, notes: Sequence[str]) -> bool:
        """See `Place.put`."""
        lines = [(_SYSLOG_HEAD + json.dumps(note)).encode() for note in notes]
        try:
            if isinstance(self._address, str):
                with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as local:
                    local.connect(self._address)
                    for line in lines:
                        local.send(line)
            else:
                with socket.create_connection(self._address, self._seconds) as stream:
                    stream.sendall(b"".join(b"%d %b" % (len(line), line) for line in lines))
        except OSError:
            return False
        return True


class HttpPlace:
    """A collector that takes notes by POST as text/plain and answers 2xx."""

    is_quick = False

    def __init__(self, url: str, seconds: float = SECONDS) -> None:
        self._url = url
        self._seconds = seconds

    def put(self, notes: Sequence[str]) -> bool:
        """See `Place.put`."""
        from urllib.request import Request, urlopen

        data = "".join(f"{note}\n" for note in notes).encode()
        request = Request(self._url, data, {"Content-Type": "text/plain; charset=utf-8"}, method="POST")  # noqa: S310
        try:
            with urlopen(request, timeout=self._seconds):  # noqa: S310 - `place` lets only http and https through
                return True
        except OSError:  # HTTP errors too
            return False


def place(where: str) -> Place:
    """The place that a setting names: a path, syslog:PATH, syslog://HOST:PORT, http(s)://URL.

    Raises:
        AuditError: PS707.
    """
    kind, colon, rest = where.partition(":")
    if colon and kind in ("http", "https"):
        if not urlsplit(where).hostname:
            raise fault("PS707", what="this", why="it names no host")
        return HttpPlace(where)
    if colon and kind == "syslog" and not rest.startswith("//"):
        return SyslogPlace(rest)
    if colon and kind == "syslog":
        try:
            parts = urlsplit(where)
            host, port = parts.hostname, parts.port or 601
        except ValueError:
            host, port = None, 0
        if not host:
            raise fault("PS707", what="this", why="it names no host and port")
        return SyslogPlace((host, port))
    if "://" in where:
        raise fault("PS707", what="this", why="no such scheme")
    return FilePlace(Path(where).expanduser())
