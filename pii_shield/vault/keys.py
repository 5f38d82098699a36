"""Where the key-encryption key comes from. The key file is made at first use, with no questions.

Another source (keyring, passphrase, command) is another class with the one method of `KeySource`.
"""

import binascii
import os
import sys
from pathlib import Path
from typing import Final, Protocol

from ..store.files import create_private, danger_of_dir, danger_of_file, make_private_dir, open_private, sync_dir
from ..store.lock import FileLock
from .base import KEY_BYTES, RandomBytes
from .faults import fault

_PREFIX: Final = b"pii-shield-key-1 "
_MAX_FILE: Final = 4096


class Key:
    """32 secret bytes and where they came from. Shows nothing."""

    __slots__ = ("_secret", "source")

    def __init__(self, secret: bytes, source: str) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError("a key has 32 bytes")
        self._secret = secret
        self.source = source

    def reveal(self) -> bytes:
        """The bytes."""
        return self._secret

    def __repr__(self) -> str:
        return f"Key({self.source})"


class KeySource(Protocol):
    """Something that can give the key of a vault."""

    def load(self, vault: Path, create: bool) -> Key:
        """The key of the vault; `create` allows to make one and is set only where no vault exists yet.

        Raises:
            VaultError: no key, not readable, not safe.
        """


class KeyFile:
    """A key in a file of its own, 0600. Keep it out of the vault's backups."""

    def __init__(self, path: Path, random: RandomBytes = os.urandom) -> None:
        self._path = path
        self._random = random

    def load(self, vault: Path, create: bool) -> Key:
        """Read the key, or make it. Of several processes that start at once, one makes it."""
        try:
            secret = self._read()
            if secret is None and create:
                secret = self._make()
        except OSError as error:
            raise fault("PS404", key=self._path, why=error.strerror or type(error).__name__) from None
        if secret is None:
            raise fault("PS401", path=vault, key=self._path)
        return Key(secret, f"file {self._path}")

    def _read(self) -> bytes | None:
        if self._path.is_symlink():
            raise fault("PS403", key=self._path, why="a symbolic link")
        try:
            descriptor = open_private(self._path)
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            danger = danger_of_file(os.fstat(descriptor)) or danger_of_dir(self._path.parent)
            if danger:
                raise fault("PS403", key=self._path, why=danger)
            return self._parse(file.read(_MAX_FILE))

    def _parse(self, text: bytes) -> bytes:
        try:
            secret = binascii.a2b_base64(text.strip().removeprefix(_PREFIX), strict_mode=True)
        except binascii.Error:
            secret = b""
        if not text.startswith(_PREFIX) or len(secret) != KEY_BYTES:
            raise fault("PS404", key=self._path, why="not a key of pii-shield")
        return secret

    def _make(self) -> bytes | None:
        make_private_dir(self._path.parent)
        with FileLock(self._path.with_name(self._path.name + ".lock")):
            secret = self._read()
            if secret is None:
                self._write(_PREFIX + binascii.b2a_base64(self._random(KEY_BYTES)))
                secret = self._read()
        return secret

    def _write(self, text: bytes) -> None:
        """Whole or not at all: written beside, synced, then named. Never replaces a file."""
        draft = self._path.with_name(self._path.name + ".new")
        draft.unlink(missing_ok=True)
        descriptor = create_private(draft)
        if descriptor is None:
            raise fault("PS403", key=self._path, why="somebody else writes beside it")
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        if sys.platform == "win32":
            draft.rename(self._path)
        else:
            os.link(draft, self._path)
            draft.unlink()
        sync_dir(self._path.parent)
