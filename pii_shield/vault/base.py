"""What a vault is: the one interface over every store, and the records it hands out. No I/O.

A vault keeps spellings of identities and gives them back for a grant. Everything is synchronous and thread-safe.
Every method raises `VaultError` when the store or its key cannot be used; no error ever holds a value.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from ..entities import TYPES
from ..policy import Grant
from ..types import Secret, TokenRef, Value
from .faults import fault

DAY: Final = 86_400
RETENTION_DAYS: Final = 90
"""An identity that was neither seen nor released for this long expires: its spellings are destroyed."""
TOUCH_SECONDS: Final = DAY
"""Longest step in which use prolongs an identity's life."""
KEY_BYTES: Final = 32
RandomBytes = Callable[[int], bytes]
"""`os.urandom` or a stand-in."""
SENT: Final = "sent"
GRANTED: Final = "granted"


class Row(NamedTuple):
    """What is known of one identity without its value.

    Attributes:
        type: entity type.
        label: the word inside its tokens.
        origins: servers that sent it, as `name#fingerprint`.
        granted: servers that it was released to and that had not sent it before.
        spellings: how many there are.
        expired: its retention is over: there are no spellings any more, origins and granted are empty.
    """

    type: str
    label: str
    origins: frozenset[str]
    granted: frozenset[str]
    spellings: int
    expired: bool


class Known(NamedTuple):
    """One spelling, for recall inside this process.

    Attributes:
        ref: which identity and spelling.
        gone: erased or expired: forget every spelling of `ref.id`. The other fields but `type` and `label` are empty.
    """

    ref: TokenRef
    type: str
    label: str
    spelling: str
    kind: str
    identity: str
    rule: str
    origins: frozenset[str]
    granted: frozenset[str]
    gone: bool = False

    def __repr__(self) -> str:
        return f"Known({self.type})"


class VaultInfo(NamedTuple):
    """What a person may know about a vault: no values.

    Attributes:
        path: file of the vault, or "" for memory.
        schema: version of the format; 0 if there is no vault yet.
        key_source: where the key came from.
        key_id: short public id of the key.
        size: bytes on disk.
        retention_days: idle time after which new identities expire.
        live: identities per scope and entity type.
        expired: expired identities per scope.
        spellings: spellings per scope.
    """

    path: str
    schema: int
    key_source: str
    key_id: str
    size: int
    retention_days: float
    live: dict[str, dict[str, int]]
    expired: dict[str, int]
    spellings: dict[str, int]


class Vault(Protocol):
    """A store of spellings. `scope` is the set of tokens that belong together; `server` is `name#fingerprint`."""

    def put(self, scope: str, server: str, values: Sequence[Value]) -> list[TokenRef]:
        """Get or create the token of each value; committed when this returns. Idempotent.

        Records the server as an origin of each identity, unless the value was released to it before.
        """

    def look(self, scope: str, refs: Sequence[TokenRef]) -> list[Row | None]:
        """What each token stands for; None when there is no such token or no such spelling in this scope."""

    def open(self, grants: Sequence[Grant]) -> list[Secret]:
        """The exact spelling behind each grant. A release to a new server is on record when this returns.

        Raises:
            UnknownToken: one of them expired or was erased; then nothing is opened.
        """

    def known(self, scope: str, since: int) -> tuple[int, list[Known]]:
        """A new cursor, and every spelling of identities that changed after the old one (0: all), a page of them.

        There may be more until the cursor stays the same.

        An identity comes again when it gets a spelling, an origin or a grant, and once more, as `gone`, when it
        expires or is erased: replace what you hold for `ref.id`. Cheap when nothing changed, to be called for every
        message.
        """

    def note(self, scope: str, notes: Mapping[str, str]) -> None:
        """Keep a note, without any value, with each living identity, by token id, in place of the one before it."""

    def noted(self, scope: str, newest: int, token_id: str = "") -> list[tuple[str, str]]:
        """Token id and note of the identities that were noted last, the last first; or only of the one named."""

    def bind(self, scope: str, name: str, fingerprint: str) -> str:
        """The fingerprint that this server name was bound to at its first use, which may be this one."""

    def fingerprint(self, scope: str, identity: str) -> str:
        """12 hex digits of a keyed hash of a server's resolved command line or URL."""

    def secret(self, name: str) -> bytes:
        """32 random bytes that belong to this vault, made at first use: keys of what stands beside the values."""

    def forget(self, scope: str, ref: TokenRef) -> bool:
        """Erase the identity and all its spellings from the store; whether there was one to erase."""

    def info(self) -> VaultInfo:
        """Numbers for people. Makes nothing where no vault is."""

    def close(self) -> None:
        """Release files and keys. The vault cannot be used afterwards; closing twice is fine."""


def prolonged(expires: int, now: int, retention: int) -> int:
    """When an identity expires if it is used now; all in seconds.

    In steps, so that use of what is known costs no commit. Never earlier: a clock set back must not end anything.
    """
    step = min(TOUCH_SECONDS, retention // 8)
    return max(now + retention, expires) if now + retention - expires >= step else expires


def label_of(type_: str) -> str:
    """Label of an entity type; VaultError for a type of a newer program."""
    row = TYPES.get(type_)
    if row is None:
        raise fault("PS416")
    return row.label


def link(value: Value, server: str) -> tuple[str, str, str]:
    """What makes two values one identity inside a scope: low-entropy types link only within one origin."""
    row = TYPES.get(value.type)
    if row is None:
        raise fault("PS416")
    return value.type, value.identity, server if row.low_entropy else ""
