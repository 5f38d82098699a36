"""The helper that stays: answers the hooks of one user while there are any, then goes."""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ...assemble import House
from ...recording import log_file
from ...settings import Config
from .line import Call, read_all, unpacked

_TICK: Final = 1.0
_MAX_HOUSES: Final = 7
"""Older ones are forgotten."""


class Houses:
    """One house for each configuration that is asked for; made anew when its vault is another file. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: list[tuple[Config, object, House]] = []

    def of(self, config: Config) -> House:
        """The house of a configuration.

        Raises:
            ShieldError: rules, vault or key cannot be used; the next call tries again.
        """
        with self._lock:
            file = _identity(log_file(config))
            for known, of_file, house in self._made:
                if known == config and of_file == file:
                    return house
            house = House(config)
            house.wait()
            self._made = [*self._made[-_MAX_HOUSES:], (config, _identity(log_file(config)), house)]
            return house


def serve(place: Path, idle: float, answer: Callable[[Call], bytes]) -> None:
    """Answer until nobody has asked for `idle` seconds.

    Args:
        place: address of the socket; in a folder that only this user can enter.
        answer: the answer to a call; empty if the asking process is to do the work itself.
    """
    with socket.socket(socket.AF_UNIX) as door:
        if not _is_first(door, place):
            return
        door.settimeout(_TICK)
        desk, own = _Desk(answer), _identity(place)
        try:
            while desk.idle() < idle and _identity(place) == own:
                with contextlib.suppress(TimeoutError):
                    line, _ = door.accept()
                    threading.Thread(target=desk.serve, args=(line,), daemon=True).start()
        finally:
            if _identity(place) == own:
                place.unlink(missing_ok=True)


class _Desk:
    """Answers calls, and knows when the last one was."""

    def __init__(self, answer: Callable[[Call], bytes]) -> None:
        self._answer = answer
        self._lock = threading.Lock()
        self._busy = 0
        self._last = time.monotonic()

    def idle(self) -> float:
        """Seconds since the last call ended; 0 while there is one."""
        with self._lock:
            return 0.0 if self._busy else time.monotonic() - self._last

    def serve(self, line: socket.socket) -> None:
        with self._lock:
            self._busy += 1
        try:
            with line, contextlib.suppress(OSError):
                line.settimeout(None)
                call = unpacked(read_all(line))
                line.sendall(self._answer(call) if call else b"")
        finally:
            with self._lock:
                self._busy -= 1
                self._last = time.monotonic()


def _is_first(door: socket.socket, place: Path) -> bool:
    """Take the address, unless somebody answers there."""
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(str(place))
        except OSError:
            pass
        else:
            return False
    own = place.with_suffix(f".{os.getpid()}")
    own.unlink(missing_ok=True)
    door.bind(str(own))
    door.listen(64)
    own.replace(place)
    return True


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
