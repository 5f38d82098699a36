"""One side's input: whole lines by several threads, and answers that must not make their sender wait."""

import os
import threading
import time
from collections.abc import Iterable
from queue import Queue

BACKLOG = 65_536
"""Answers (some hundred bytes each) that may wait for a slow reader before their sender waits too."""
JOIN_BELOW = 1024 * 1024
"""Bytes up to which body and ending are joined for one system call; beyond, the copy costs more than the call."""


class Writer:
    """Writes lines to a pipe. Every method may be called from any thread.

    Attributes:
        last_write: monotonic time of the last bytes that the reader took.
        writing: whether a write is under way, which may mean that the reader is slow.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._lock = threading.Lock()
        self._open = True
        self._posts: Queue[bytes] = Queue(BACKLOG)
        self._poster: threading.Thread | None = None
        self.last_write = time.monotonic()
        self.writing = False

    def write(self, body: bytes, ending: bytes = b"\n") -> bool:
        """Write one line, waiting for the reader as long as it takes. False: the reader is gone."""
        parts = (body + ending,) if len(body) < JOIN_BELOW else (body, ending)
        with self._lock:
            return self._open and self._send(parts)

    def _send(self, parts: Iterable[bytes]) -> bool:
        self.writing = True
        try:
            for part in parts:
                view = memoryview(part)
                while view:
                    view = view[os.write(self._fd, view) :]
                    self.last_write = time.monotonic()
        except OSError:
            self._open = False
        finally:
            self.writing = False
        return self._open

    def post(self, bodies: Iterable[bytes]) -> None:
        """Have lines written soon, by another thread.

        Each pump answers the side it reads from this way. If it wrote itself, it would stop reading from a peer that
        has to be read before it reads on, and both would wait for ever.
        """
        for body in bodies:
            if self._poster is None:
                self._poster = threading.Thread(target=self._post_all, daemon=True)
                self._poster.start()
            self._posts.put(body)

    def _post_all(self) -> None:
        while True:
            self.write(self._posts.get())
            self._posts.task_done()

    @property
    def idle(self) -> bool:
        """Whether everything handed over so far is written, or the reader is gone."""
        return not self._open or not (self.writing or self._posts.unfinished_tasks)

    def close(self, patience: float) -> None:
        """End the stream: the reader sees its end. Gives up after `patience` seconds if a write is stuck."""
        if self._lock.acquire(timeout=patience):
            try:
                if self._fd >= 0:
                    os.close(self._fd)
                self._fd, self._open = -1, False
            finally:
                self._lock.release()
        else:
            self._open = False
