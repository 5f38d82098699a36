"""Server-sent events: cut out of a byte stream and written again, with bounded memory. No I/O."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..lines import ENDS, MAX_MESSAGE

KEEP_ALIVE = b": keep-alive\n\n"
"""A comment that every client skips and every idle timer on the way counts."""
_ENDS = (b"\n\n", b"\n\r\n", b"\r\r")
"""Blank lines behind a line, whatever ends the lines. What may be left of one is skipped before the next event."""


class Event(NamedTuple):
    """One event.

    Attributes:
        raw: as it came, with the blank line behind it.
        fields: name and value of each line in order; a comment's name is "".
        data: the joined data lines; None if it has none or they are empty.
    """

    raw: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    data: bytes | None

    def get(self, name: bytes) -> bytes | None:
        """The last value of a field."""
        return next((value for key, value in reversed(self.fields) if key == name), None)


class Oversized(NamedTuple):
    """An event beyond the limit: its ends. The middle is gone."""

    head: bytes
    tail: bytes


class Events:
    """What has come of a stream.

    Args:
        limit: longest event in bytes that is held whole.
    """

    def __init__(self, limit: int = MAX_MESSAGE) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._searched = 0
        self._head = b""  # set once the event has outgrown the limit
        self._first = True

    def feed(self, chunk: bytes) -> Iterator[Event | Oversized]:
        """Take the next bytes; gives the events that they complete."""
        self._buffer += chunk
        if self._first and len(self._buffer) >= len(_BOM):
            self._first = False
            if self._buffer.startswith(_BOM):
                del self._buffer[: len(_BOM)]
        while (end := self._end()) is not None:
            with memoryview(self._buffer) as view:
                raw = bytes(view[:end])
            del self._buffer[:end]
            self._searched = 0
            head, self._head = self._head, b""
            if head:
                yield Oversized(head, raw[-ENDS:])
            elif len(raw) > self._limit:
                yield Oversized(raw[:ENDS], raw[-ENDS:])
            elif raw := raw.lstrip(b"\r\n"):
                yield _event(raw)
        if len(self._buffer) > self._limit:
            self._head = self._head or bytes(self._buffer[:ENDS])
            del self._buffer[:-ENDS]
            self._searched = 0

    def _end(self) -> int | None:
        """Where the first event ends. Big events come in many chunks: only what is new is searched, byte by byte at the
        speed of memchr."""
        buffer, at = self._buffer, self._searched
        feed = -1
        while True:
            if feed < at:
                feed = buffer.find(b"\n", at)
                feed = len(buffer) if feed < 0 else feed
            back = buffer.find(b"\r", at, feed)
            line_end = feed if back < 0 else back
            for end in _ENDS:
                if buffer.startswith(end, line_end):
                    return line_end + len(end)
            if line_end + 2 >= len(buffer):  # what follows decides
                self._searched = line_end
                return None
            at = line_end + 1


_BOM = b"\xef\xbb\xbf"


def _event(raw: bytes) -> Event:
    fields: list[tuple[bytes, bytes]] = []
    for start, end in _lines(raw):
        colon = raw.find(b":", start, end)
        name = raw[start : end if colon < 0 else colon]
        value = b"" if colon < 0 else raw[colon + 1 + raw.startswith(b" ", colon + 1, end) : end]
        fields.append((name, value))
    data = b"\n".join(value for name, value in fields if name == b"data")
    return Event(raw, tuple(fields), data or None)


def _lines(raw: bytes) -> Iterator[tuple[int, int]]:
    """Where each line that is not empty begins and ends. A line may be megabytes, so none is cut out or copied."""
    at = 0
    while at < len(raw):
        feed = raw.find(b"\n", at)
        feed = len(raw) if feed < 0 else feed
        end = raw.find(b"\r", at, feed)
        end = feed if end < 0 else end
        if end > at:
            yield at, end
        at = end + 1


_SAFE_NAME = re.compile(rb"[a-z_]{1,32}")
_PASSED_RETRY = re.compile(rb"[0-9]{1,9}")
_PASSED = {b"data": None, b"id": None, b"event": _SAFE_NAME, b"retry": _PASSED_RETRY}
"""Fields that go on. Comments and unknown fields are nothing that a client acts on, and nobody has searched them."""


def write(event: Event, data: bytes | None, event_id: bytes | None) -> bytes:
    """The event with other data and id. `data` None: an event without, which may still carry an id."""
    passed = [(name, value) for name, value in event.fields if _passes(name, value)]
    if len(passed) == len(event.fields) and data == event.data and event_id == event.get(b"id"):
        return event.raw
    new = {b"data": flat(data) if data is not None else _empty(event), b"id": event_id}
    lines: list[bytes] = []
    for name, value in passed:
        kept = new.pop(name, None) if name in _REPLACED else value
        if kept is not None:
            lines.append(name + b": " + kept)
    return b"\n".join(lines) + b"\n\n" if lines else KEEP_ALIVE


_REPLACED = (b"data", b"id")


def _empty(event: Event) -> bytes | None:
    """The data of an event that came with an empty data line, and only that."""
    return b"" if event.data is None and event.get(b"data") is not None else None


def _passes(name: bytes, value: bytes) -> bool:
    pattern = _PASSED.get(name)
    return name in _PASSED and (pattern is None or bool(pattern.fullmatch(value)))


def event(data: bytes | None, event_id: bytes | None = None, retry: bytes | None = None) -> bytes:
    """An event of ours: a message, or no more than an id and when to come back."""
    lines = [b"id: " + event_id] if event_id else []
    lines += [b"retry: " + retry] if retry and _PASSED_RETRY.fullmatch(retry) else []
    lines += [b"data: "] if data is None else [b"event: message", b"data: " + flat(data)]
    return b"\n".join(lines) + b"\n\n" if event_id or data is not None else KEEP_ALIVE


def flat(data: bytes) -> bytes:
    """A message on one line: JSON holds line ends only between its parts, where a space means the same."""
    return data.replace(b"\r", b" ").replace(b"\n", b" ")
