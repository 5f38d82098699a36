"""The only wiring: configuration in, a conversation out. Nothing else knows the concrete vault and detectors.

A server must not wait for us: the conversation is there at once, and what it needs is built in the background while
the server starts. The first message that needs it waits.
"""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from . import needs, policy, recording, telemetry
from .conversation import Conversation
from .eventually import Eventually
from .settings import Config, Server
from .wire.exchange import Memory
from .wire.protect import Options

if TYPE_CHECKING:
    from .audit.log import Log
    from .detect.engine import Engine
    from .engines import Engines
    from .logins import Logins
    from .recorder import Writer
    from .revealing import Revealer
    from .shielding import Party, Shield
    from .telemetry.providers import Telemetry
    from .vault.base import Vault

    Told = Callable[[], Telemetry]
    """Gives what is told of all this to OpenTelemetry, as soon as it is there."""

UNNAMED = "?"
"""First character of the name of a server that nobody named: it is not bound to anything, and never trusted."""


def conversation(config: Config, *, name: str, command: Sequence[str]) -> Conversation:
    """The conversation with one stdio server.

    Args:
        name: what the server is called in configuration and records.
        command: its resolved command line; identifies it together with the name.

    Raises:
        ConfigError: something that the configuration names is missing.
    """
    need(config)
    told = _told(config)
    return _conversation(config, name, Eventually(lambda: shield(config, name, "\0".join(command), told)), None, told)


def need(config: Config) -> None:
    """Refuse at once what could not be built later.

    Raises:
        ConfigError: something that the configuration names is missing.
    """
    needs.need(config)
    telemetry.need(config)


def _told(config: Config) -> "Told | None":
    return Eventually(lambda: telemetry.build(config)) if telemetry.is_on(config) else None


def _options(config: Config) -> Options:
    """What the configuration says of messages to the client."""
    said = {"image": config.images, "audio": config.audio, "video": config.other, "other": config.other}
    passed = frozenset(family for family, what in said.items() if what == "pass")
    # Nothing here reads sound or moving pictures, see `documents.reader.FAMILIES`.
    read = {family: said[family] for family in ("image", "other") if said[family] in ("inspect", "redact")}
    return Options(config.instructions, passed, read)


def _conversation(
    config: Config, name: str, made: "Callable[[], Shield]", memory: Memory | None, told: "Told | None"
) -> Conversation:
    options = _options(config)
    echo = config.profile != "strict"
    if told is None:
        return Conversation(made, options, echo=echo, memory=memory)
    from .telemetry.traced import Traced

    named = not name.startswith(UNNAMED)
    return Traced(made, options, echo=echo, memory=memory, name=name, is_named=named, telemetry=told)


class House:
    """One vault and one engine for many servers, scopes and conversations. Built in the background. Thread-safe.

    Raises:
        ConfigError: something that the configuration names is missing.
    """

    def __init__(self, config: Config) -> None:
        need(config)
        self._config = config
        self._told = _told(config)
        from .engines import Engines

        self._engines = Engines(config, stays=True)
        self._engine = Eventually(self._engines)
        self._vault = Eventually(lambda: vault(config))
        self._log = Eventually(lambda: recording.log(config, self._vault()))
        self._lock = threading.Lock()
        self._shields: dict[tuple[str, str, str | None], Eventually[Shield]] = {}

    def conversation(self, scope: str, name: str, identity: str | None, memory: Memory) -> Conversation:
        """A conversation of a principal whose values live in `scope` with the server `name`.

        Args:
            identity: the server's resolved command line or URL; None: the one that the name was bound to.
            memory: what other conversations of the same principal with this server know.
        """
        return _conversation(self._config, name, self._shield(scope, name, identity), memory, self._told)

    def shield(self, scope: str, name: str) -> "Shield":
        """The shield of the server that the calling program names; for messages that are no conversation.

        Raises:
            ShieldError: rules, vault or key cannot be used.
        """
        return self._shield(scope, name, None)()

    def revealer(self, *scopes: str) -> "Revealer":
        """What shows values to the person at the screen: those of some scopes, or of the configured one and all."""
        from .revealing import USER, Revealer

        store = self._vault()
        among = scopes or dict.fromkeys((self._config.scope, *sorted(store.info().live)))
        configs = {scope: self._config._replace(scope=scope) for scope in among}
        shown = {s: recording.shown(config, USER, self._engine, store, self._log) for s, config in configs.items()}
        return Revealer(store, shown)

    def _shield(self, scope: str, name: str, identity: str | None) -> "Eventually[Shield]":
        config = self._config._replace(scope=scope)
        key = (scope, name, identity)
        with self._lock:
            if key not in self._shields:
                self._shields[key] = Eventually(lambda: self._made(config, name, identity))
            return self._shields[key]

    def _made(self, config: Config, name: str, identity: str | None) -> "Shield":
        found_by = _Found(self._engines, self._engine())
        return _shield(config, name, identity, found_by, self._vault(), _counted(self._log(), name, self._told))

    def secret(self, name: str) -> bytes:
        """32 bytes of the vault's for a purpose. Every process that has the vault has the same.

        Raises:
            ShieldError: vault or key cannot be used.
        """
        return self._vault().secret(name)

    def wait(self) -> None:
        """Wait until vault and engine are there.

        Raises:
            ShieldError: rules, vault or key cannot be used.
        """
        self._engine()
        self._vault().info()

    def close(self) -> None:
        """End the log, release the vault's files and keys."""
        self._log().close()
        self._vault().close()
        if self._told is not None:
            self._told().close()


