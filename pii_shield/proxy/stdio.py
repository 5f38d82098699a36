"""`pii-shield run`: one client, one server, and the order in which they part.

The main thread waits for events and owns the ending. Who closes first decides how long the others get (`_CAUSES`);
then the server's process group gets SIGTERM, then SIGKILL. Whatever happens, open requests are answered, the server's
exit code becomes ours, and no process is left behind.
"""

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from queue import Empty, SimpleQueue
from types import FrameType
from typing import NamedTuple

from .child import Child, resolve, spawn
from .errout import ErrOut, drain
from .pump import ClientPump, Conversation, ServerPump
from .writer import Writer

SWITCH_INTERVAL = 0.001
"""Seconds after which a thread that computes lets another one run: a big message must not hold up a small one."""
GC_THRESHOLDS = (10_000, 1, 10_000)
"""A collection stops every thread, in proportion to what it looks at, and finds nothing: messages are trees. So the
young ones never gather, and a full one, which takes hundreds of milliseconds beside a big message, is rare."""
PASSED_ON = ("SIGINT", "SIGTERM", "SIGHUP")


class Timing(NamedTuple):
    """Seconds that the others get when one side ends.

    Attributes:
        after_eof: the client has closed its side; the server may finish, as long as something moves.
        after_end: the server has ended, or closed its output, or the client reads no more.
        after_signal: between a signal and SIGKILL. Clients wait 2 s after theirs before they kill us.
        linger: a dead server's client may go on asking, and is answered, until it is silent for this long.
    """

    after_eof: float = 10.0
    after_end: float = 2.0
    after_signal: float = 1.5
    linger: float = 0.1


class Streams(NamedTuple):
    """Our three file descriptors towards the client and the human."""

    stdin: int = 0
    stdout: int = 1
    stderr: int = 2


class _Cause(NamedTuple):
    """Why the conversation ends.

    Attributes:
        seconds: which of the times the others get.
        patient: whether the time starts anew while something still moves.
        steps: signals to the server, by name, one after the other.
        closes: what is over by this event: "child", "output".
    """

    seconds: Callable[[Timing], float]
    patient: bool
    steps: tuple[str, ...] = ("SIGTERM", "SIGKILL")
    closes: str = ""


_CAUSES = {
    "client closed": _Cause(lambda timing: timing.after_eof, True),
    "server deaf": _Cause(lambda timing: timing.after_eof, True),
    "client gone": _Cause(lambda timing: timing.after_end, False),
    "output ended": _Cause(lambda timing: timing.after_end, False, closes="output"),
    "child ended": _Cause(lambda timing: timing.after_end, True, closes="child"),
    **{name: _Cause(lambda timing: timing.after_signal, False, ("SIGKILL",)) for name in PASSED_ON},
}
TICK = 0.1
"""Seconds between two looks at something that moves."""


def run(
    argv: Sequence[str],
    converse: Callable[[tuple[str, ...]], Conversation],
    environ: Mapping[str, str],
    streams: Streams = Streams(),  # noqa: B008 - immutable
    timing: Timing = Timing(),  # noqa: B008 - immutable
) -> int:
    """Start the server, carry the conversation until it is over, and return the exit code.

    Args:
        argv: the server's command as the user gave it.
        converse: makes the conversation from the resolved command; called once the server is starting.
        environ: our environment; the server gets it without what is private to us.

    Returns:
        The server's exit code, 128 + n if signal n ended it.

    Raises:
        StartError: the server cannot be started.
        Exception: whatever `converse` raises; the server is ended first.
    """
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.set_threshold(*GC_THRESHOLDS)
    threading.excepthook = _report_thread
    executable = resolve(argv[0], environ)
    events: SimpleQueue[str] = SimpleQueue()
    _listen_to_signals(events)
    child = spawn(argv, executable, environ)
    try:
        conversation = converse((executable, *argv[1:]))
    except BaseException:
        child.reap(signal.SIGTERM, signal.SIGKILL, timing.after_signal)
        raise
    return _Session(child, conversation, events, streams, timing).run()


def _listen_to_signals(events: "SimpleQueue[str]") -> None:
    def passed_on(number: int, _: FrameType | None) -> None:
        events.put(signal.Signals(number).name)

    for name in PASSED_ON:
        number = signal.Signals[name]
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup, and shells' background jobs, mean it
            signal.signal(number, passed_on)


def _report_thread(failure: threading.ExceptHookArgs) -> None:
    """A defect in one of our threads: where, and of what kind. Never its text, which may quote a message."""
    trace = failure.exc_traceback
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "?"
    os.write(2, f"error[PS809]: internal error {failure.exc_type.__name__} at {place}\n".encode())


