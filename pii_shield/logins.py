"""Our own access to servers that want OAuth: one login per principal and server, sealed at rest.

Made by `pii-shield login`, used and renewed by `serve`. The file is useless without the vault's key.
"""

import base64
import binascii
import json
import os
import secrets
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from .errors import ConfigError, ShieldError
from .store.lock import FileLock


class Login(NamedTuple):
    """What is needed to speak for a principal, and to go on doing so.

    Attributes:
        expires: Unix time after which the access token is not worth sending; 0 if unknown.
        method: how we authenticate at the token endpoint: "none", "client_secret_post" or "client_secret_basic".
    """

    access_token: str
    refresh_token: str
    expires: float
    token_endpoint: str
    client_id: str
    client_secret: str
    method: str
    resource: str

    def __repr__(self) -> str:
        return "Login(...)"


class Box(Protocol):
    """Seals bytes, bound to columns (see `vault.seal.Box`)."""

    def seal(self, plain: bytes, *columns: str) -> bytes: ...
    def unseal(self, sealed: object, *columns: str) -> bytes: ...


class Logins:
    """The logins of all principals, in one file. Blocking; safe for several processes.

    Args:
        path: the file; need not exist.
        box: seals each login, bound to its principal, server and URL.
    """

    def __init__(self, path: Path, box: Box) -> None:
        self._path = path
        self._box = box

    def get(self, principal: str, server: str, url: str) -> Login | None:
        """The login, None if there is none.

        Raises:
            ShieldError: the file or its key cannot be used.
        """
        sealed = self._rows().get(_key(principal, server))
        if sealed is None:
            return None
        try:
            return Login(**json.loads(self._box.unseal(base64.b64decode(sealed), principal, server, url)))
        except (binascii.Error, TypeError, ValueError):
            raise self._damaged() from None

    def put(self, principal: str, server: str, url: str, login: Login) -> None:
        """Keep a login, in place of an older one.

        Raises:
            ShieldError: the file cannot be written.
        """
        sealed = self._box.seal(json.dumps(login._asdict()).encode(), principal, server, url)
        self._change(_key(principal, server), base64.b64encode(sealed).decode())

    def forget(self, principal: str, server: str) -> None:
        """End a login here; the server is not told."""
        self._change(_key(principal, server), None)

    def _rows(self) -> dict[str, Any]:
        try:
            rows = json.loads(self._path.read_bytes())["logins"]
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError):
            raise self._damaged() from None
        if not isinstance(rows, dict):
            raise self._damaged()
        return rows

    def _change(self, key: str, sealed: str | None) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with FileLock(self._path.with_name(self._path.name + ".lock")):
                rows = {name: row for name, row in self._rows().items() if name != key}
                if sealed is not None:
                    rows[key] = sealed
                fresh = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}")
                with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                    json.dump({"logins": rows}, file, indent=2)
                fresh.replace(self._path)
        except OSError as error:
            raise ConfigError(f"{self._path} cannot be written: {error.strerror}", code="PS329") from None

    def _damaged(self) -> ShieldError:
        return ConfigError(f"{self._path} is damaged", code="PS328", fix="delete it and log in again")


def _key(principal: str, server: str) -> str:
    return f"{principal} {server}"
