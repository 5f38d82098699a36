"""Which server a transport leads to: its name and identity, read from what the transport was made with.

The identity is the one that `pii-shield run` and `serve` use, so that a server is the same server everywhere.
"""

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ..naming import default_name


class Destination(NamedTuple):
    """One server.

    Attributes:
        name: what it is called in configuration and records.
        identity: its resolved command line or URL; None for the one that the name was bound to.
    """

    name: str
    identity: str | None = None

    def __repr__(self) -> str:
        return f"Destination({self.name})"  # a URL or a command line may hold credentials


def of_command(command: str, args: Sequence[str], environ: Mapping[str, str]) -> Destination:
    """A server on stdio."""
    found = shutil.which(command, path=environ.get("PATH")) or command
    return Destination(default_name([command, *args]), "\0".join((found, *args)))


def of_url(url: str) -> Destination:
    """A server on HTTP, called as its host."""
    host = re.sub(r"[^A-Za-z0-9._-]+", "-", urlsplit(url).hostname or "").strip("-.")
    return Destination(host or "server", url)


def of_arguments(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Destination | None:
    """The server that a transport function is called for: stdio parameters or a URL among its arguments."""
    for argument in (*args, *kwargs.values()):
        command = getattr(argument, "command", None)
        if isinstance(command, str) and command:
            environ = {**os.environ, **(getattr(argument, "env", None) or {})}
            return of_command(command, list(getattr(argument, "args", None) or ()), environ)
        if isinstance(argument, str) and urlsplit(argument).scheme in ("http", "https", "ws", "wss"):
            return of_url(argument)
    return None


def of_transport(transport: object) -> Destination | None:
    """The server behind a transport that `contextlib.asynccontextmanager` made, as mcp's are."""
    return of_arguments(getattr(transport, "args", None) or (), getattr(transport, "kwds", None) or {})