class _Session:
    """One conversation from the first byte to the last."""

    def __init__(
        self, child: Child, conversation: Conversation, events: "SimpleQueue[str]", streams: Streams, timing: Timing
    ) -> None:
        self._child = child
        self._conversation = conversation
        self._events = events
        self._timing = timing
        self._errors = ErrOut(streams.stderr)
        self._client = Writer(streams.stdout)
        self._server = Writer(child.stdin)
        self._from_client = ClientPump(streams.stdin, self._server, self._client, self._errors.notice)
        self._from_server = ServerPump(child.stdout, self._client, self._server, self._errors.notice)
        self._open = {"child", "output"}
        self._seen: set[str] = set()
        self._deadline: float | None = None
        self._patient = True
        self._steps: list[str] = ["SIGTERM", "SIGKILL"]
        self._moved = time.monotonic()

    def run(self) -> int:
        child, events, conversation = self._child, self._events, self._conversation
        _thread(drain, child.stderr, self._errors, conversation.mask)
        _thread(_then, child.wait, events, "child ended")
        _thread(
            _then,
            lambda: self._from_server.run(conversation, lambda: events.put("client gone")),
            events,
            "output ended",
        )
        _thread(
            _then,
            lambda: self._from_client.run(conversation, lambda: events.put("server deaf")),
            events,
            "client closed",
        )
        while self._open:
            self._turn()
        self._answer_what_is_open()
        code = child.reap(signal.SIGTERM, signal.SIGKILL, self._timing.after_signal)
        if not self._seen.intersection(("client closed", "client gone", *PASSED_ON)):
            self._errors.notice(f"the server ended, exit code {code}")
        self._errors.flush(self._timing.linger)
        return code

    def _turn(self) -> None:
        """Take one event, or the next step if none came in time."""
        try:
            wait = None if self._deadline is None else max(0.0, self._deadline - time.monotonic())
            self._on(self._events.get(timeout=wait))
        except Empty:
            self._on_time_up()

    def _on(self, event: str) -> None:
        if event in PASSED_ON:
            self._child.signal(signal.Signals[event])
        elif event in self._seen:
            return
        self._seen.add(event)
        cause = _CAUSES[event]
        self._open.discard(cause.closes)
        if event in ("client closed", "client gone"):
            self._server.close(TICK)
        self._hurry(cause)

    def _hurry(self, cause: _Cause) -> None:
        """A further cause may shorten what is left, never lengthen it."""
        deadline = time.monotonic() + cause.seconds(self._timing)
        if self._deadline is None or deadline < self._deadline:
            self._deadline = deadline
        self._patient = self._patient and cause.patient
        self._steps = self._steps[-len(cause.steps) :]

    def _on_time_up(self) -> None:
        now = time.monotonic()
        if self._patient and self._something_moves(now):
            self._deadline = now + TICK
            return
        self._patient = False
        if not self._steps:
            self._open.clear()  # a process that left the group keeps the output open, or SIGKILL is not enough
            return
        self._child.signal(signal.Signals[self._steps.pop(0)])
        self._deadline = now + self._timing.after_signal

    def _something_moves(self, now: float) -> bool:
        """Whether a message is in work, the client is only slow, or bytes came or went a moment ago."""
        if self._from_server.pulse.working or (self._client.writing and "client closed" not in self._seen):
            return True
        quiet = self._timing.after_eof if "child" in self._open else self._timing.after_end
        return now - max(self._from_server.pulse.last_read, self._client.last_write) < quiet

    def _answer_what_is_open(self) -> None:
        """No request stays without an answer, also of those that a busy client goes on sending for a moment."""
        self._server.close(TICK)
        self._from_client.server_gone.set()
        self._client.post(self._conversation.server_gone())
        started = time.monotonic()
        while not self._client_is_served(started) and self._seen.isdisjoint(("client gone", *PASSED_ON)):
            try:
                self._seen.add(self._events.get(timeout=TICK / 10))
            except Empty:
                continue

    def _client_is_served(self, started: float) -> bool:
        """Whether it has all answers and asks no more. A client that has closed its side is not waited for long."""
        now = time.monotonic()
        pulse = self._from_client.pulse
        if "client closed" in self._seen:
            return self._client.idle or now - max(started, self._client.last_write) > self._timing.after_end
        return self._client.idle and not pulse.working and now - max(started, pulse.last_read) > self._timing.linger


def _thread(target: Callable[..., None], *args: object) -> None:
    threading.Thread(target=target, args=args, daemon=True).start()


def _then(work: Callable[[], None], events: "SimpleQueue[str]", event: str) -> None:
    """Do the work and report that it is over, also when it failed: nobody may wait for ever."""
    try:
        work()
    finally:
        events.put(event)
