"""`pii-shield run --url`: a client on our pipes, a server on HTTP. Lines become requests, responses become lines.

The client on stdio knows nothing of HTTP, so what HTTP adds is done here: session ids, headers that mirror a message,
the stream of what answers no request, resuming a broken stream, and a new session where the server forgot the old one.
"""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

import aiohttp

from ... import jsontext
from ...conversation import Conversation
from ...errors import WireError
from ...wire import headers as wire_headers
from ...wire.exchange import Memory
from ...wire.headers import Header
from ...wire.renumber import Outline, addressed, id_of, outline
from .answers import failure
from .link import Link, Unusable, check, read
from .mind import Mind
from .sse import Event, Events, Oversized, flat

RETRY_SECONDS = 1.0
MAX_RETRY_SECONDS = 30.0
RESUMES = 5
"""Attempts in a row to resume a response stream that brought nothing."""
UNREACHABLE = "the MCP server cannot be reached"
LOST = "the MCP server forgot the session again and again"
NO_ANSWER = "the MCP server's stream ended before the answer"
ACCEPT = ("Accept", "application/json, text/event-stream")


class Sent(NamedTuple):
    """A request that the server has not answered."""

    task: "asyncio.Task[None]"
    is_modern: bool


class Remote:
    """One client's conversation with one server on HTTP.

    Args:
        name: what the server is called.
        memory: the conversation's, which knows the tools' schemas.
        write: writes a line to the client, waiting for it; called beside the event loop.
    """

    def __init__(
        self,
        name: str,
        link: Link,
        conversation: Conversation,
        memory: Memory,
        mind: Mind,
        write: Callable[[bytes], bool],
    ) -> None:
        self._name = name
        self._link = link
        self._conversation = conversation
        self._memory = memory
        self._mind = mind
        self._write = write
        self._session = ""
        self._version = ""
        self._greeting = b""
        self._renewing = asyncio.Lock()
        self._open: dict[str, Sent] = {}
        self._waiting: set[str] = set()
        self._listening: asyncio.Task[None] | None = None

    # from the client

    async def line(self, line: bytes) -> None:
        """Take a line of the client. Returns once the next one may go: what is no request has arrived then."""
        outcome = await self._mind.from_client(self._name, self._conversation, line)
        for reply in outcome.replies:
            await self._say(reply)
        if outcome.forward is None:
            return
        body = outcome.forward
        try:
            seen = outline(body.decode())
        except (WireError, UnicodeDecodeError):
            await self._post(body, None)  # a batch, or something for the server to refuse
            return
        if seen.cancels and seen.raw(seen.cancels) in self._open:
            sent = self._open[seen.raw(seen.cancels)]
            if sent.is_modern:  # closing the response is how a stateless request is cancelled
                sent.task.cancel()
                return
        if not seen.is_request:
            await self._post(body, seen)
            if seen.method == "notifications/initialized":
                self._listening = asyncio.get_running_loop().create_task(self._listen())
            return
        task = asyncio.get_running_loop().create_task(self._post(body, seen))
        raw_id = seen.raw(seen.id)
        self._waiting.add(raw_id)
        self._open[raw_id] = Sent(task, bool(self._modern(body)))
        task.add_done_callback(lambda _: self._done(raw_id))
        if seen.method == "initialize":
            self._greeting = body
            await task

    def _done(self, raw_id: str) -> None:
        self._open.pop(raw_id, None)
        self._waiting.discard(raw_id)

    async def end(self, patience: float) -> None:
        """The client closed its side: let what is open finish, then end the session."""
        tasks = [sent.task for sent in self._open.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=patience)
        for task in (*tasks, *([self._listening] if self._listening else [])):
            task.cancel()
        if self._session:
            try:
                async with asyncio.timeout(2), self._link.request("DELETE", self._headers(), self._session):
                    pass
            except (aiohttp.ClientError, TimeoutError, OSError):
                return

    # to the server

    def _modern(self, body: bytes) -> str:
        try:
            return wire_headers.version_of(jsontext.loads(body.decode()))
        except (WireError, UnicodeDecodeError):
            return ""

    def _headers(self, body: bytes = b"") -> list[Header]:
        """What HTTP wants to be told about a message."""
        headers = [ACCEPT]
        modern = self._modern(body) if body else ""
        if modern:
            message = jsontext.loads(body.decode())
            params = message.get("params", {})
            schema = self._memory.tool_schemas.get(params.get("name", ""))
            return [*headers, ("MCP-Protocol-Version", modern), *wire_headers.mirror(message, schema)]
        return [*headers, ("MCP-Protocol-Version", self._version)] if self._version else headers

    async def _post(self, body: bytes, seen: Outline | None) -> None:
        """Send a message, and bring home what answers it. Never fails: the client is told."""
        raw_id = seen.raw(seen.id) if seen and seen.is_request else ""
        is_first = bool(seen and seen.method == "initialize")
        try:
            if await self._exchange(body, raw_id, is_first) == 404 and self._session and not is_first:
                await self._renew()
                if await self._exchange(body, raw_id, False) == 404:
                    await self._failed(raw_id, LOST)
        except Unusable as error:
            await self._failed(raw_id, str(error))
        except (aiohttp.ClientError, TimeoutError, OSError):
            await self._failed(raw_id, UNREACHABLE)

    async def _exchange(self, body: bytes, raw_id: str, is_first: bool) -> int:
        """One request and its response. 404 of a session is for the caller to handle; all else is told the client."""
        session = "" if is_first else self._session
        headers = [ACCEPT] if is_first else self._headers(body)
        async with self._link.request("POST", headers, session, body) as answer:
            check(answer)
            if answer.status == 404 and session:
                return 404
            if is_first:
                self._session = answer.headers.get("Mcp-Session-Id", "")
                self._version = ""
            if answer.content_type == "text/event-stream":
                await self._stream(answer, raw_id)
            else:
                await self._whole(answer, raw_id)
            return answer.status

    async def _renew(self) -> None:
        """The server forgot the session: say hello again, as the client did."""
        forgotten = self._session
        async with self._renewing:
            if self._session != forgotten:
                return
            self._mind.notice(f"{self._name}: the session was lost; opening a new one")
            self._version = ""
            async with self._link.request("POST", [ACCEPT], "", self._greeting) as answer:
                check(answer)
                self._session = answer.headers.get("Mcp-Session-Id", "")
                await read(answer.content)
            done = b'{"jsonrpc":"2.0","method":"notifications/initialized"}'
            async with self._link.request("POST", [ACCEPT], self._session, done) as answer:
                check(answer)

    # from the server

    async def _whole(self, answer: aiohttp.ClientResponse, raw_id: str) -> None:
        """A response that is no stream."""
        body = await read(answer.content)
        is_json = answer.content_type == "application/json" and bool(body)
        if not is_json:
            if raw_id:
                await self._failed(raw_id, f"the MCP server answered with HTTP status {answer.status}")
            return
        if raw_id and isinstance(body, bytes):
            body = addressed(body, raw_id)
        await self._hear(body)

    async def _stream(self, answer: aiohttp.ClientResponse, raw_id: str) -> None:
        """A response that is a stream; where it breaks off, the rest is asked for."""
        last_id, retry = await self._events(answer)
        for _ in range(RESUMES):
            if raw_id not in self._waiting:
                return
            if not last_id:
                break
            await asyncio.sleep(retry)
            headers = [*self._headers(), ("Last-Event-ID", last_id)]
            async with self._link.request("GET", headers, self._session) as more:
                check(more)
                if more.content_type != "text/event-stream":
                    break
                last_id, retry = await self._events(more, last_id)
        if raw_id in self._waiting:
            await self._failed(raw_id, NO_ANSWER)

    async def _events(self, answer: aiohttp.ClientResponse, last_id: str = "") -> tuple[str, float]:
        """Everything a stream brings; the last event's id, and how long to wait before asking for more."""
        events = Events()
        retry = RETRY_SECONDS
        try:
            while chunk := await answer.content.readany():
                for event in events.feed(chunk):
                    if isinstance(event, Event):
                        last_id = (event.get(b"id") or last_id.encode()).decode("utf-8", "replace")
                        retry = _seconds(event.get(b"retry"), retry)
                    if isinstance(event, Oversized) or event.data is not None:
                        await self._hear(event if isinstance(event, Oversized) else event.data or b"")
        except aiohttp.ClientPayloadError:
            pass  # broken off; the caller resumes
        return last_id, retry

    async def _listen(self) -> None:
        """The stream of what answers no request, for as long as the session lives."""
        last_id, pause = "", RETRY_SECONDS
        while True:
            try:
                headers = [*self._headers(), *([("Last-Event-ID", last_id)] if last_id else [])]
                async with self._link.request("GET", headers, self._session) as answer:
                    if answer.status >= 300 or answer.content_type != "text/event-stream":
                        return  # it has none
                    last_id, pause = await self._events(answer, last_id)
            except (aiohttp.ClientError, TimeoutError, OSError):
                pause = min(pause * 2, MAX_RETRY_SECONDS)
            await asyncio.sleep(pause)

    async def _hear(self, message: bytes | Oversized) -> None:
        """A message of the server, for the client."""
        outcome = await self._mind.from_server(self._name, self._conversation, message)
        if outcome.forward is not None:
            if not self._version:
                self._version = _agreed(outcome.forward)
            if outcome.is_response:
                self._waiting.discard(id_of(outcome.forward))
            await self._say(outcome.forward)
        for reply in outcome.replies:
            await self._post(reply, None)

    async def _failed(self, raw_id: str, text: str) -> None:
        self._mind.notice(f"{self._name}: {text}")
        if raw_id:
            await self._hear(failure(raw_id, text))

    async def _say(self, message: bytes) -> None:
        line = flat(message)
        await self._mind.beside(lambda: self._write(line))


def _agreed(message: bytes) -> str:
    """The protocol version in the answer to `initialize`; "" in any other message."""
    if b'"protocolVersion"' not in message:
        return ""
    try:
        result = jsontext.loads(message.decode()).get("result")
    except (WireError, UnicodeDecodeError, AttributeError):
        return ""
    version = result.get("protocolVersion") if isinstance(result, dict) else None
    return version if isinstance(version, str) else ""


def _seconds(milliseconds: bytes | None, otherwise: float) -> float:
    text = (milliseconds or b"").decode("ascii", "replace")
    return min(int(text) / 1000, MAX_RETRY_SECONDS) if text.isdigit() else otherwise
