"""The audit log that the configuration asks for, and what one server's shield writes into it."""

import os
import time
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from . import __version__, paths
from .policy import PROFILES
from .settings import Config
from .types import Leaf

if TYPE_CHECKING:
    from .audit.log import Log
    from .detect.engine import Engine
    from .recorder import Item, Names, Recorder, Writer
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
    path = log_file(config)
    if not config.ship:
        return Log(path, lambda: store.secret(SECRET), os.urandom, places=places)
    from .audit.ship.lane import Shipping
    from .audit.ship.shipped import ShippedLog

    shipping = Shipping(path, config.ship, time.time)
    return ShippedLog(path, lambda: store.secret(SECRET), os.urandom, places, shipping)


def recorder(config: Config, server: str, found_by: "Engine", store: "Vault", to: "Writer") -> "Recorder":
    """What the shield of a server ("name#fingerprint") writes with; its first row says that it started."""
    from .recorder import Recorder

    made = Recorder(to, _names(found_by), scope_name(config, found_by, store), server, policy_label(config))
    made.started(__version__)
    return made


def shown(
    config: Config, to_whom: str, found_by: "Callable[[], Engine]", store: "Vault", to: "Callable[[], Writer]"
) -> "Callable[[Sequence[Item]], None]":
    """Puts on record what is about to be shown to somebody; nothing is made before there is something."""
    from .recorder import Names
    from .wire.exchange import NO_REQUEST

    made = cache(lambda: recorder(config, to_whom, found_by(), store, to()))
    return lambda items: made().released(Names(str), NO_REQUEST, items, 0.0)


def forgotten(config: Config, found_by: "Engine", store: "Vault", token_id: str) -> None:
    """Put on record that somebody had a value erased.

    Raises:
        AuditError: it is not.
    """
    to = log(config, store)
    try:
        to.commit("forget", scope=scope_name(config, found_by, store), token=token_id)
    finally:
        to.close()


def switched(config: Config, found_by: "Engine", store: "Vault", server: str, was: int | None, now: int | None) -> None:
    """Put on record that a person switched a server off or on again: until when it was, and is, off.

    Raises:
        AuditError: it is not.
    """
    from .audit.event import stamp
    from .recorder import UNNAMED

    said = [f"off until {stamp(end)[:19]}Z" if end else "protected" for end in (was, now)]
    to = log(config, store)
    try:
        name = _names(found_by).server(server)
        to.commit("policy", scope=UNNAMED, server=name, was=said[0], now=said[1])
    finally:
        to.close()


def scope_name(config: Config, found_by: "Engine", store: "Vault") -> str:
    """The scope as the log has it: its name, if that is fit for it."""
    from .recorder import UNNAMED

    scope = _names(found_by).name(config.scope)
    return scope + store.fingerprint(config.scope, config.scope) if scope == UNNAMED else scope


def _names(found_by: "Engine") -> "Names":
    from .recorder import Names

    return Names(unless_found(found_by))


def unless_found(found_by: "Engine") -> Callable[[str], str]:
    """Gives a name back, or another one if there is a value in it."""
    from .recorder import UNNAMED

    return lambda text: UNNAMED if found_by.find([Leaf(text)])[0] else text


def policy_label(config: Config) -> str:
    """The release policy's name, and a hash over all that decides what is protected and released."""
    from .audit.canonical import dumps

    trusted = {name: said.fingerprint for name, said in config.servers.items() if said.trusted}
    facts = {
        "row": [int(cell) for cell in PROFILES[config.profile] if cell < 2**53],
        "types": sorted(config.types),
        "binary": [config.images, config.audio, config.other],
        "trusted": trusted,
        "observed": {name: str(said.observe_from) for name, said in config.servers.items() if said.mode == "observe"},
        "off": config.off,
        "greedy": config.greedy,
    }
    if config.rules or config.presidio:
        facts["found by"] = [repr(config.rules), repr(config.presidio)]
    return f"{config.profile}@{sha256(dumps(facts).encode()).hexdigest()[:_HASH_DIGITS]}"
