"""What can go wrong with the file that vault and audit share: one table of codes, words and fixes. No I/O.

The words name paths and codes, never a value.
"""

from collections.abc import Mapping
from typing import Final

from ..errors import VaultError

Faults = Mapping[str, tuple[str, str]]
"""Code -> what happened, what to do."""

STORE_FAULTS: Final[Faults] = {
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
    "PS411": ("reading or writing the vault {path} failed; it stays closed", "check the disk, then restart"),
    "PS412": ("the vault is closed", ""),
    "PS413": (
        "erased, but the vault's log could not be cut while another process reads it",
        "run the same command again; what is left is encrypted",
    ),
    "PS415": ("the vault's directory cannot hold a vault: {why}", "put the vault on a local disk"),
}


def fault(code: str, **facts: object) -> VaultError:
    """The error for a code of the table, with its words filled in."""
    return worded(STORE_FAULTS, code, facts)


def worded(table: Faults, code: str, facts: Mapping[str, object]) -> VaultError:
    """The error for a code of any such table."""
    words, fix = table[code]
    return VaultError(words.format(**facts), fix=fix.format(**facts), code=code)
