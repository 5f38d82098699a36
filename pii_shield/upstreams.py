"""Where the servers are that `serve` stands in front of: the same TOML file, or a client's `mcpServers` JSON.

Only `serve` reads this; `run` has the server's command on its own command line.
"""

import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from . import reading
from .config import check_owner
from .errors import ConfigError
from .settings import UPSTREAM_KEYS

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""A server's name is a part of its path and a label of metrics."""
MAX_BYTES = 1 << 20


class Upstream(NamedTuple):
    """One server.

    Attributes:
        name: as configured.
        command: program and arguments; empty for a server on HTTP.
        env: what its environment has beyond ours.
        cwd: folder to start it in, "" for ours.
        url: its endpoint; "" for a server on stdio.
        headers: what we say to it, credentials among them. Never shown.
        oauth: what we are registered as at its authorization server (client_id, client_secret, scope), empty to
            register on login; None if it wants no OAuth.
        share: "session" for one process per client session, "principal" for one per principal.
    """

    name: str
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = {}
    cwd: str = ""
    url: str = ""
    headers: Mapping[str, str] = {}
    share: str = "session"
    oauth: Mapping[str, str] | None = None

    def __repr__(self) -> str:
        return f"Upstream({self.name})"


class Serve(NamedTuple):
    """Settings of the HTTP side, [serve].

    Attributes:
        hosts: names in Host and Origin that are ours, beside those of the loopback.
        principals: file of the bearer tokens; None for the usual place.
        idle_minutes: how long a session may be silent before it ends.
        max_sessions: per principal and server.
    """

    hosts: tuple[str, ...] = ()
    principals: Path | None = None
    idle_minutes: float = 60.0
    max_sessions: int = 256


def load(path: Path, environ: Mapping[str, str]) -> tuple[Serve, dict[str, Upstream]]:
    """Settings and servers of a file, by name.

    Args:
        environ: gives ${NAME} in commands, environments, URLs and headers.

    Raises:
        ConfigError: names the file and the key, never what it holds.
    """
    check_owner(path)
    try:
        text = path.read_bytes()[:MAX_BYTES].decode("utf-8")
        data = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", code="PS304", fix="check --config") from None
    except ValueError as error:
        kind = "JSON" if path.suffix == ".json" else "TOML"
        raise ConfigError(f"{path} is not {kind}: {_where(error)}", code="PS303", fix="correct that line") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{path} must hold an object", code="PS303")
    servers = _table(path, ("servers",), data.get("mcpServers", data.get("servers", {})))
    if not servers:
        raise ConfigError(f"{path} names no server", code="PS320", fix="add [servers.NAME] with command = [...] or url")
    found = {name: _upstream(path, name, keys, environ) for name, keys in servers.items() if not _is_off(keys)}
    return _serve(path, _table(path, ("serve",), data.get("serve", {}))), found


def from_flags(name: str, url: str, headers: Sequence[str], environ: Mapping[str, str]) -> Upstream:
    """The server that `run --url` names; without a name it is called as its host.

    Args:
        headers: NAME=VALUE each.

    Raises:
        ConfigError: the URL is none, or a header is none.
    """
    where = Path("--url")
    address = _url(where, (), url, environ)
    pairs = [text.partition("=") for text in headers]
    if not all(separator and name.strip() for name, separator, _ in pairs):
        raise ConfigError("--header must be NAME=VALUE", code="PS305")
    said = {key.strip(): _expanded(Path("--header"), (key.strip(),), text, environ) for key, _, text in pairs}
    host = re.sub(r"[^A-Za-z0-9._-]+", "-", urlsplit(address).hostname or "").strip("-.")
    return Upstream(name or host or "server", url=address, headers=said)


def _where(error: ValueError) -> str:
    """A position. The parser's own words may quote the file."""
    found = re.search(r"line \d+(?:,? column \d+)?", str(error))
    return found[0] if found else "unreadable"


def _is_off(keys: Any) -> bool:
    return isinstance(keys, dict) and keys.get("disabled") is True


