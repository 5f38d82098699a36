"""One server's place in a session: its own session there, opened when it is needed and again when it was lost."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from multidict import CIMultiDict, MultiMapping

from .. import answers
from ..auth import Principal
from ..caller import Backend
from .merging import Answered
from .part import Part, Whole, nobody

HELLO_SECONDS = 8.0
"""How long a client waits for a server that is starting. The others are there then, and this one as soon as it is."""
GIVE_UP_SECONDS = 120.0
AGAIN_SECONDS = 5.0
"""Between two attempts to reach a server that is not there."""
INITIALIZED = b'{"jsonrpc":"2.0","method":"notifications/initialized"}'
_VERSION, _SESSION = "MCP-Protocol-Version", "Mcp-Session-Id"


class Seat:
    """Args:
        hello: the client's `initialize`, as it came.
        headers: of that request.
        joined: is told when the server is there.

    Attributes:
        hello: the server's answer to it, b"" before.
        last_event: id of the last event that the server sent on its own stream.
    """

    def __init__(
        self,
        name: str,
        backend: Backend,
        principal: Principal,
        hello: bytes,
        headers: CIMultiDict[str],
        joined: "Callable[[Seat], Awaitable[None]]",
    ) -> None:
        self.name = name
        self.backend = backend
        self.hello = b""
        self.last_event = b""
        self._principal = principal
        self._said = hello
        self._headers = headers
        self._joined = joined
        self._session = ""
        self._version = ""
        self._offers: dict[str, Any] = {}
        self._opening: asyncio.Task[None] | None = None
        self._tried = -AGAIN_SECONDS
        self._is_told = False

    @property
    def is_open(self) -> bool:
        """Whether the server has answered."""
        return bool(self.hello)

    def offers(self, feature: str) -> bool:
        """Whether the server said that it has a feature; "" is one that all have."""
        return not feature or feature in self._offers

    async def arrive(self) -> None:
        """Reach the server, or wait for it. A failed attempt is not repeated at once, and nobody waits twice."""
        now = time.monotonic()
        is_over = self._opening is None or self._opening.done()
        if not self.is_open and is_over and now - self._tried > AGAIN_SECONDS:
            self._tried = now
            self._opening = asyncio.get_running_loop().create_task(self._open())
        if self._opening is not None and not self._opening.done():
            await asyncio.wait([self._opening], timeout=max(0.0, self._tried + HELLO_SECONDS - now))

    async def _open(self) -> None:
        try:
            async with asyncio.timeout(GIVE_UP_SECONDS):
                await self._greet()
        except TimeoutError:
            return

    async def _greet(self) -> None:
        whole = Whole(nobody)
        headers = self._headers.copy()
        response = await self.backend.post(Part(headers, whole.hear), self._principal, self._said)
        answer = Answered(self.name, whole.take(response))
        version = answer.value("protocolVersion")
        if not isinstance(version, str):
            return
        self._session = response.headers.get(_SESSION, "")
        self._version = version
        self._offers = answer.value("capabilities") or {}
        self._is_told = False
        self.hello = answer.message
        await self._joined(self)

    async def tell(self) -> None:
        """The client is ready."""
        if not self._is_told:
            self._is_told = True
            await self.backend.post(Part(self.headers(CIMultiDict()), nobody), self._principal, INITIALIZED)

    def headers(self, headers: MultiMapping[str]) -> CIMultiDict[str]:
        """Headers within the server's session."""
        sent = CIMultiDict(headers)
        sent.setdefault("Accept", "application/json, text/event-stream")
        sent[_VERSION] = self._version
        sent.popall(_SESSION, None)
        if self._session:
            sent[_SESSION] = self._session
        return sent

    async def post(self, body: bytes, part: Part) -> web.StreamResponse:
        """Send a message. A server that forgot the session gets a new one, and the message again."""
        await self.arrive()
        for _ in range(2):
            if not self.is_open:
                return self._absent(body)
            session = self._session
            part.dress(self.headers(part.headers))
            response = await self.backend.post(part, self._principal, body)
            if response.status != 404 or not session:
                return response
            await self._lost(session)
        return self._absent(body)

    async def _lost(self, session: str) -> None:
        """The server forgot us: begin anew."""
        if self._session == session:
            self.hello, self._session, self.last_event, self._tried = b"", "", b"", -AGAIN_SECONDS
        await self.arrive()

    async def get(self, part: Part) -> web.StreamResponse | None:
        """The server's own stream, or the rest of another one; None if it is not there."""
        if not self.is_open:
            return None
        session = self._session
        part.dress(self.headers(part.headers))
        response = await self.backend.get(part, self._principal)
        if response.status == 404 and session:
            await self._lost(session)
        return response

    async def end(self) -> None:
        """End the session."""
        if self._opening is not None and not self._opening.done():
            self._opening.cancel()
        if self._session:
            part = Part(self.headers(CIMultiDict()), nobody)
            self.hello, session, self._session = b"", self._session, ""
            if session:
                await self.backend.delete(part, self._principal)

    def _absent(self, body: bytes) -> web.Response:
        text = f"the MCP server {json.dumps(self.name)} is not there; the others are"
        failed = answers.failures(body, text)
        return answers.json_response(failed[0]) if failed else web.Response(status=202)
