"""A server's process behind `serve`: its pipes, the threads that read them, its end."""

import os
import signal
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from ...upstreams import Upstream
from ..child import spawn
from ..errout import ErrOut, drain
from ..lines import Line, Oversized, read_lines
from ..pump import BIG, BIG_AT_ONCE, CHUNK
from ..writer import Writer

EOF_SECONDS = 2.0
"""How long it may take to end once its input is closed."""
SIGNAL_SECONDS = 1.5
_OPENING = 4096


class Process:
    """A running server. Nothing here is done on the event loop.

    Attributes:
        hand: the one thread that sends, so that the order of messages stays.

    Raises:
        StartError: it cannot be started.
    """

    def __init__(self, upstream: Upstream, executable: str, environ: Mapping[str, str], errors: ErrOut) -> None:
        self._child = spawn(upstream.command, executable, {**environ, **upstream.env}, upstream.cwd or None)
        self._writer = Writer(self._child.stdin)
        self._errors = errors
        self._slots = threading.BoundedSemaphore(BIG_AT_ONCE)
        self._is_open = True
        self.hand = ThreadPoolExecutor(1, "hand")

    def start(
        self, mask: Callable[[str], str], line: Callable[[bytes | Oversized], None], ended: Callable[[], None]
    ) -> None:
        """Begin to read.

        Args:
            mask: makes its stderr harmless.
            line: gets each line; big responses beside the others, so that other traffic goes on.
            ended: called once its output is closed.
        """
        threading.Thread(target=drain, args=(self._child.stderr, self._errors, mask), daemon=True).start()
        threading.Thread(target=self._read_all, args=(line, ended), daemon=True).start()

    def _read_all(self, handle: Callable[[bytes | Oversized], None], ended: Callable[[], None]) -> None:
        try:
            for line in read_lines(self._read):
                if isinstance(line, Line) and len(line.body) > BIG and b'"method"' not in line.body[:_OPENING]:
                    self._slots.acquire()
                    threading.Thread(target=self._beside, args=(handle, line.body), daemon=True).start()
                else:
                    handle(line.body if isinstance(line, Line) else line)
        finally:
            self._is_open = False
            ended()

    def _beside(self, handle: Callable[[bytes | Oversized], None], body: bytes) -> None:
        try:
            handle(body)
        finally:
            self._slots.release()

    def _read(self) -> bytes:
        try:
            return os.read(self._child.stdout, CHUNK)
        except OSError:
            return b""

    def write(self, line: bytes) -> bool:
        """Write a line, waiting for the server as long as it takes. False: it is gone."""
        return self._is_open and self._writer.write(line)

    def post(self, lines: Iterable[bytes]) -> None:
        """Have lines written soon, by another thread."""
        self._writer.post(lines)

    def close(self) -> None:
        """End the process and all its offspring; blocks until they have."""
        self._is_open = False
        self._writer.close(0.1)
        waiting = threading.Thread(target=self._child.wait, daemon=True)
        waiting.start()
        waiting.join(EOF_SECONDS)
        self._child.reap(signal.SIGTERM, signal.SIGKILL, SIGNAL_SECONDS)
        self.hand.shutdown(wait=False, cancel_futures=True)
