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
        descriptor = open_lock_file(self._path)
        if not _lock(descriptor, self._seconds):
            raise fault("PS408", path=self._path, seconds=self._seconds)
        self._held = descriptor

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None


if sys.platform == "win32":

    def _lock(descriptor: int, seconds: float) -> bool:
        """Lock the first byte. Windows has no fair wait for this, so poll. Closes the descriptor when it fails."""
        import msvcrt

        deadline = time.monotonic() + seconds
        while True:
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
                return True
            except OSError:
                if time.monotonic() >= deadline:
                    os.close(descriptor)
                    return False
                time.sleep(_POLL_SECONDS)

else:

    def _lock(descriptor: int, seconds: float) -> bool:
        """Lock the open file. A descriptor that was not locked in time is closed, at the latest by its waiter."""
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _Waiter(descriptor).wait(seconds)
        return True

    class _Waiter(threading.Thread):
        """Waits in the kernel's queue, which keeps the turn; polling would lose it. Gives up only by closing."""

        def __init__(self, descriptor: int) -> None:
            super().__init__(name="vault-lock", daemon=True)
            self._descriptor = descriptor
            self._state = threading.Lock()
            self._locked = threading.Event()
            self._given_up = False

        def wait(self, seconds: float) -> bool:
            self.start()
            self._locked.wait(seconds)
            with self._state:
                self._given_up = not self._locked.is_set()
            return not self._given_up

        def run(self) -> None:
            import fcntl

            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            with self._state:
                if self._given_up:
                    os.close(self._descriptor)
                else:
                    self._locked.set()
