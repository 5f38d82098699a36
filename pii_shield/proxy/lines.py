"""Framing: a byte stream cut into lines, with bounded memory. No I/O (the caller hands in `read`)."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

MAX_MESSAGE = 64 * 1024 * 1024
"""Longest line in bytes that is held whole. A longer one is reported by its two ends only."""
ENDS = 64 * 1024
"""Bytes kept of each end of a line that is longer than MAX_MESSAGE."""


class Line(NamedTuple):
    """One line, and the bytes that ended it.

    Attributes:
        body: the line without its ending; never blank.
        ending: LF or CRLF. A last line that the stream left open gets LF: what follows must not join it.
    """

    body: bytes
    ending: bytes


class Oversized(NamedTuple):
    """A line beyond the limit: its first and last ENDS bytes. The middle is gone."""

    head: bytes
    tail: bytes


def read_lines(read: Callable[[], bytes], limit: int = MAX_MESSAGE) -> Iterator[Line | Oversized]:
    """Cut what `read` returns into lines, leaving out blank ones.

    Args:
        read: gives the next bytes of any length, b"" at the end of the stream.
        limit: longest line in bytes, ending not counted, that is held whole.
    """
    held = _Held(limit)
    while chunk := read():
        *complete, rest = chunk.split(b"\n")
        for piece in complete:
            line = held.take(piece, b"\n")
            if line is not None:
                yield line
        held.add(rest)
    line = held.take(b"", b"")
    if line is not None:
        yield line


class _Held:
    """What has come of a line that is not complete yet."""

    __slots__ = ("_buffer", "_head", "_limit")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._head: bytes | None = None  # set once the line has outgrown the limit; the buffer is then its tail

    def add(self, piece: bytes) -> None:
        self._buffer += piece
        # One more than the limit: the \r of an ending is not part of the line.
        if self._head is None and len(self._buffer) > self._limit + 1:
            self._head = bytes(self._buffer[:ENDS])
        if self._head is not None:
            del self._buffer[:-ENDS]

    def take(self, piece: bytes, newline: bytes) -> Line | Oversized | None:
        """The whole line now that its last piece is here; None for a blank one."""
        if self._buffer or self._head is not None:
            self.add(piece)
            piece = bytes(self._buffer)
        head, self._head = self._head, None
        self._buffer = bytearray()
        if head is not None:
            return Oversized(head, piece)
        return _line(piece, newline, self._limit)


def _line(piece: bytes, newline: bytes, limit: int) -> Line | Oversized | None:
    body, ending = piece, newline or b"\n"
    if newline and piece.endswith(b"\r"):
        body, ending = piece[:-1], b"\r\n"
    if not body or body.isspace():
        return None
    if len(body) > limit:
        return Oversized(body[:ENDS], body[-ENDS:])
    return Line(body, ending)