def _upstream(path: Path, name: str, keys: Any, environ: Mapping[str, str]) -> Upstream:
    where = ("servers", name)
    table = _table(path, where, keys)
    if not NAME.fullmatch(name):
        raise _problem(path, where, "a server's name must be 1 to 64 letters, digits and . _ -")
    read = {key: _READ[key](path, (*where, key), table[key], environ) for key in table if key in UPSTREAM_KEYS}
    command = (*read.pop("command", ()), *read.pop("args", ()))
    upstream = Upstream(name, command, **read)
    if bool(upstream.command) == bool(upstream.url):
        raise _problem(path, where, "must have either a command or a url")
    return upstream


def _texts(path: Path, where: tuple[str, ...], value: Any, environ: Mapping[str, str]) -> tuple[str, ...]:
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise _problem(path, where, "must be a list of texts")
    return tuple(_expanded(path, where, part, environ) for part in parts)


def _text(path: Path, where: tuple[str, ...], value: Any, environ: Mapping[str, str]) -> str:
    if not isinstance(value, str) or not value:
        raise _problem(path, where, "must be a text")
    return _expanded(path, where, value, environ)


def _mapping(path: Path, where: tuple[str, ...], value: Any, environ: Mapping[str, str]) -> dict[str, str]:
    return {key: _text(path, (*where, key), text, environ) for key, text in _table(path, where, value).items()}


def _url(path: Path, where: tuple[str, ...], value: Any, environ: Mapping[str, str]) -> str:
    url = _text(path, where, value, environ)
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or parts.username or parts.fragment:
        raise _problem(path, where, "must be an http or https URL without user, password and fragment")
    return url


def _share(path: Path, where: tuple[str, ...], value: Any, _: Mapping[str, str]) -> str:
    if value not in ("session", "principal"):
        raise _problem(path, where, "must be one of session, principal")
    return str(value)


def _oauth(path: Path, where: tuple[str, ...], value: Any, environ: Mapping[str, str]) -> dict[str, str] | None:
    if isinstance(value, bool):
        return {} if value else None
    said = _mapping(path, where, value, environ)
    if not said.keys() <= {"client_id", "client_secret", "scope"}:
        raise _problem(path, where, "must be true, or a table with client_id, client_secret and scope")
    return said


_READ: Mapping[str, Callable[[Path, tuple[str, ...], Any, Mapping[str, str]], Any]] = {
    "command": _texts,
    "args": _texts,
    "env": _mapping,
    "cwd": _text,
    "url": _url,
    "headers": _mapping,
    "oauth": _oauth,
    "share": _share,
}


def _expanded(path: Path, where: tuple[str, ...], text: str, environ: Mapping[str, str]) -> str:
    try:
        return reading.expanded(text, environ)
    except ValueError as error:
        raise _problem(path, where, str(error)) from None


def _serve(path: Path, table: dict[str, Any]) -> Serve:
    for key, value in table.items():
        if key not in _SERVE_TYPES:
            raise _problem(path, ("serve", key), f"unknown key; known here: {', '.join(_SERVE_TYPES)}")
        if not isinstance(value, _SERVE_TYPES[key]) or isinstance(value, bool) or value in (0, ""):
            raise _problem(path, ("serve", key), "has the wrong type")
    changes = dict(table)
    if "hosts" in changes:
        changes["hosts"] = _texts(path, ("serve", "hosts"), changes["hosts"], {})
    if "principals" in changes:
        changes["principals"] = Path(changes["principals"]).expanduser()
    return Serve(**changes)


_SERVE_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "hosts": list,
    "principals": str,
    "idle_minutes": (int, float),
    "max_sessions": int,
}


def _table(path: Path, where: tuple[str, ...], value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _problem(path, where, "must be a table")
    return value


def _problem(path: Path, where: tuple[str, ...], what: str) -> ConfigError:
    return ConfigError(f"{path}: {'.'.join(where)}: {what}", code="PS305")
