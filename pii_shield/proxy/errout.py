"""The human's side: the server's stderr, masked, and our own notices. Never makes the server wait."""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator

CHUNK = 64 * 1024
"""Bytes asked for at once."""
LONGEST = 64 * 1024
"""Bytes of one line that are shown. The rest of a longer line is left out."""
CUT = 1024
"""Characters left out before the place where a long line was cut: a value cut in two would not be recognised."""
BACKLOG = 1024 * 1024
"""Bytes that may wait for a slow terminal or log. What comes on top is dropped and counted."""


class ErrOut:
    """Our stderr, written by a thread of its own so that nobody waits for it."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._change = threading.Condition()
        self._waiting: deque[tuple[bytes, Callable[[bytes], str] | None]] = deque()
        self._size = 0
        self._dropped = 0
        self._busy = False
        threading.Thread(target=self._write_all, daemon=True).start()

    def notice(self, text: str) -> None:
        """Show one line of ours, which holds no value."""
        self._put(f"pii-shield: {text}\n".encode(errors="backslashreplace"), None)

    def show(self, block: bytes, mask: Callable[[bytes], str]) -> None:
        """Show what the server wrote, once `mask` has made it harmless (which happens on the writing thread)."""
        self._put(block, mask)

    def _put(self, block: bytes, mask: Callable[[bytes], str] | None) -> None:
        with self._change:
            if self._size + len(block) > BACKLOG:
                self._dropped += len(block)
                return
            self._waiting.append((block, mask))
            self._size += len(block)
            self._change.notify_all()

    def _write_all(self) -> None:
        while True:
            block, mask = self._take()
            try:
                _write(self._fd, mask(block).encode(errors="backslashreplace") if mask else block)
            except OSError:
                self._fd = -1  # nobody reads us any more; go on draining

    def _take(self) -> tuple[bytes, Callable[[bytes], str] | None]:
        with self._change:
            self._busy = False
            self._change.notify_all()
            while not self._waiting:
                self._change.wait()
            self._busy = True
            if self._dropped:
                dropped, self._dropped = self._dropped, 0
                return f"pii-shield: {dropped} bytes of the server's stderr were dropped\n".encode(), None
            block, mask = self._waiting.popleft()
            self._size -= len(block)
            return block, mask

    def flush(self, patience: float) -> None:
        """Wait until all is written, at most `patience` seconds."""
        with self._change:
            self._change.wait_for(lambda: not (self._busy or self._waiting), patience)


def drain(source: int, out: ErrOut, mask: Callable[[str], str]) -> None:
    """Show everything that comes from `source`, in blocks of whole lines: a private key spans several."""

    def harmless(block: bytes) -> str:
        text = mask(block.decode(errors="backslashreplace"))
        return text if text.endswith("\n") else f"{text[:-CUT]} [... rest of a long line left out]\n"

    for block in read_blocks(lambda: _read(source)):
        out.show(block, harmless)


def read_blocks(read: Callable[[], bytes]) -> Iterator[bytes]:
    """Cut what `read` returns into blocks that end with a line's end, or with LONGEST bytes of a longer line."""
    rest = b""
    skipping = False
    while chunk := read():
        if skipping:
            _, newline, chunk = chunk.partition(b"\n")
            if not newline:
                continue
            skipping = False
        lines, newline, rest = (rest + chunk).rpartition(b"\n")
        if newline:
            yield lines + newline
        if len(rest) > LONGEST:
            yield rest[:LONGEST]
            rest, skipping = b"", True
    if rest:
        yield rest + b"\n"


def _read(source: int) -> bytes:
    try:
        return os.read(source, CHUNK)
    except OSError:
        return b""


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
