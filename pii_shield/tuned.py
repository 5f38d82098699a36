"""Tuning as it is in the files right now: what people change counts from the next message on, without a restart.

A look at two files' times per message costs microseconds. An edit that does not hold leaves in force what was there
before, and is told on stderr; a file that never held stops the shield, since its deny list would be missing.
"""

import hmac
import sys
import threading
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from .config import MAX_BYTES, check_owner
from .detect.engine import Engine
from .errors import ConfigError
from .settings import Config
from .store.files import Stamp, stamp
from .tuning.entries import Tuning, merged, read
from .tuning.judge import Digest, Judge
from .tuning.label import label
from .vault.base import Vault


def say(line: str) -> None:
    """One line for the human."""
    print(f"pii-shield: {line}", file=sys.stderr, flush=True)


class Files:
    """The user's file and the administrator's, the latter stronger. Thread-safe.

    Args:
        paths: from weak to strong; none of them has to exist.
        say: takes a line for the human, without values.
    """

    def __init__(self, paths: Sequence[Path], say: Callable[[str], None] = say) -> None:
        self._paths = paths
        self._say = say
        self._lock = threading.Lock()
        self._stamps: list[Stamp] | None = None
        self._tuning = Tuning()

    def __call__(self) -> Tuning:
        """What is in force. The same object as long as nothing changed.

        Raises:
            ConfigError: a file is wrong, and there is nothing from before to go on with.
        """
        stamps = [stamp(path) for path in self._paths]
        if stamps == self._stamps:
            return self._tuning
        with self._lock:
            if stamps != self._stamps:
                self._reload(stamps)
            return self._tuning

    def _reload(self, stamps: list[Stamp]) -> None:
        try:
            tuning = load(self._paths)
        except ConfigError as error:
            if self._stamps is None:
                raise
            self._say(f"kept the settings from before ({error.code}): {error}")
        else:
            self._tuning = tuning
        self._stamps = stamps


def load(paths: Sequence[Path]) -> Tuning:
    """What the files say together, read once.

    Raises:
        ConfigError: a file is wrong.
    """
    tuning = Tuning()
    for path in paths:
        tuning = merged(tuning, _read(path))
    return tuning


def _read(path: Path) -> Tuning:
    try:
        check_owner(path)
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Tuning()
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}", code="PS304", fix="check its permissions"
        ) from None
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{path} is larger than {MAX_BYTES} bytes", code="PS304")
    try:
        return read(tomllib.loads(data.decode("utf-8", "replace")), str(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}", code="PS303", fix="correct that line") from None


SECRET = "tuning"
"""Name of the vault's secret that digests of values are made with."""
_DIGEST_DIGITS = 32
_LABEL_DIGITS = 12


def digest(vault: Vault) -> Digest:
    """Digests that nobody without the vault's key can try values on. The vault is asked at the first one."""
    secret = cache(lambda: vault.secret(SECRET))
    return lambda text: hmac.digest(secret(), text.encode("utf-8", "surrogatepass"), "sha256").hex()[:_DIGEST_DIGITS]


def tuned(
    config: Config,
    server: str,
    usual: Engine,
    vault: Vault,
    build: Callable[[frozenset[str]], Engine],
    record: Callable[[str], None] = lambda _: None,
) -> "Tuned":
    """What one server's messages are searched with.

    Args:
        server: its name; "" for a server that only has the name of another one.
        usual: the engine for the types of the configuration.
        build: makes the engine for others.
        record: see `Tuned`.
    """
    engines = {usual.types: usual}

    def engine(types: frozenset[str]) -> Engine:
        if types not in engines:
            engines[types] = build(types)
        return engines[types]

    return Tuned(Files(config.tuning), server, config.types, engine, digest(vault), record)


class Tuned:
    """What one server's messages are searched with, as of now. Thread-safe.

    Args:
        files: where tuning is.
        server: its name; "" for a server that only has the name of another one.
        types: entity types to look for, if tuning says nothing else.
        engine: the engine for a set of entity types; it remembers those that it built.
        digest: see `judge.Judge`.
        record: is told what is in force, now and after every change, in words without values.
    """

    def __init__(
        self,
        files: Callable[[], Tuning],
        server: str,
        types: frozenset[str],
        engine: Callable[[frozenset[str]], Engine],
        digest: Digest,
        record: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._files = files
        self._server = server
        self._types = types
        self._engine = engine
        self._digest = digest
        self._record = record
        self._now = self._made(files())

    def __call__(self) -> tuple[Engine, Judge]:
        """The engine and what is made of its findings."""
        tuning, engine, judge = self._now
        current = self._files()
        if current is not tuning:
            self._now = _, engine, judge = self._made(current)
        return engine, judge

    def _made(self, tuning: Tuning) -> tuple[Tuning, Engine, Judge]:
        self._record(label(tuning, self._server, lambda text: self._digest(text)[:_LABEL_DIGITS]))
        judge = Judge(tuning, self._server, self._digest)
        return tuning, self._engine(judge.types(self._types)), judge
