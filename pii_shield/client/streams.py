"""A session's two streams with a conversation between them: order kept, thinking done in threads.

Both directions run on their own. What the shield itself answers (a refused call) comes out of the read stream like any
answer of the server, which is why a task of ours reads ahead of the session.
"""

import logging
import math
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import anyio
import anyio.abc
import anyio.to_thread

from .. import tokens
from ..conversation import Conversation, Outcome
from ..errors import WireError
from . import messages
from .messages import SessionMessage

LOG = logging.getLogger("pii_shield")
SMALL = 16 * 1024
"""Bytes up to which a message of the client without tokens is noted on the event loop: nothing in it can block."""
THREADS = 4
"""Messages of one session in work at a time; threads of our own, since the session's tools may occupy all others."""
ENDED = (anyio.EndOfStream, anyio.ClosedResourceError, anyio.BrokenResourceError)


class Wire:
    """Both directions of one session.

    Attributes:
        reader, writer: the streams for the session, in place of the transport's.

    Args:
        read, write: the transport's streams.
    """

    def __init__(self, read: Any, write: Any, conversation: Conversation) -> None:
        self._read = read
        self._write = write
        self._conversation = conversation
        self._group: anyio.abc.TaskGroup | None = None
        self._limiter = anyio.CapacityLimiter(THREADS)
        self._in_order = anyio.Lock()
        self.reader = Reader(self)
        self.writer = Writer(self)

    async def start(self) -> bool:
        """Begin to read; whoever gets True must call `stop`, in the same task."""
        if self._group is not None:
            return False
        self._put, self._take = anyio.create_memory_object_stream[Any](0)
        self._answers_put, self._answers = anyio.create_memory_object_stream[Any](math.inf)
        self._group = anyio.create_task_group()
        await self._group.__aenter__()
        self._group.start_soon(self._pump)
        self._group.start_soon(self._pass_answers, self._put.clone())
        return True

    async def stop(self) -> None:
        """End the reading."""
        group = self._group
        if group is not None:
            group.cancel_scope.cancel()
            try:
                await group.__aexit__(None, None, None)
            finally:
                for stream in (self._put, self._take, self._answers_put, self._answers):
                    stream.close()

    # server -> client

    async def _pump(self) -> None:
        with self._put, self._answers_put:
            try:
                while True:
                    await self._from_server(await self._read.receive())
            except ENDED:
                return

    async def _pass_answers(self, put: Any) -> None:
        with put:
            async for text in self._answers:
                await put.send((messages.new(text), None))

    async def _from_server(self, item: SessionMessage | Exception) -> None:
        context = getattr(self._read, "last_context", None)
        if isinstance(item, Exception):
            # A validation error quotes the message that it is about.
            quotes = isinstance(item, ValueError)
            safe = WireError("the server sent something that is no MCP message") if quotes else item
            await self._put.send((safe, context))
            return
        text = messages.text_of(item)
        outcome = await self._think(self._conversation.from_server, text)
        for reply in outcome.replies:
            self._started.start_soon(self._reply, reply)
        if outcome.forward is not None:
            shown = item if outcome.forward is text else messages.changed(item, outcome.forward)
            await self._put.send((shown, context))

    async def _reply(self, text: bytes) -> None:
        """Beside the reading: a server that is busy writing does not read."""
        with suppress(*ENDED):
            await self._write.send(messages.new(text))

    @property
    def _started(self) -> anyio.abc.TaskGroup:
        if self._group is None:
            raise RuntimeError("enter the stream, or the transport, before you use it")
        return self._group

    async def receive(self) -> tuple[SessionMessage | Exception, Any]:
        """What the session gets next, and the sender's context."""
        _ = self._started
        got: tuple[SessionMessage | Exception, Any] = await self._take.receive()
        return got

    # client -> server

    async def send(self, item: SessionMessage) -> None:
        """A message of the client."""
        async with self._in_order:
            text = messages.text_of(item)
            outcome = await self._from_client(text)
            if outcome.replies:
                _ = self._started
            for reply in outcome.replies:
                self._answers_put.send_nowait(reply)
            if outcome.forward is None:
                return
            if outcome.forward is not text:
                item = messages.follow(messages.changed(item, outcome.forward), text)
            await self._write.send(item)

    async def _from_client(self, text: bytes) -> Outcome:
        if len(text) <= SMALL and not tokens.may_hold(text.decode()):
            return self._note(self._conversation.from_client(text))
        return await self._think(self._conversation.from_client, text)

    # both

    async def _think(self, ask: Callable[[bytes], Outcome], text: bytes) -> Outcome:
        return self._note(await anyio.to_thread.run_sync(ask, text, limiter=self._limiter))

    def _note(self, outcome: Outcome) -> Outcome:
        if outcome.notice:
            LOG.warning("%s", outcome.notice)
        return outcome

    async def close_read(self) -> None:
        """The session reads no more."""
        if self._group is not None:
            self._take.close()
        await self._read.aclose()

    async def close_write(self) -> None:
        """The session writes no more."""
        await self._write.aclose()


class Reader:
    """The session's read stream. Gives out nothing else of the transport's: a clone of it would go round the shield.

    Attributes:
        last_context: `contextvars` of whoever sent the last item, where the transport tells (mcp 2.x).
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._owns = False
        self.last_context: Any = None

    async def receive(self) -> SessionMessage | Exception:
        """The next message."""
        item, self.last_context = await self._wire.receive()
        return item

    def __aiter__(self) -> "Reader":
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def aclose(self) -> None:
        """Close the transport's stream."""
        await self._wire.close_read()

    async def __aenter__(self) -> "Reader":
        self._owns = await self._wire.start()
        return self

    async def __aexit__(self, *_: Any) -> None:
        try:
            if self._owns:
                await self._wire.stop()
        finally:
            await self.aclose()


class Writer:
    """The session's write stream."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def send(self, item: SessionMessage) -> None:
        """Send a message, with values where it had tokens; one that is refused is answered on the read stream."""
        await self._wire.send(item)

    async def aclose(self) -> None:
        """Close the transport's stream."""
        await self._wire.close_write()

    async def __aenter__(self) -> "Writer":
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.aclose()