def _counted(log: "Log", name: str, told: "Told | None") -> "Writer":
    if told is None:
        return log
    from .telemetry.counted import Counted

    return Counted(log, told(), is_named=not name.startswith(UNNAMED))


def shield(config: Config, name: str, identity: str, told: "Told | None" = None) -> "Shield":
    """The shield of one server; `identity` is its resolved command line or URL.

    Raises:
        ShieldError: rules, vault or key cannot be used.
    """
    from .engines import Engines

    store = vault(config)
    found_by = Engines(config, stays=True)
    log = _counted(recording.log(config, store), name, told)
    return _shield(config, name, identity, _Found(found_by, found_by()), store, log)


class _Found(NamedTuple):
    """What finds values: the usual engine, and what builds others."""

    engines: "Engines"
    usual: "Engine"


def _shield(
    config: Config, name: str, identity: str | None, found_by: _Found, store: "Vault", log: "Writer"
) -> "Shield":
    from .evidence import Notebook
    from .observing import either, observing
    from .off import off
    from .shielding import Shield
    from .tuned import tuned

    party = _party(config, name, identity, store)
    recorder = recording.recorder(config, party.server, found_by.usual, store, log)
    return Shield(
        store,
        found_by.usual,
        policy.PROFILES[config.profile],
        party,
        time.monotonic,
        recorder,
        tuned=tuned(config, party.name, found_by.usual, store, found_by.engines, recorder.tuned),
        notebook=Notebook(store, config.scope, party.server, time.time),
        observing=either(observing(config, party.name, store, time.time), off(config, party.name, store, time.time)),
    )


def _party(config: Config, name: str, identity: str | None, store: "Vault") -> "Party":
    from .shielding import Party

    if name.startswith(UNNAMED):
        return Party(config.scope, name, False)
    fingerprint = store.fingerprint(config.scope, name if identity is None else identity)
    bound = store.bind(config.scope, name, fingerprint)
    said = config.servers.get(name, Server())
    if identity is None:
        fingerprint = said.fingerprint or bound
    # The same name with another command is another server, which nobody trusted.
    is_genuine = fingerprint == (said.fingerprint or bound)
    server = f"{name}#{fingerprint}"
    return Party(config.scope, server, said.trusted and is_genuine, name if is_genuine else "")


def vault(config: Config) -> "Vault":
    """The vault that the configuration names."""
    import secrets

    from . import paths, tokens
    from .vault.keys import KeyFile
    from .vault.sqlite import SqliteVault

    path = config.vault or paths.vault_file()
    key = config.key or (paths.key_file() if config.vault is None else key_beside(path))
    return SqliteVault(
        path,
        KeyFile(key),
        lambda: tokens.mint_id(config.token_length, secrets.randbelow),
        retention_days=config.retention_days,
    )


def logins(config: Config) -> "Logins":
    """Our access to servers that want OAuth, sealed with the vault's key and kept beside it."""
    import os

    from . import paths
    from .logins import Logins
    from .vault.keys import KeyFile
    from .vault.seal import Box, hkdf

    path = config.vault or paths.vault_file()
    key = config.key or (paths.key_file() if config.vault is None else key_beside(path))
    secret = KeyFile(key).load(path, create=not path.exists()).reveal()
    return Logins(key.with_name("logins.json"), Box(hkdf(secret, "pii_shield/v1/logins"), os.urandom))


def key_beside(vault: Path) -> Path:
    """The key file of a vault that stands in a place of its own."""
    return vault.with_name(vault.name + ".key")
