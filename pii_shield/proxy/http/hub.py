"""The clients of one server process: who gets which of its lines. Called by the process's threads, not by the loop."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from ...conversation import Conversation, Outcome
from ...errors import WireError
from ...wire.members import members
from ...wire.renumber import Outline, outline
from ..lines import Oversized
from .answers import failure
from .outbox import Outbox
from .process import Process
from .sse import flat

MAX_BACKLOG = 256
"""Messages of a server that wait for a client without a stream; the oldest go first."""
ENDED = "the MCP server ended before it answered"
CANCELLED = "the client cancelled the request"
EVERYBODY = ("notifications/resources/updated",)
"""With the list changes: what concerns all clients of a shared process."""
Note = Callable[[str, Outcome, bytes, float], None]
"""Takes direction, outcome, message and seconds, for the metrics."""


class Port:
    """One conversation's place at a hub.

    Attributes:
        listener: the client's stream for what answers no request; None while it has none.
        backlog: what came while it had none.
    """

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.listener: Outbox | None = None
        self.backlog: deque[bytes] = deque(maxlen=MAX_BACKLOG)


class Pending(NamedTuple):
    """A request that the server has not answered.

    Attributes:
        raw_id, raw_progress: as the client wrote them.
    """

    port: Port
    outbox: Outbox
    method: str
    raw_id: str
    raw_progress: str


class Hub:
    """Numbers the requests of all clients, and remembers whose they were.

    Args:
        note: counts messages.
        gone: called once, from a thread, when the process has ended.
    """

    def __init__(self, process: Process, note: Note, gone: Callable[["Hub"], None]) -> None:
        self.process = process
        self._note = note
        self._gone = gone
        self._lock = threading.Lock()
        self._number = 0
        self._pending: dict[int, Pending] = {}
        self._ports: list[Port] = []
        self._greeting = ""
        self._greeted: list[tuple[Port, Outbox, str]] = []
        self._is_greeting = self._is_initialized = False

    @property
    def is_idle(self) -> bool:
        """Whether no request is open and no session there."""
        return not self._pending and not self._ports

    def join(self, port: Port) -> None:
        """A session begins: it hears what concerns everybody."""
        with self._lock:
            self._ports.append(port)

    def leave(self, port: Port) -> None:
        """The session is over."""
        with self._lock:
            if port in self._ports:
                self._ports.remove(port)
        if port.listener:
            port.listener.end()

    # to the server; all of it runs in the process's hand

    def send(self, port: Port, message: bytes, outbox: Outbox) -> None:
        """Send a client's message. What answers it at once is in the outbox then."""
        begin = time.perf_counter()
        outcome = port.conversation.from_client(message)
        self._note("in", outcome, message, time.perf_counter() - begin)
        for reply in outcome.replies:
            outbox.put(reply, is_last=True)
        if outcome.forward is None:
            return
        try:
            seen = outline(outcome.forward.decode())
        except (WireError, UnicodeDecodeError):
            self.process.write(flat(outcome.forward))
            return
        line = self._outgoing(port, seen, outbox)
        if line is not None and not self.process.write(flat(line.encode())) and seen.is_request:
            self._fail(Pending(port, outbox, seen.method, seen.raw(seen.id), ""))

    def _outgoing(self, port: Port, seen: Outline, outbox: Outbox) -> str | None:
        """The line with our numbers; None if it is not for the server."""
        if seen.is_request:
            return self._request(port, seen, outbox)
        if seen.cancels:
            number = self._give_up(port, seen.raw(seen.cancels))
            return seen.replaced((seen.cancels, str(number))) if number else None
        if seen.method == "notifications/initialized":
            is_first, self._is_initialized = not self._is_initialized, True
            return seen.text if is_first else None
        return seen.text

    def _request(self, port: Port, seen: Outline, outbox: Outbox) -> str | None:
        pending = Pending(port, outbox, seen.method, seen.raw(seen.id), seen.raw(seen.progress))
        with self._lock:
            is_later = seen.method == "initialize" and self._is_greeting
            if is_later:
                self._greeted.append((port, outbox, pending.raw_id))
            else:
                self._is_greeting = self._is_greeting or seen.method == "initialize"
                self._number += 1
                self._pending[self._number] = pending
            number = str(self._number)
        if is_later:
            self._answer_greeted()
            return None
        return seen.replaced((seen.id, number), (seen.progress, number))

    def _answer_greeted(self) -> None:
        """Later sessions of a shared process: it is initialized already, and answers as it did."""
        with self._lock:
            waiting = self._greeted if self._greeting else []
            self._greeted = self._greeted if not self._greeting else []
        for port, outbox, raw_id in waiting:
            self._deliver(port, f'{{"jsonrpc":"2.0","id":{raw_id},"result":{self._greeting}}}', outbox, is_last=True)

    def _numbers(self, port: Port, raw_id: str = "") -> list[int]:
        """Our numbers of a port's open requests, or of one of them."""
        with self._lock:
            return [n for n, p in self._pending.items() if p.port is port and raw_id in ("", p.raw_id)]

    def _give_up(self, port: Port, raw_id: str) -> int:
        """Our number of a request that its client cancelled; 0 if it is answered. A server need not answer it any more,
        so its stream ends here."""
        for number in self._numbers(port, raw_id)[:1]:
            pending = self._pending.pop(number, None)
            if pending is not None:
                self._fail(pending, CANCELLED)
                return number
        return 0

    def cancel(self, port: Port) -> None:
        """The client of a stateless request went away: what it asked for is not wanted any more."""
        for number in self._numbers(port):
            self._pending.pop(number, None)
            line = f'{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{number}}}}}'
            self.process.write(line.encode())

    # from the server; all of it runs in the process's reading threads

    def line(self, line: bytes | Oversized) -> None:
        """Take a line of the server."""
        if isinstance(line, Oversized):
            self._oversized(line)
            return
        try:
            seen = outline(line.decode())
        except (WireError, UnicodeDecodeError):
            dropped = Outcome(None, notice="dropped a line of the server that is no JSON-RPC message")
            self._note("out", dropped, line, 0)
            return
        if seen.method:
            self._said(seen)
        else:
            self._answered(seen)

    def _answered(self, seen: Outline) -> None:
        """A response: to whoever asked."""
        with self._lock:
            pending = self._pending.pop(_number(seen.id.value), None) if seen.id else None
        if pending is None:
            return
        if pending.method == "initialize":
            self._remember(seen)
        text = seen.replaced((seen.id, pending.raw_id), (seen.subscription, pending.raw_id))
        self._deliver(pending.port, text, pending.outbox, is_last=True)
        self._answer_greeted()

    def _remember(self, seen: Outline) -> None:
        with self._lock:
            self._greeting = seen.raw(members(seen.text).get("result"))
            self._is_greeting = bool(self._greeting)

    def _said(self, seen: Outline) -> None:
        """A notification or request of the server's own."""
        tag = seen.progress if seen.method == "notifications/progress" else seen.subscription
        with self._lock:
            pending = self._pending.get(_number(tag.value)) if tag else None
            ports = list(self._ports)
            latest = next((p for p in reversed(self._pending.values()) if p.method != "subscriptions/listen"), None)
        if pending is not None:
            raw = pending.raw_progress if tag is seen.progress else pending.raw_id
            self._deliver(pending.port, seen.replaced((tag, raw)), pending.outbox)
        elif seen.method in EVERYBODY or seen.method.endswith("/list_changed"):
            for port in ports:
                self._deliver(port, seen.text, port.listener)
        elif latest is not None:
            self._deliver(latest.port, seen.text, latest.outbox)
        elif ports:
            self._deliver(ports[-1], seen.text, ports[-1].listener)

    def _deliver(self, port: Port, text: str, outbox: Outbox | None, *, is_last: bool = False) -> None:
        message = text.encode()
        begin = time.perf_counter()
        outcome = port.conversation.from_server(message)
        self._note("out", outcome, message, time.perf_counter() - begin)
        if outcome.replies:
            self.process.post(map(flat, outcome.replies))
        if outcome.forward is None:
            return
        if (outbox is None or not outbox.put(outcome.forward, is_last=is_last)) and not is_last:
            port.backlog.append(outcome.forward)

    def _oversized(self, line: Oversized) -> None:
        """Whoever may be meant is asked; the conversation knows which request such a line answers."""
        with self._lock:
            pending = list(self._pending.items())
        named = line.head + line.tail
        for number, waiting in pending:
            if f'"id":{number}'.encode() in named.replace(b" ", b""):
                self._pending.pop(number, None)
                self._fail(waiting, "the MCP server's answer is larger than the limit")

    def _fail(self, pending: Pending, text: str = ENDED) -> None:
        message = failure(pending.raw_id, text)
        pending.port.conversation.from_server(message)
        pending.outbox.put(message, is_last=True)

    def ended(self) -> None:
        """The process closed its output: whoever waits is told."""
        with self._lock:
            left, self._pending = list(self._pending.values()), {}
            ports, self._ports = self._ports, []
            left += [Pending(port, outbox, "initialize", raw_id, "") for port, outbox, raw_id in self._greeted]
        self._gone(self)  # first: who is told of it may come back at once
        for pending in left:
            self._fail(pending)
        for port in ports:
            if port.listener:
                port.listener.end()


def _number(value: object) -> int:
    return value if isinstance(value, int) else -1
