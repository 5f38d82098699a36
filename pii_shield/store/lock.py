"""One lock between processes. It ends with the process that holds it, and waiting for it is bounded.

The kernel wakes waiters in turn, which SQLite's own waiting does not: there one writer in sixteen got a single
commit through while another made two thousand.
"""

import os
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Final

from .faults import fault
from .files import open_lock_file

LOCK_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.01


class FileLock:
    """Exclusive lock on a file. Not reentrant; one thread at a time may use an instance."""

    def __init__(self, path: Path, seconds: float = LOCK_SECONDS) -> None:
        self._path = path
        self._seconds = seconds
        self._held: int | None = None

    def __enter__(self) -> None:
        self._held = _lock(open_lock_file(self._path), self._seconds)
        if self._held is None:
            raise fault("PS408", path=self._path, seconds=self._seconds)

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None


def try_lock(path: Path) -> int | None:
    """A descriptor that holds the lock until it is closed; None if somebody else has it. Does not wait."""
    descriptor = open_lock_file(path)
    try:
        locked = _try(descriptor) and _is_at(descriptor, path)
    except BaseException:
        os.close(descriptor)
        raise
    if locked:
        return descriptor
    os.close(descriptor)
    return None


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether the file was not deleted between opening and locking."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


if sys.platform == "win32":

    def _try(descriptor: int) -> bool:
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _lock(descriptor: int, seconds: float) -> int | None:
        """Lock the first byte, or close the descriptor. Windows has no fair wait for this, so poll."""
        import msvcrt

        deadline = time.monotonic() + seconds
        while True:
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
                return descriptor
            except OSError:
                if time.monotonic() >= deadline:
                    os.close(descriptor)
                    return None
                time.sleep(_POLL_SECONDS)

else:

    def _try(descriptor: int) -> bool:
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _lock(descriptor: int, seconds: float) -> int | None:
        """Lock the open file. A descriptor that was not locked in time is closed, at the latest by its waiter."""
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return descriptor if _Waiter(descriptor).wait(seconds) else None
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    class _Waiter(threading.Thread):
        """Waits in the kernel's queue, which keeps the turn; polling would lose it. Gives up only by closing."""

        def __init__(self, descriptor: int) -> None:
            super().__init__(name="vault-lock", daemon=True)
            self._descriptor = descriptor
            self._state = threading.Lock()
            self._locked = threading.Event()
            self._given_up = False

        def wait(self, seconds: float) -> bool:
            """Whether it was locked in time. A wait that fails or is interrupted leaves no lock behind."""
            self.start()
            in_time = False
            try:
                in_time = self._locked.wait(seconds)
            finally:
                if not in_time:
                    self._give_up()
            return in_time

        def _give_up(self) -> None:
            with self._state:
                self._given_up = True
                if self._locked.is_set():
                    os.close(self._descriptor)

        def run(self) -> None:
            import fcntl

            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            with self._state:
                if self._given_up:
                    os.close(self._descriptor)
                else:
                    self._locked.set()
