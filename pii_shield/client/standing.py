"""The shield that a process uses when it names none: its user's settings, vault and scope."""

import atexit
import os
import threading
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from contextlib import suppress
from typing import Final, overload

from ..errors import ShieldError
from .values import PiiShield

_LOCK: Final = threading.Lock()
_MADE: Final[dict[int, PiiShield]] = {}
"""By process: neither threads nor SQLite survive a fork."""


def _close(shield: PiiShield) -> None:
    with suppress(ShieldError):  # whoever used it has heard already why it could not be opened
        shield.close()


def standing() -> PiiShield:
    """The same one for every call in a process; made at the first.

    Raises:
        ConfigError: the configuration is wrong.
    """
    with _LOCK:
        if os.getpid() not in _MADE:
            _MADE[os.getpid()] = PiiShield()
            atexit.register(_close, _MADE[os.getpid()])
        return _MADE[os.getpid()]


def reveal(text: str) -> str:
    """`PiiShield.reveal` with your settings, vault and scope: for the person at the screen and nobody else."""
    return standing().reveal(text)


@overload
def reveal_stream(chunks: AsyncIterable[str]) -> AsyncIterator[str]: ...
@overload
def reveal_stream(chunks: Iterable[str]) -> Iterator[str]: ...
def reveal_stream(chunks: Iterable[str] | AsyncIterable[str]) -> Iterator[str] | AsyncIterator[str]:
    """`PiiShield.reveal_stream` with your settings, vault and scope."""
    return standing().reveal_stream(chunks)
