"""`pii-shield off`: what a server says passes unchanged for a while, because a person at a terminal said so.

The periods stand in a file beside the vault, sealed with a key of the vault: who can only write files switches nothing
off, and a copied file ends when it said. No variable and no project's file takes part. What does not hold is as if it
were not there: protected.
"""

import hmac
import json
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from . import paths
from .settings import Config
from .store.database import beside
from .store.files import Stamp, make_private_dir, replace_private, stamp
from .store.lock import FileLock
from .vault.base import Vault

MAX_SECONDS: Final = 8 * 3600
"""Longest period: nothing stays off over night."""
SECRET: Final = "off"
"""Name of the vault's secret that seals the file."""
_MAX_BYTES: Final = 1 << 20


class Period(NamedTuple):
    """One server's time without protection, in seconds since the epoch."""

    server: str
    begin: int
    end: int

    def holds(self, now: float) -> bool:
        """Whether it is that time. One that is too long never is, nor is one that a clock set back has yet to reach."""
        return self.begin <= now < self.end <= self.begin + MAX_SECONDS

    @property
    def words(self) -> str:
        """For people."""
        return f"{self.server} is switched OFF until {clock_time(self.end)}: what it says is NOT PROTECTED"


def clock_time(seconds: int) -> str:
    """A time of today or tomorrow, where the person is."""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%H:%M")


def file_of(config: Config) -> Path:
    """Where the periods are: beside the vault."""
    return beside(config.vault or paths.vault_file(), ".off")


class Periods:
    """The file of periods, as it is right now. Thread-safe.

    Args:
        path: need not be there.
        secret: gives the key of its seal; asked only if there is a file.
    """

    def __init__(self, path: Path, secret: Callable[[], bytes]) -> None:
        self._path, self._secret = path, secret
        self._lock = threading.Lock()
        self._stamp: Stamp = None
        self._periods: tuple[Period, ...] = ()

    def __call__(self) -> tuple[Period, ...]:
        """All that the file says, whether their time is now or not. A look at the file costs microseconds."""
        now = stamp(self._path)
        if now != self._stamp:
            with self._lock:
                self._periods = read(self._path, self._secret) if now else ()
                self._stamp = now
        return self._periods

    def change(self, server: str, new: Period | None, now: float) -> Period | None:
        """Put a period in place of the server's others; None: just end it. Returns the one that held until now.

        Raises:
            OSError: the file cannot be written.
        """
        make_private_dir(self._path.parent)
        with FileLock(beside(self._path, ".lock")):
            old = [period for period in self() if period.holds(now)]
            kept = [period for period in old if period.server != server]
            replace_private(self._path, _written([*kept, *([new] if new else [])], self._secret()))
        return next((period for period in old if period.server == server), None)


def read(path: Path, secret: Callable[[], bytes] | None = None) -> tuple[Period, ...]:
    """What a file says; nothing if it cannot be read, or its seal is not right. Without a secret, that is not known."""
    try:
        with path.open("rb") as file:
            said = json.loads(file.read(_MAX_BYTES))
        periods = [Period(str(server), int(begin), int(end)) for server, begin, end in said["periods"]]
        is_whole = secret is None or hmac.compare_digest(_seal(periods, secret()), said["seal"])
    except (OSError, ValueError, TypeError, KeyError):
        return ()
    return tuple(periods) if is_whole else ()


def off(config: Config, name: str, store: Vault, clock: Callable[[], float]) -> Callable[[], str]:
    """Says of a server, at any time, that it is switched off and until when, in words for people; "" if it is not.

    Args:
        name: of the server in configuration; "" for one that only has the name of another.
        clock: seconds since the epoch.
    """
    if not name or config.off == FORBIDDEN:
        return lambda: ""
    periods = Periods(file_of(config), lambda: store.secret(SECRET))

    def words() -> str:
        said = periods()
        return next((p.words for p in said if p.server == name and p.holds(clock())), "") if said else ""

    return words


FORBIDDEN: Final = "forbidden"


def notices(config: Config, now: float) -> list[str]:
    """A sentence for people about each server that is off, without asking the vault."""
    if config.off == FORBIDDEN:
        return []
    return [period.words for period in read(file_of(config)) if period.holds(now)]


def _written(periods: Sequence[Period], secret: bytes) -> bytes:
    return json.dumps({"periods": periods, "seal": _seal(periods, secret)}).encode()


def _seal(periods: Sequence[Period], secret: bytes) -> str:
    return hmac.digest(secret, json.dumps(periods).encode(), "sha256").hex()
