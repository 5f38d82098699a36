"""One request of a client to all its servers, and what is known while it is under way."""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

from aiohttp import web
from multidict import CIMultiDict, MultiMapping

from .... import jsontext
from ....errors import WireError
from ....wire import headers as wire_headers
from ....wire.answers import GONE
from ....wire.renumber import addressed, id_of, outline
from ...pump import BIG
from .. import answers
from ..caller import Frame
from ..mind import Mind
from ..respond import STATUS
from ..sse import event
from .catalogue import Catalogue
from .edits import Edit, edited
from .legs import Legs
from .merging import Answered
from .part import Hear, Part, Whole, body_of
from .patience import Patience
from .reply import Reply

OWN = "/mcp"
"""What the aggregate is called where servers have names: no server can be called so."""
_OURS = ("authorization", "host", "origin", "cookie", "content-length", "last-event-id", "mcp-session-id")
"""Headers that were for us."""


class Told(NamedTuple):
    """What all errands of a principal share."""

    catalogue: Catalogue
    patience: Patience
    mind: Mind


class Errand:
    """Args:
        body: the request as it came.
        message: the same, parsed.

    Attributes:
        late: servers that did not answer.
    """

    def __init__(
        self,
        headers: MultiMapping[str],
        body: bytes,
        message: Mapping[str, Any],
        legs: Legs,
        told: Told,
        reply: Reply,
        *,
        is_modern: bool,
    ) -> None:
        self._headers = headers
        self.body = body
        self.message = message
        self.method = str(message["method"])
        params = message.get("params")
        self.params: Mapping[str, Any] = params if isinstance(params, dict) else {}
        self.id = id_of(body)
        self.legs = legs
        self.told = told
        self.catalogue = told.catalogue
        self.reply = reply
        self.is_modern = is_modern
        self.late: list[str] = []

    def headers(self, method: str = "", named: tuple[str, str] | None = None) -> CIMultiDict[str]:
        """Headers for a request of ours on the client's behalf.

        Args:
            method: of another request than the client's; "" for its own.
            named: what the message is called by the client, and for the server.
        """
        sent = CIMultiDict([(name, value) for name, value in self._headers.items() if name.lower() not in _OURS])
        if method and "Mcp-Method" in sent:
            sent["Mcp-Method"] = method
            sent.popall("Mcp-Name", None)
        if named and wire_headers.decode(sent.get("Mcp-Name", "")) == named[0]:
            sent["Mcp-Name"] = wire_headers.encode(named[1])
        return sent

    # one server

    async def forward(self, server: str, edits: list[Edit], named: tuple[str, str] | None = None) -> web.StreamResponse:
        """Have one server answer."""
        body = edited(self.body, [*edits, *self.catalogue.to_server(server)])
        self.legs.routed(self.id, server)
        part = self.part(server, named=named)
        response = await self.legs.post(server, body, part)
        if part.is_broken:
            self.reply.broken()
        if part.is_stream:
            return (await self.reply.open()).response
        message = body_of(response)
        if response.status == 404 and not self.is_modern:  # the client would take that as the end of all its sessions
            return await self.fail("the MCP server does not know its session any more")
        if not message:
            return response
        return await self.reply.end(await self._read(server, message), response.status)

    def part(self, server: str, merged: Hear | None = None, named: tuple[str, str] | None = None) -> Part:
        """A request to one server, whose stream is the client's too.

        Args:
            merged: takes its events if the client's stream is one of many servers.
        """
        send = merged or self.reply.send

        async def hear(frame: Frame) -> None:
            await send(await self.inward(server, frame, is_shared=merged is not None))

        return Part(self.headers(named=named), hear, None if merged else self._opened)

    async def _opened(self, status: int) -> None:
        await self.reply.open(status)

    async def inward(self, server: str, frame: Frame, *, is_shared: bool = False) -> Frame:
        """An event of a server as the client gets it."""
        if frame.data is None and not frame.id:
            return frame
        ours = self.legs.inward(server, frame, is_shared=is_shared)
        data = None if ours.data is None else await self._read(server, ours.data, is_response=frame.is_response)
        if data is frame.data and ours.id == frame.id:
            return frame
        return Frame(event(data, ours.id, frame.retry), data, ours.id, frame.retry, frame.is_response)

    async def _read(self, server: str, message: bytes, *, is_response: bool = True) -> bytes:
        """A message of a server with our names in it. One that cannot be read says nothing of names."""
        if not self.catalogue.needs_work(message):
            return message
        try:
            is_request = not is_response and outline(message.decode()).is_request
            if len(message) > BIG:
                return await asyncio.to_thread(self.catalogue.to_client, server, message, is_request=is_request)
            return self.catalogue.to_client(server, message, is_request=is_request)
        except (WireError, UnicodeDecodeError):
            return message

    # all servers

    async def ask(self, server: str, method: str, params: Mapping[str, Any], raw_id: str) -> bytes:
        """A server's answer to a request of ours."""
        said = {"jsonrpc": "2.0", "method": method, "params": params}
        body = f'{{"id":{raw_id},{jsontext.dumps(said)[1:]}'.encode()

        async def aside(frame: Frame) -> None:
            await self.reply.send(await self.inward(server, frame))

        async def opened(_: int) -> None:
            self.reply.is_stream = True

        whole = Whole(aside)
        try:
            return whole.take(await self.legs.post(server, body, Part(self.headers(method), whole.hear, opened)))
        except asyncio.CancelledError:
            self.legs.abandon(server, raw_id)
            raise

    def missed(self, server: str, why: str) -> None:
        """Go on without a server, and say so."""
        self.late.append(server)
        self.told.mind.metrics.add("upstream_errors_total", server=server)
        if self.told.patience.is_news(server):
            self.told.mind.notice(f"{server}: {why}; {OWN} goes on without it")

    # answers of ours

    async def fail(self, text: str, code: int = GONE, data: Any = None) -> web.StreamResponse:
        """An error of ours."""
        message = answers.failure(self.id, text, code)
        if data is not None:
            message = message[:-2] + f',"data":{jsontext.dumps(data)}}}}}'.encode()
        return await self.reply.end(message, STATUS.get(code, 200) if self.is_modern else 200)

    async def pass_on(self, answer: Answered) -> web.StreamResponse:
        """A server's answer to a request of ours, as the answer to the client's."""
        seen = outline(addressed(answer.message, self.id).decode())
        text = seen.replaced((seen.id, self.id)).encode()
        code = seen.failed
        return await self.reply.end(text, STATUS.get(code or 0, 200) if self.is_modern else 200)
