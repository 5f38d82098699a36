"""Keys of a scope, and what they do: seal, unseal, authenticate, index. No I/O.

    KEK (32 bytes, from a key source)
      root of a scope (32 random bytes, wrapped by the KEK)
        HKDF-SHA256 -> data key of each version   AES-256-GCM, random 96-bit nonce
                    -> index key                  HMAC-SHA256, blind indexes
                    -> row key                    HMAC-SHA256, rows without a secret
                    -> server key                 HMAC-SHA256, fingerprints of servers

Every record binds all of its columns, so that rows cannot be swapped, moved to another scope or edited.
"""

import hmac
import os
from typing import Final

from .base import RandomBytes
from .faults import fault

NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
_FORMAT: Final = "pii_shield/v1"
_ALG_GCM: Final = b"\x01"
"""First byte of everything sealed: AES-256-GCM. Another algorithm gets another byte."""

Column = str | int | bytes | None


def pack(*columns: Column) -> bytes:
    """An injective encoding, column by column: `s3:abc`, `b3:abc`, `i42:`, `n:`."""
    return "".join(
        [
            f"s{len(c)}:{c}" if type(c) is str and c.isascii() else f"i{c}:" if type(c) is int else _packed(c)
            for c in columns
        ]
    ).encode("latin-1")


def _packed(column: Column) -> str:
    """Bytes, each as the character of its number."""
    if isinstance(column, str):
        raw = column.encode("utf-8", "surrogatepass")
        return f"s{len(raw)}:{raw.decode('latin-1')}"
    if isinstance(column, bytes):
        return f"b{len(column)}:{column.decode('latin-1')}"
    if column is None:
        return "n:"
    raise fault("PS410")  # a REAL in an edited database


def mac(key: bytes, *columns: Column) -> bytes:
    """HMAC-SHA256 over the packed columns."""
    return hmac.digest(key, pack(*columns), "sha256")


def is_mac(tag: object, key: bytes, *columns: Column) -> bool:
    """Whether the tag is the MAC of the columns, in constant time."""
    return isinstance(tag, bytes) and hmac.compare_digest(tag, mac(key, *columns))


def hkdf(secret: bytes, info: str, salt: bytes = b"") -> bytes:
    """HKDF-SHA256 (RFC 5869), 32 bytes."""
    extracted = hmac.digest(salt or bytes(32), secret, "sha256")
    return hmac.digest(extracted, info.encode() + b"\x01", "sha256")


class Box:
    """AES-256-GCM under one key. `always` are columns bound to everything in it."""

    __slots__ = ("_always", "_cipher", "_random", "_refused")

    def __init__(self, key: bytes, random: RandomBytes, *always: Column) -> None:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._cipher = AESGCM(key)
        self._random = random
        self._always = _ALG_GCM + pack(_FORMAT, *always)
        self._refused = InvalidTag

    def seal(self, plain: bytes, *columns: Column) -> bytes:
        """Algorithm byte, nonce, ciphertext and tag; the columns are bound to it."""
        nonce = self._random(NONCE_BYTES)
        return _ALG_GCM + nonce + self._cipher.encrypt(nonce, plain, self._always + pack(*columns))

    def unseal(self, sealed: object, *columns: Column) -> bytes:
        """What was sealed with the same columns; VaultError PS410 for anything else."""
        if not isinstance(sealed, bytes) or len(sealed) < 1 + NONCE_BYTES + TAG_BYTES or sealed[:1] != _ALG_GCM:
            raise fault("PS410")
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, body, self._always + pack(*columns))
        except self._refused:
            raise fault("PS410") from None


class Kek:
    """The key-encryption key at work: its public id, the proof that it fits a vault, wrapped roots."""

    __slots__ = ("_box", "_proof", "key_id")

    def __init__(self, key: bytes, random: RandomBytes = os.urandom) -> None:
        self._box = Box(hkdf(key, f"{_FORMAT}/wrap"), random)
        self._proof = hkdf(key, f"{_FORMAT}/proof")
        self.key_id = hkdf(key, f"{_FORMAT}/id")[:8].hex()

    def prove(self, *columns: Column) -> bytes:
        """The key-check record: it tells "wrong key" from "damaged"."""
        return mac(self._proof, "vault", *columns)

    def fits(self, proof: object, *columns: Column) -> bool:
        """Whether `prove` of this key gave the proof."""
        return is_mac(proof, self._proof, "vault", *columns)

    def wrap(self, root: bytes, *columns: Column) -> bytes:
        """A scope's root for storage."""
        return self._box.seal(root, "scope", *columns)

    def unwrap(self, wrapped: object, *columns: Column) -> bytes:
        """The scope's root again; VaultError PS410 if it was not wrapped with this key and these columns."""
        return self._box.unseal(wrapped, "scope", *columns)


class ScopeKeys:
    """The keys of one scope. The scope's random id is bound to everything they make."""

    __slots__ = ("_boxes", "_index", "_random", "_root", "_row", "_scope", "_server", "version")

    def __init__(self, scope_id: bytes, root: bytes, version: int, random: RandomBytes = os.urandom) -> None:
        self._scope, self._root, self._random = scope_id, root, random
        self._index = hkdf(root, "index")
        self._row = hkdf(root, "row")
        self._server = hkdf(root, "server")
        self._boxes: dict[int, Box] = {}
        self.version = version

    def index(self, *parts: Column) -> bytes:
        """Blind index: equal parts, equal bytes; without the key it says nothing."""
        return mac(self._index, *parts)

    def seal(self, text: str, version: int, *columns: Column) -> bytes:
        """Seal a text for a row with these columns."""
        plain = text.encode("utf-8", "surrogatepass")
        return self._box(version).seal(plain, *columns)

    def unseal(self, sealed: object, version: int, *columns: Column) -> str:
        """The text of a row; VaultError PS410 if the row is not exactly as it was written."""
        return self._box(version).unseal(sealed, *columns).decode("utf-8", "surrogatepass")

    def sign(self, *columns: Column) -> bytes:
        """Authenticate a row that holds no secret."""
        return mac(self._row, self._scope, *columns)

    def check(self, tag: object, *columns: Column) -> None:
        """VaultError PS410 unless `sign` of these columns gave the tag."""
        if not is_mac(tag, self._row, self._scope, *columns):
            raise fault("PS410")

    def fingerprint(self, text: str) -> str:
        """12 hex digits."""
        return mac(self._server, text)[:6].hex()

    def _box(self, version: int) -> Box:
        if version not in self._boxes:
            if not isinstance(version, int) or not 0 < version <= self.version:
                raise fault("PS410")
            self._boxes[version] = Box(hkdf(self._root, f"data|v{version}"), self._random, self._scope, version)
        return self._boxes[version]
