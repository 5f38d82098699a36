"""`pii-shield run --url` from its first line to its last: our pipes, an event loop between them, signals."""

import asyncio
import concurrent.futures
import contextlib
import itertools
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping

from ...conversation import Conversation
from ...wire.exchange import Memory
from ..errout import ErrOut
from ..lines import Line, Oversized, read_lines
from ..pump import CHUNK
from ..stdio import SWITCH_INTERVAL, Streams
from ..writer import Writer
from .link import Link
from .metrics import Metrics
from .mind import Mind
from .remote import Remote

MAX_AHEAD = 64
"""Lines of the client that may wait for their turn before the client waits."""
AFTER_EOF = 10.0
"""How long answers may take once the client has closed its side."""


def run(
    name: str,
    url: str,
    headers: Mapping[str, str],
    converse: Callable[[Memory], Conversation],
    streams: Streams = Streams(),  # noqa: B008 - immutable
) -> int:
    """Carry one conversation until the client closes its side or a signal comes; returns the exit code.

    Args:
        headers: ours for the server, credentials among them.
        converse: makes the conversation, which keeps what it learns in the memory given.
    """
    sys.setswitchinterval(SWITCH_INTERVAL)
    errors = ErrOut(streams.stderr)
    memory = Memory()
    conversation = converse(memory)
    code = asyncio.run(_carry(name, url, headers, conversation, memory, errors, streams))
    errors.flush(0.5)
    return code


async def _carry(
    name: str,
    url: str,
    headers: Mapping[str, str],
    conversation: Conversation,
    memory: Memory,
    errors: ErrOut,
    streams: Streams,
) -> int:
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[Line | Oversized | None] = asyncio.Queue(MAX_AHEAD)
    threading.Thread(target=_read_all, args=(streams.stdin, lines, loop), daemon=True).start()
    link, mind, client = Link(url, headers), Mind(Metrics(), errors.notice), Writer(streams.stdout)
    remote = Remote(name, link, conversation, memory, mind, client.write)
    work = loop.create_task(_work(remote, lines, conversation, client))
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, _stop, work, stopped, number)
    with contextlib.suppress(asyncio.CancelledError):
        await work
    await remote.end(0 if stopped else AFTER_EOF)
    await link.close()
    mind.close()
    return 128 + stopped[0] if stopped else 0


def _stop(work: "asyncio.Task[None]", stopped: list[int], number: int) -> None:
    stopped.append(number)
    work.cancel()


async def _work(
    remote: Remote, lines: "asyncio.Queue[Line | Oversized | None]", conversation: Conversation, client: Writer
) -> None:
    while (line := await lines.get()) is not None:
        if isinstance(line, Oversized):
            client.post(conversation.oversized(False, line.head, line.tail).replies)
        else:
            await remote.line(line.body)


def _read_all(source: int, lines: "asyncio.Queue[Line | Oversized | None]", loop: asyncio.AbstractEventLoop) -> None:
    def read() -> bytes:
        try:
            return os.read(source, CHUNK)
        except OSError:
            return b""

    for line in itertools.chain(read_lines(read), (None,)):
        handing = lines.put(line)
        try:
            asyncio.run_coroutine_threadsafe(handing, loop).result()
        except (RuntimeError, concurrent.futures.CancelledError):  # the loop has ended: nobody reads any more
            handing.close()
            return
