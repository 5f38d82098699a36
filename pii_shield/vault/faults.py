"""Everything that can go wrong with a vault: one table of codes, words and fixes. No I/O.

The words name paths and codes, never a value, and never more about a failed decryption than that it failed.
"""

from typing import Final

from ..errors import VaultError

_FAULTS: Final[dict[str, tuple[str, str]]] = {
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
    "PS405": (
        "the vault {path} has format {found}, newer than this program, which knows up to {known}",
        "upgrade pii-shield, then restart",
    ),
    "PS406": ("the file {path} is not a vault of pii-shield, or is damaged", "name another file, or restore a backup"),
    "PS407": (
        "the vault at {path} is not safe: {why}",
        "keep it in a directory of yours: chmod 700 DIR; chmod 600 FILE",
    ),
    "PS408": (
        "the vault {path} was locked for {seconds:g} s by another process",
        "look for a stopped pii-shield process",
    ),
    "PS409": ("no space left to write the vault {path}", "free disk space; what is in the vault can still be read"),
    "PS410": ("a record of the vault failed authentication", "restore a backup of the vault"),
    "PS411": ("reading or writing the vault {path} failed; it stays closed", "check the disk, then restart"),
    "PS412": ("the vault is closed", ""),
    "PS413": (
        "erased, but the vault's log could not be cut while another process reads it",
        "run the same command again; what is left is encrypted",
    ),
    "PS414": ("no free token id was found", "use longer token ids"),
    "PS415": ("the vault's directory cannot hold a vault: {why}", "put the vault on a local disk"),
    "PS416": ("a value of an entity type that this program does not know", "upgrade pii-shield, then restart"),
}


def fault(code: str, **facts: object) -> VaultError:
    """The error for a code of the table, with its words filled in."""
    words, fix = _FAULTS[code]
    return VaultError(words.format(**facts), fix=fix.format(**facts), code=code)
