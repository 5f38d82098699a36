"""Where rows of the log are shipped to: one [audit.ship.NAME] of the configuration each. No I/O."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from ... import reading
from ...types import Secret

DEFAULT_ROWS: Final = 500
MAX_ROWS: Final = 5000
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}\Z")
_HOST: Final = re.compile(r"[A-Za-z0-9._:-]{1,255}\Z")
PORTS: Final = {"syslog": 601, "syslog+udp": 514, "syslog+tls": 6514, "http": 80, "https": 443}
"""What may be shipped by, and the port where none is named."""
_SAFE: Final = frozenset({"syslog+tls", "https"})


class Tls(NamedTuple):
    """Files in PEM: whom we believe (None: whom this machine believes), and what we show of ourselves."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None


class Address(NamedTuple):
    """A receiver.

    Attributes:
        scheme: of `PORTS`, or "unix" for a local socket.
        path: of a local socket, or of a URL with its query, which may be a secret.
    """

    scheme: str
    host: str
    port: int
    path: str
    tls: Tls = Tls()

    def __repr__(self) -> str:
        return f"syslog:{self.path}" if self.scheme == "unix" else f"{self.scheme}://{self.host}:{self.port}"


class Target(NamedTuple):
    """One receiver and what it wants.

    Attributes:
        name: names its place in the log, for good: under another name all rows are shipped again.
        format: "jsonl" or "ocsf".
        headers: said with every HTTP request; never shown.
        problem: why it cannot be shipped to from this process, or "".
        gzip: whether HTTP bodies are compressed.
        rows: most rows at once.
        host: what syslog calls this machine. Machines are often named for their owners, so nothing by default.
    """

    name: str
    address: Address
    format: str = "jsonl"
    headers: Mapping[str, Secret] = {}
    problem: str = ""
    gzip: bool = False
    rows: int = DEFAULT_ROWS
    host: str = "-"

    def placed(self, folder: Path) -> "Target":
        """With files that are named from a folder on."""
        files = (path and folder / path for path in self.address.tls)
        return self._replace(address=self.address._replace(tls=Tls(*files)))

    def resolved(self, environ: Mapping[str, str]) -> "Target":
        """With what its headers take from the environment."""
        try:
            return self._replace(headers=reading.filled(self.headers, environ))
        except ValueError as error:
            return self._replace(problem=str(error))


def read(value: Any) -> tuple[Target, ...]:
    """The targets of a table [audit.ship]; ValueError says what is wrong with it."""
    if not isinstance(value, dict):
        raise ValueError("must hold a table for each receiver: [audit.ship.NAME]")
    return tuple(_target(name, table) for name, table in value.items())


def _target(name: str, table: Any) -> Target:
    if not _NAME.match(name) or not isinstance(table, dict):
        raise ValueError("must hold a table for each receiver: [audit.ship.NAME], 1 to 32 letters, digits, _ and -")
    unknown = sorted(set(table) - _KEYS.keys())
    if unknown:
        raise ValueError(f"{name}.{unknown[0]}: unknown key; known here: {', '.join(_KEYS)}")
    said = {}
    for key, content in table.items():
        try:
            said[key] = _KEYS[key](content)
        except ValueError as error:
            raise ValueError(f"{name}.{key} {error}") from None
    tls = Tls(*(said.pop(key, None) for key in Tls._fields))
    is_plain = said.pop("plain", False)
    if "to" not in said:
        raise ValueError(f"{name}.to is missing: {_TO}")
    where: Address = said.pop("to")._replace(tls=tls)
    _check(name, where, said, is_plain)
    return Target(name, where, **said)


def _check(name: str, where: Address, said: Mapping[str, Any], is_plain: bool) -> None:
    if where.tls != Tls() and where.scheme not in _SAFE:
        raise ValueError(f"{name}: ca, cert and key are for https and syslog+tls")
    if where.tls.key and not where.tls.cert:
        raise ValueError(f"{name}.key needs a cert")
    if not where.scheme.startswith("http") and (said.get("headers") or said.get("gzip")):
        raise ValueError(f"{name}: headers and gzip are for HTTP")
    if not (is_plain or where.scheme in (*_SAFE, "unix") or is_loopback(where.host)):
        raise ValueError(
            f"{name}.to would send pseudonymised personal data over the network in the clear: "
            "use syslog+tls or https, or say plain = true"
        )


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    return host in ("localhost", "::1") or re.fullmatch(r"127(\.[0-9]{1,3}){3}", host) is not None


_TO: Final = "syslog+tls://HOST:PORT, syslog://HOST:PORT (TCP), syslog+udp://HOST:PORT, syslog:/dev/log, https://URL"


def address(value: Any) -> Address:
    """A receiver's address; ValueError says what it may be."""
    from urllib.parse import urlsplit

    where = reading.text(value)
    if where.startswith("syslog:") and not where.startswith("syslog://"):
        return Address("unix", "", 0, where.removeprefix("syslog:"))
    try:
        parts = urlsplit(where)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if _is_wrong(host, port, where) or parts.scheme not in PORTS or parts.username or parts.fragment:
        raise ValueError(f"must be one of {_TO}; without user and fragment")
    query = f"?{parts.query}" if parts.query else ""
    if not parts.scheme.startswith("http") and (parts.path.strip("/") or query):
        raise ValueError("names a path, which syslog has not")
    path = (parts.path or "/") + query
    return Address(parts.scheme, host, PORTS[parts.scheme] if port is None else port, path)


def _is_wrong(host: str, port: int | None, where: str) -> bool:
    """Whether a URL cannot be connected to, or could smuggle something into a request."""
    return not _HOST.match(host) or port == 0 or not where.isascii() or not where.isprintable() or " " in where


def _host(value: Any) -> str:
    if not _HOST.match(reading.text(value)):
        raise ValueError("must be a host name")
    return str(value)


_KEYS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "to": address,
    "format": reading.one_of("jsonl", "ocsf"),
    "headers": reading.headers,
    "gzip": reading.flag,
    "ca": reading.path,
    "cert": reading.path,
    "key": reading.path,
    "rows": reading.between(1, MAX_ROWS, int),
    "host": _host,
    "plain": reading.flag,
}
"""Key of an [audit.ship.NAME] -> how it reads."""
