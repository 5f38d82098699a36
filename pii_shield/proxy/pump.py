"""The two directions: read a line, let the conversation decide, write what it says. All thinking is elsewhere."""

import os
import threading
import time
from collections.abc import Callable
from typing import Protocol

from .lines import Line, Oversized, read_lines
from .writer import Writer

CHUNK = 64 * 1024
"""Bytes asked for at once: what a pipe holds."""
BIG = 256 * 1024
"""Bytes from which a server's response is worked on beside the stream, so that other traffic goes on."""
BIG_AT_ONCE = 2
"""Big responses in work at the same time; a further one makes the server wait."""
OPENING = 4096
"""Bytes of a line in which a method would show. A guess, about order only: nothing is let through because of it."""
OVERTAKING = (b'"notifications/progress"', b'"notifications/message"')
"""These speak of other requests than a response before them does, and may go first. A list change may not."""


class Outcome(Protocol):
    """What a conversation says about one line (see `shield.Outcome`)."""

    @property
    def forward(self) -> bytes | None: ...
    @property
    def replies(self) -> tuple[bytes, ...]: ...
    @property
    def notice(self) -> str: ...
    @property
    def is_response(self) -> bool: ...


class Conversation(Protocol):
    """What the pumps need of `shield.Conversation`. Thread-safe, and never raises."""

    def from_client(self, line: bytes, /) -> Outcome: ...
    def from_server(self, line: bytes, /) -> Outcome: ...
    def oversized(self, from_server: bool, head: bytes, tail: bytes, /) -> Outcome: ...
    def server_gone(self) -> tuple[bytes, ...]: ...
    def mask(self, text: str, /) -> str: ...


class Pulse:
    """Whether a pump is waiting for its peer, and since when."""

    def __init__(self) -> None:
        self.last_read = time.monotonic()
        self._working: list[None] = []  # append and pop are atomic, a counter's += is not

    @property
    def working(self) -> bool:
        return bool(self._working)

    def __enter__(self) -> None:
        self._working.append(None)

    def __exit__(self, *_: object) -> None:
        self._working.pop()


class Pump:
    """What both directions share: where lines come from and where outcomes go."""

    def __init__(self, source: int, ahead: Writer, back: Writer, notice: Callable[[str], None]) -> None:
        """
        Args:
            source: file descriptor to read lines from.
            ahead: the other side, which gets what is forwarded.
            back: the side that `source` belongs to, which gets the replies.
            notice: shows one line to the human.
        """
        self._source = source
        self._ahead = ahead
        self._back = back
        self._notice = notice
        self.pulse = Pulse()

    def _read(self) -> bytes:
        try:
            return os.read(self._source, CHUNK)
        except OSError:
            return b""
        finally:
            self.pulse.last_read = time.monotonic()

    def _deliver(self, outcome: Outcome, line: Line | Oversized) -> bool:
        """Write what the outcome says. False: the side ahead is gone."""
        if outcome.notice:
            self._notice(outcome.notice)
        if outcome.replies:
            self._back.post(outcome.replies)
        if outcome.forward is None:
            return True
        return self._ahead.write(outcome.forward, line.ending if isinstance(line, Line) else b"\n")


class ClientPump(Pump):
    """Client to server: one line after the other, in order."""

    def __init__(self, source: int, server: Writer, client: Writer, notice: Callable[[str], None]) -> None:
        super().__init__(source, server, client, notice)
        self.server_gone = threading.Event()

    def run(self, conversation: Conversation, deaf: Callable[[], None]) -> None:
        """Until the client closes its side.

        Args:
            deaf: called for each line that the server no longer takes. Reading goes on: what asks will be answered.
        """
        for line in read_lines(self._read):
            with self.pulse:
                outcome = _ask(conversation.from_client, conversation, False, line)
            if not self._deliver(outcome, line):
                deaf()
            if self.server_gone.is_set():
                self._back.post(conversation.server_gone())


class ServerPump(Pump):
    """Server to client: in order, but that a response may overtake a big response that is still in work."""

    def __init__(self, source: int, client: Writer, server: Writer, notice: Callable[[str], None]) -> None:
        super().__init__(source, client, server, notice)
        self._slots = threading.BoundedSemaphore(BIG_AT_ONCE)

    def run(self, conversation: Conversation, unheard: Callable[[], None]) -> None:
        """Until the server's output ends and all of it is delivered.

        Args:
            unheard: called for each line that the client no longer takes. Reading goes on, so that the server can end.
        """

        for line in read_lines(self._read):
            if _is_big_response(line):
                self._slots.acquire()
                threading.Thread(target=self._beside, args=(conversation, line, unheard), daemon=True).start()
                continue
            outcome = self._decide(conversation, line)
            if not (outcome.is_response or _may_overtake(line)):
                self._settle()
            if not self._deliver(outcome, line):
                unheard()
        self._settle()

    def _decide(self, conversation: Conversation, line: Line | Oversized) -> Outcome:
        with self.pulse:
            return _ask(conversation.from_server, conversation, True, line)

    def _beside(self, conversation: Conversation, line: Line | Oversized, unheard: Callable[[], None]) -> None:
        try:
            if not self._deliver(self._decide(conversation, line), line):
                unheard()
        finally:
            self._slots.release()

    def _settle(self) -> None:
        """Wait for the big responses in work. Only the reading thread takes slots, so taking all cannot deadlock."""
        for _ in range(BIG_AT_ONCE):
            self._slots.acquire()
        for _ in range(BIG_AT_ONCE):
            self._slots.release()


def _ask(
    decide: Callable[[bytes], Outcome], conversation: Conversation, from_server: bool, line: Line | Oversized
) -> Outcome:
    if isinstance(line, Line):
        return decide(line.body)
    return conversation.oversized(from_server, line.head, line.tail)


def _is_big_response(line: Line | Oversized) -> bool:
    return isinstance(line, Line) and len(line.body) > BIG and b'"method"' not in line.body[:OPENING]


def _may_overtake(line: Line | Oversized) -> bool:
    return isinstance(line, Line) and any(method in line.body[:OPENING] for method in OVERTAKING)
