"""Who may talk to us: bearer tokens, hashed at rest, each of one principal. Only this module touches their file."""

import hashlib
import hmac
import json
import os
import re
import secrets
from pathlib import Path
from typing import NamedTuple

from ...config import check_owner
from ...errors import ConfigError

PREFIX = "psh_"
"""Bearer tokens begin with it, so that secret scanners know one when they see it."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
FIRST = "local"
"""The principal of the token that is made at first start."""


class Principal(NamedTuple):
    """Somebody who is known to us.

    Attributes:
        name: as issued.
        scope: where this principal's values live; "" for the configured one.
    """

    name: str
    scope: str = ""


class Tokens:
    """The bearer tokens that are valid. 256 random bits each, so a plain hash at rest is enough."""

    def __init__(self, path: Path) -> None:
        """
        Args:
            path: their file; need not exist.

        Raises:
            ConfigError: it cannot be read, or somebody else could have written it.
        """
        self._path = path
        self._rows: list[tuple[bytes, Principal]] = []
        self._seen = 0
        self._refresh()

    def __bool__(self) -> bool:
        return bool(self._rows)

    def _refresh(self) -> None:
        """Take in what `--issue` and `--revoke` of another process did."""
        try:
            changed = self._path.stat().st_mtime_ns
        except FileNotFoundError:
            changed = 0
        if changed != self._seen:
            self._rows = []  # nobody, should the file have become unusable
            if changed:
                check_owner(self._path)
                self._rows = _read(self._path)
            self._seen = changed

    def principal(self, token: str) -> Principal | None:
        """Whose token it is, None for nobody's. Takes the same time for every token."""
        try:
            self._refresh()
        except ConfigError:
            return None
        digest = _digest(token)
        found = None
        for known, principal in self._rows:
            if hmac.compare_digest(known, digest):
                found = principal
        return found

    def issue(self, name: str, scope: str = "") -> str:
        """A new token, which nobody can be shown again. Other tokens of the same principal stay valid.

        Raises:
            ConfigError: the name cannot be one, or the file cannot be written.
        """
        if not NAME.fullmatch(name):
            raise ConfigError("a principal's name must be 1 to 64 letters, digits and . _ @ -", code="PS321")
        token = PREFIX + secrets.token_urlsafe(32)
        self._rows.append((_digest(token), Principal(name, scope)))
        self._write()
        return token

    def revoke(self, name: str) -> int:
        """End all tokens of a principal; how many there were."""
        kept = [row for row in self._rows if row[1].name != name]
        ended = len(self._rows) - len(kept)
        self._rows = kept
        self._write()
        return ended

    def _write(self) -> None:
        rows = [{"principal": p.name, "scope": p.scope, "sha256": digest.hex()} for digest, p in self._rows]
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}")
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                json.dump({"tokens": rows}, file, indent=2)
            fresh.replace(self._path)
            self._seen = self._path.stat().st_mtime_ns
        except OSError as error:
            raise ConfigError(f"{self._path} cannot be written: {error.strerror}", code="PS322") from None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def _read(path: Path) -> list[tuple[bytes, Principal]]:
    try:
        rows = json.loads(path.read_bytes())["tokens"]
        return [(bytes.fromhex(row["sha256"]), Principal(row["principal"], row["scope"])) for row in rows]
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", code="PS322") from None
    except (ValueError, KeyError, TypeError):
        raise ConfigError(f"{path} is damaged", code="PS322", fix="delete it and issue new tokens") from None
