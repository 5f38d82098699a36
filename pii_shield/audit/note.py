"""Signed notes in the C2SP layout, with Ed25519: a text, an empty line, a signature line. No I/O.

A checkpoint is such a note: origin, number of rows, head (base64), then one line of ours, the time.
See https://c2sp.org/signed-note and https://c2sp.org/tlog-checkpoint.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Final, NamedTuple

from .faults import fault

_ED25519: Final = b"\x01"
_ID_BYTES: Final = 4
_KEY_BYTES: Final = 32
_SIGNATURE: Final = re.compile(r"^— (\S+) (\S+)$")
_NOTE: Final = re.compile(r"(?:[^\n]+\n)+\n(?:— [^\n]+\n)+")


class Checkpoint(NamedTuple):
    """A signed statement: this log had this many rows and this head at this time.

    Attributes:
        origin: which log.
        what: "checkpoint", or "seal" for rows that were deleted after it.
        at: RFC 3339 time.
        note: the whole signed text.
    """

    origin: str
    size: int
    head: bytes
    at: str
    what: str
    note: str


class Signer:
    """Signs for one log. `seed` are 32 secret bytes."""

    __slots__ = ("_id", "_key", "key", "name")

    def __init__(self, name: str, seed: bytes) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        public = self._key.public_key().public_bytes_raw()
        self.name = name
        self._id = _key_id(name, public)
        self.key = f"{name}+{self._id.hex()}+{b64encode(_ED25519 + public).decode()}"

    def sign(self, text: str) -> str:
        """The note. `text` ends with a newline and holds no empty line."""
        return f"{text}\n— {self.name} {b64encode(self._id + self._key.sign(text.encode())).decode()}\n"

    def checkpoint(self, size: int, head: bytes, at: str, what: str = "checkpoint") -> str:
        """The note about a state of the log."""
        return self.sign(f"{self.name}\n{size}\n{b64encode(head).decode()}\n{what} {at}\n")

    def __repr__(self) -> str:
        return f"Signer({self.name})"


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:_ID_BYTES]


class Verifier:
    """Reads notes of one log with its public key, as `Signer.key` has it: name+id+key."""

    __slots__ = ("_id", "_key", "_refused", "key", "name")

    def __init__(self, key: str) -> None:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        self.key = key.strip()
        self.name, public = _parsed(self.key)
        self._id = _key_id(self.name, public)
        self._key = Ed25519PublicKey.from_public_bytes(public)
        self._refused = InvalidSignature

    def read(self, note: str, what: str = "the note") -> str:
        """The text of a note that this key signed; AuditError PS703 for any other."""
        text, _, signatures = note.rpartition("\n\n")
        for line in signatures.splitlines():
            match = _SIGNATURE.match(line)
            if match and match[1] == self.name and self._signed(f"{text}\n", match[2]):
                return f"{text}\n"
        raise fault("PS703", what=what)

    def _signed(self, text: str, encoded: str) -> bool:
        try:
            raw = b64decode(encoded, validate=True)
            self._key.verify(raw[_ID_BYTES:], text.encode())
        except (NotBase64, self._refused):
            return False
        return raw[:_ID_BYTES] == self._id

    def checkpoint(self, note: str, what: str = "the note") -> Checkpoint:
        """What a note says; AuditError PS703 if this key did not sign it, or not as a checkpoint."""
        try:
            origin, size, head, line = self.read(note, what).splitlines()
            kind, _, at = line.partition(" ")
            found = Checkpoint(origin, int(size), b64decode(head, validate=True), at, kind, note)
        except (ValueError, NotBase64):
            raise fault("PS703", what=what) from None
        if origin != self.name or found.size < 0:
            raise fault("PS703", what=what)
        return found


def _parsed(key: str) -> tuple[str, bytes]:
    name, _, rest = key.partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        raw = b64decode(encoded, validate=True)
    except (NotBase64, ValueError):
        raw = b""
    public = raw[1:]
    if raw[:1] != _ED25519 or len(public) != _KEY_BYTES or _key_id(name, public).hex() != key_id:
        raise fault("PS704", what="this text")
    return name, public


def split(text: str) -> Iterator[str]:
    """The notes of a file that holds many, one after the other. What is no note is skipped."""
    return (match[0] for match in _NOTE.finditer(text))


Keys = Mapping[str, Verifier]
"""Public keys by the name of the log."""
