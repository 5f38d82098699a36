"""Everything that can go wrong with a vault: one table of codes, words and fixes. No I/O.

The words name paths and codes, never a value, and never more about a failed decryption than that it failed.
"""

from typing import Final

from ..errors import VaultError
from ..store.faults import STORE_FAULTS, Faults, worded

_FAULTS: Final[Faults] = {
    **STORE_FAULTS,
    "PS401": (
        "the vault {path} exists but its key does not: {key}",
        "put the key file back, or move the vault away to start an empty one (its tokens are lost then)",
    ),
    "PS402": (
        "the key does not fit the vault {path}",
        "use the key file that this vault was made with (its key id is {id})",
    ),
    "PS403": ("the key file {key} is not safe: {why}", "make it a regular file of yours: chmod 600 {key}"),
    "PS404": ("the key file {key} cannot be read: {why}", "restore it from a backup; it is never made anew by itself"),
    "PS410": ("a record of the vault failed authentication", "restore a backup of the vault"),
    "PS414": ("no free token id was found", "use longer token ids"),
    "PS416": ("a value of an entity type that this program does not know", "upgrade pii-shield, then restart"),
}


def fault(code: str, **facts: object) -> VaultError:
    """The error for a code of the table, with its words filled in."""
    return worded(_FAULTS, code, facts)
