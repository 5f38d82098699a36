"""What the rows of one scope say, once they are verified. No I/O."""

from typing import Final, NamedTuple

LIVE: Final = "live"
EXPIRED: Final = "expired"
FORGOTTEN: Final = "forgotten"


class Identity(NamedTuple):
    """One row of the identity table, verified, with its canonical form. `num` is None until it is stored."""

    id: str
    type: str
    rule: str
    blind: bytes | None
    state: str
    created: int
    expires: int
    changed: int
    spellings: int
    origins: int
    key_version: int
    canonical: str
    num: int | None = None

    def __repr__(self) -> str:
        return f"Identity({self.type})"

    def is_live(self, now: int) -> bool:
        """Whether its spellings may still be used."""
        return self.state == LIVE and now < self.expires


class Spelling(NamedTuple):
    """One verified row of the spelling table."""

    n: int
    kind: str
    text: str

    def __repr__(self) -> str:
        return f"Spelling({self.n})"


class Note(NamedTuple):
    """A sealed note about an identity, by the identity's number."""

    num: int
    key_version: int
    sealed: bytes
