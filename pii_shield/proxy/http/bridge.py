"""In front of a server on stdio: sessions get a process (each its own, or one per principal), stateless requests of
one principal share one."""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

from aiohttp import web

from ...conversation import Outcome
from ...errors import ShieldError, WireError
from ...upstreams import Upstream
from ...wire import headers as wire_headers
from ...wire.exchange import Memory, envelope
from ..errout import ErrOut
from . import answers
from .auth import Principal
from .caller import Caller
from .hub import Hub, Port
from .incoming import (
    HEADER_MISMATCH,
    IN_MESSAGE,
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    MODERN_ERRORS,
    PARSE_ERROR,
    modern_version,
    split,
)
from .mind import Mind
from .outbox import Outbox
from .pool import Pool
from .relay import Converse
from .respond import STATUS, failed, respond, stream
from .sessions import Session, Sessions

_LEGACY, _MODERN = "legacy", "modern"


class Place(NamedTuple):
    """Where a session is."""

    hub: Hub
    port: Port


class Bridge:
    """One stdio server.

    Args:
        executable: the file that its command means.
        converse: makes conversations with it.
    """

    def __init__(
        self,
        upstream: Upstream,
        executable: str,
        environ: Mapping[str, str],
        converse: Converse,
        mind: Mind,
        sessions: Sessions[Place],
        errors: ErrOut,
    ) -> None:
        self._name = upstream.name
        self._is_shared = upstream.share == "principal"
        self._converse = converse
        self._mind = mind
        self._sessions = sessions
        self._pool = Pool(upstream, executable, environ, self._note, self._gone, errors)
        self._memories: dict[str, Memory] = {}
        self._listeners: set[Outbox] = set()

    def _note(self, direction: str, outcome: Outcome, message: bytes, seconds: float) -> None:
        self._mind.note(self._name, direction, outcome, message, seconds)

    # what clients ask for

    async def post(self, caller: Caller, principal: Principal, body: bytes) -> web.StreamResponse:
        """A message of the client, or a batch."""
        try:
            parts = split(body)
        except (WireError, UnicodeDecodeError):
            return answers.error(400, "not valid JSON", code=PARSE_ERROR)
        session_id = caller.headers.get("Mcp-Session-Id")
        try:
            if session_id is not None:
                return await self._in_session(caller, principal, session_id, parts)
            head = envelope(parts[0][1]) if len(parts) == 1 else None
            modern = modern_version(caller, parts[0][1])
            if head is not None and head.method == "initialize" and modern != IN_MESSAGE:
                return await self._initialize(principal, body)
            if head is not None and head.method == "initialize":  # the shared process must not change its era
                gone = "stateless clients have no sessions"
                return answers.error(404, gone, code=METHOD_NOT_FOUND, id=head.id or "null")
            if head is not None and modern == IN_MESSAGE:
                return await self._stateless(caller, principal, body, parts[0][1])
            if head is not None and modern:
                missing = f"params._meta has no {wire_headers.MODERN_VERSION_KEY}"
                return answers.error(400, missing, code=INVALID_PARAMS, id=head.id or "null")
        except ShieldError as error:
            return self._not_started(body, error)
        return answers.error(400, "the Mcp-Session-Id header is missing")

    async def get(self, caller: Caller, principal: Principal) -> web.StreamResponse:
        """The session's stream of what answers no request. A new one takes the place of the old one."""
        session = self._sessions.find(caller.headers.get("Mcp-Session-Id", ""), principal)
        if session is None:
            return _no_session(caller)
        port = session.content.port
        if port.listener:
            port.listener.end()
        outbox = port.listener = Outbox()
        while port.backlog:
            outbox.put(port.backlog.popleft())
        session.streams += 1
        self._listeners.add(outbox)
        self._mind.metrics.add("streams", 1, server=self._name)
        try:
            return await stream(caller, outbox, None, {"Mcp-Session-Id": session.id})
        finally:
            outbox.end()
            session.streams -= 1
            self._listeners.discard(outbox)
            self._mind.metrics.add("streams", -1, server=self._name)
            if port.listener is outbox:
                port.listener = None

    async def delete(self, caller: Caller, principal: Principal) -> web.StreamResponse:
        """End the session."""
        session = self._sessions.find(caller.headers.get("Mcp-Session-Id", ""), principal)
        if session is None:
            return _no_session(caller)
        self._end(session)
        return web.Response(status=200)

    async def tidy(self) -> None:
        """End sessions that are idle, and processes that nobody uses."""
        for session in self._sessions.expire():
            self._end(session)
        self._pool.tidy(self._sessions.idle)

    def drain(self) -> None:
        """End the streams that would go on for ever."""
        for outbox in list(self._listeners):
            outbox.end()

    async def close(self) -> None:
        """End all processes."""
        await self._pool.close()

    # sessions

    async def _initialize(self, principal: Principal, body: bytes) -> web.StreamResponse:
        memory = Memory(self._memory(principal).tool_schemas)
        port = Port(self._converse(principal, memory))
        if self._is_shared:
            hub = await self._pool.shared((principal.name, _LEGACY), port.conversation)
        else:
            hub = await self._pool.start(port.conversation)
        hub.join(port)
        session, given_way = self._sessions.open(principal, Place(hub, port))
        for old in given_way:
            self._end(old)
        outbox = Outbox()
        try:
            await self._in_hand(hub, port, [body], outbox)
            item = await outbox.get()
        except asyncio.CancelledError:
            self._end(session)
            raise
        if item is None or failed(item.data) is not None:
            self._end(session)
            data = item.data if item else answers.failures(body, "the MCP server ended")[0]
            return answers.json_response(data)
        return answers.json_response(item.data, 200, {"Mcp-Session-Id": session.id})

    async def _in_session(
        self, caller: Caller, principal: Principal, session_id: str, parts: list[tuple[bytes, Any]]
    ) -> web.StreamResponse:
        session = self._sessions.find(session_id, principal)
        if session is None:
            return _no_session(caller)
        hub, port = session.content
        outbox = Outbox()
        try:
            await self._in_hand(hub, port, [part for part, _ in parts], outbox)
            heads = [envelope(message) for _, message in parts]
            count = sum(head.id is not None and bool(head.method) for head in heads)
            if count == 0:
                return web.Response(status=202)
            session.streams += 1
            try:
                return await respond(caller, outbox, count, {"Mcp-Session-Id": session.id}, {})
            finally:
                session.streams -= 1
        finally:
            outbox.end()  # a client that went away has not cancelled, but nobody takes the answer any more

    def _end(self, session: Session[Place]) -> None:
        self._sessions.close(session)
        hub, port = session.content
        hub.leave(port)
        if not self._is_shared:
            self._pool.close_one(hub)

    # stateless requests

    async def _stateless(self, caller: Caller, principal: Principal, body: bytes, message: Any) -> web.StreamResponse:
        memory = self._memory(principal)
        params = message.get("params") if isinstance(message, dict) else None
        tool = params.get("name") if isinstance(params, dict) else None
        schema = memory.tool_schemas.get(tool) if isinstance(tool, str) else None
        head = envelope(message)
        if head.id is None:
            return web.Response(status=202)  # no notification of this revision means anything to a server
        wrong = wire_headers.disagreement(list(caller.headers.items()), message, schema)
        if wrong:
            return answers.error(400, "a header does not match the message", code=HEADER_MISMATCH, id=head.id)
        port = Port(self._converse(principal, memory))
        hub = await self._pool.shared((principal.name, _MODERN), port.conversation)
        outbox = Outbox()
        is_listen = head.method == "subscriptions/listen"
        if is_listen:
            self._listeners.add(outbox)
        try:
            await self._in_hand(hub, port, [body], outbox)
            answer = await respond(caller, outbox, 1, {}, STATUS)
        except asyncio.CancelledError:
            hub.process.hand.submit(hub.cancel, port)
            raise
        finally:
            outbox.end()
            self._listeners.discard(outbox)
            self._pool.touch(hub)
        if head.method == "server/discover" and isinstance(answer, web.Response):
            self._close_if_legacy(hub, answer)
        return answer

    def _close_if_legacy(self, hub: Hub, answer: web.Response) -> None:
        """A server that does not know `server/discover` is asked again by a session, which has its own process."""
        data = bytes(answer.body) if isinstance(answer.body, bytes | bytearray) else b""
        code = failed(data)
        if code is not None and code not in MODERN_ERRORS and hub.is_idle:
            self._pool.close_one(hub)

    async def _in_hand(self, hub: Hub, port: Port, messages: list[bytes], outbox: Outbox) -> None:
        loop = asyncio.get_running_loop()
        for message in messages:
            await loop.run_in_executor(hub.process.hand, hub.send, port, message, outbox)

    def _gone(self, hub: Hub) -> None:
        """The process has ended by itself: its sessions are over."""
        for session in self._sessions:
            if session.content.hub is hub:
                self._sessions.close(session)

    def _memory(self, principal: Principal) -> Memory:
        return self._memories.setdefault(principal.name, Memory())

    def _not_started(self, body: bytes, error: ShieldError) -> web.Response:
        self._mind.metrics.add("upstream_errors_total", server=self._name)
        self._mind.notice(f"{self._name}: {error}" + (f"; {error.fix}" if error.fix else ""))
        failures = answers.failures(body, f"the MCP server cannot be started ({error.code})")
        return answers.json_response(failures[0]) if failures else web.Response(status=202)


def _no_session(caller: Caller) -> web.Response:
    if "Mcp-Session-Id" in caller.headers:
        return answers.error(404, "there is no such session")
    return answers.error(405, "this server has no stream without a session", headers={"Allow": "POST"})
