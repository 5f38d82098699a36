"""The audit log that the configuration asks for, and what one server's shield writes into it."""

import os
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from . import __version__, paths
from .config import Config
from .policy import PROFILES
from .types import Leaf

if TYPE_CHECKING:
    from .audit.log import Log
    from .detect.engine import Engine
    from .recorder import Recorder
    from .vault.base import Vault

SECRET: Final = "audit"
"""Name of the vault's secret that signs checkpoints."""
_HASH_DIGITS: Final = 12


def log_file(config: Config) -> Path:
    """The file that holds the log: the vault's."""
    return config.vault or paths.vault_file()


def checkpoint_places(config: Config) -> list[str]:
    """Where checkpoints go: what the configuration says, else a file apart from the vault."""
    if config.checkpoints is not None:
        return list(config.checkpoints)
    if config.vault is None:
        return [str(paths.state_dir() / "checkpoints")]
    return [str(config.vault.with_name(config.vault.name + ".checkpoints"))]


def log(config: Config, store: "Vault") -> "Log":
    """The audit log, opened at its first row.

    Raises:
        ShieldError: there is no place for it, or a place for checkpoints is none.
    """
    from .audit.log import Log
    from .audit.places import place

    places = [place(where) for where in checkpoint_places(config)]
    return Log(log_file(config), lambda: store.secret(SECRET), os.urandom, places=places)


def recorder(config: Config, server: str, found_by: "Engine", store: "Vault", to: "Log") -> "Recorder":
    """What the shield of a server ("name#fingerprint") writes with; its first row says that it started."""
    from .recorder import UNNAMED, Names, Recorder

    def mask(text: str) -> str:
        return UNNAMED if found_by.find([Leaf(text)])[0] else text

    names = Names(mask)
    scope = names.name(config.scope)
    if scope == UNNAMED:
        scope += store.fingerprint(config.scope, config.scope)
    made = Recorder(to, names, scope, server, policy_label(config))
    made.started(__version__)
    return made


def policy_label(config: Config) -> str:
    """The release policy's name, and a hash over all that decides what is protected and released."""
    from .audit.canonical import dumps

    trusted = {name: said.fingerprint for name, said in config.servers.items() if said.trusted}
    facts = {
        "row": [int(cell) for cell in PROFILES[config.profile] if cell < 2**53],
        "types": sorted(config.types),
        "binary": [config.images, config.audio, config.other],
        "trusted": trusted,
    }
    return f"{config.profile}@{sha256(dumps(facts).encode()).hexdigest()[:_HASH_DIGITS]}"
