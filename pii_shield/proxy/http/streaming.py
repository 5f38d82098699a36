"""Event streams of an HTTP server on their way to a client: event by event, flushed at once, nothing held back."""

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

import aiohttp
from aiohttp import web

from ...conversation import Conversation
from ...wire.headers import Header
from . import answers
from .auth import Principal
from .caller import Caller, Frame, Stream
from .mind import Mind
from .sessions import Session
from .sse import KEEP_ALIVE, Event, Events, Oversized, write
from .sse import event as written

KEEP_ALIVE_SECONDS = 15.0
"""Silence after which a comment is sent: intermediaries cut connections that look dead."""
_LONG_METHOD = b'"subscriptions/listen"'


class Turn(NamedTuple):
    """One request of a client on its way through.

    Attributes:
        body: what the client sent; b"" for GET and DELETE.
        headers: what goes to the server.
        session: the client's, if it has one.
    """

    caller: Caller
    principal: Principal
    conversation: Conversation
    body: bytes
    headers: list[Header]
    session: Session[Conversation] | None

    @property
    def upstream_session(self) -> str:
        """The server's own session id, "" if there is none."""
        return self.session.upstream_id if self.session else ""


class Streams:
    """The event streams of one server.

    Args:
        reply: sends the server an answer of ours to a request of its that was stopped.
    """

    def __init__(self, name: str, mind: Mind, reply: Callable[[Turn, bytes], None]) -> None:
        self._name = name
        self._mind = mind
        self._reply = reply
        self._long: set[asyncio.Task[Any]] = set()
        self._ending = False

    def end(self) -> None:
        """End the streams that would go on for ever, properly: their clients come back elsewhere."""
        self._ending = True
        for task in self._long:
            task.cancel()

    async def carry(
        self, turn: Turn, answer: aiohttp.ClientResponse, first: list[bytes], headers: dict[str, str]
    ) -> web.StreamResponse:
        """Carry one stream to its end.

        Args:
            first: messages of ours that go before it.
            headers: of the response, beside those of every stream.
        """
        self._opened(turn, 1)
        stream: Stream | None = None
        try:
            stream = await turn.caller.open(answer.status, {**answers.STREAM_HEADERS, **headers})
            for reply in first:
                await stream.send(Frame(written(reply), reply, is_response=True))
            await self._pump(turn, answer, stream)
        except (aiohttp.ClientError, ConnectionError):
            turn.caller.abort()  # what broke off for us breaks off for the client: it may resume
        except asyncio.CancelledError:
            if not self._ending:
                raise
        finally:
            self._opened(turn, -1)
        return stream.response if stream else web.Response(status=502)

    def _opened(self, turn: Turn, change: int) -> None:
        self._mind.metrics.add("streams", change, server=self._name)
        if turn.session:
            turn.session.streams += change
        task = asyncio.current_task()
        if task is not None and (not turn.body or _LONG_METHOD in turn.body):
            (self._long.add if change > 0 else self._long.discard)(task)

    async def _pump(self, turn: Turn, answer: aiohttp.ClientResponse, stream: Stream) -> None:
        """Each event is written before the next one is read: a slow client slows the server, and nothing piles up."""
        events = Events()
        while True:
            try:
                async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                    chunk = await answer.content.readany()
            except TimeoutError:
                await stream.send(Frame(KEEP_ALIVE))
                continue
            if not chunk:
                return
            for event in events.feed(chunk):
                await stream.send(await self._event(turn, event))

    async def _event(self, turn: Turn, event: Event | Oversized) -> Frame:
        """What the client gets for one event."""
        if isinstance(event, Oversized):
            outcome = await self._mind.from_server(self._name, turn.conversation, event)
            lost = outcome.forward
            return Frame(written(lost), lost, is_response=True) if lost else Frame(KEEP_ALIVE)
        event_id = event.get(b"id")
        if event_id:
            event_id = await self._shown_id(turn, event_id)
        if event.data is None:
            return Frame(write(event, None, event_id), None, event_id, event.get(b"retry"))
        outcome = await self._mind.from_server(self._name, turn.conversation, event.data)
        for reply in outcome.replies:
            self._reply(turn, reply)
        raw = write(event, outcome.forward, event_id)
        return Frame(raw, outcome.forward, event_id, event.get(b"retry"), outcome.is_response)

    async def _shown_id(self, turn: Turn, event_id: bytes) -> bytes | None:
        """An event id is the server's own text. One that holds a value gets another name."""
        text = event_id.decode("utf-8", "replace")
        if await self._mind.beside(lambda: turn.conversation.mask(text)) == text:
            return event_id
        return turn.session.alias(event_id) if turn.session else None
