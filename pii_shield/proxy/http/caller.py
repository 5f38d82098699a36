"""Who asks a backend: a client on HTTP, or the aggregate on behalf of one. And how an event reaches whoever it is."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from aiohttp import web
from multidict import MultiMapping

from .auth import Principal


class Frame(NamedTuple):
    """One event of a stream.

    Attributes:
        raw: as it is written on HTTP.
        data: the message in it; None for a comment, or an event that only carries an id.
        id, retry: the fields of these names.
        is_response: whether the message answers a request.
    """

    raw: bytes
    data: bytes | None = None
    id: bytes | None = None
    retry: bytes | None = None
    is_response: bool = False


class Stream(Protocol):
    """An event stream that a caller was promised.

    Attributes:
        response: what the HTTP server is handed in the end.
    """

    response: web.StreamResponse

    async def send(self, frame: Frame) -> None:
        """Returns once there is room for more: a slow caller slows its server."""


class Caller(Protocol):
    """One request."""

    @property
    def headers(self) -> MultiMapping[str]: ...
    async def open(self, status: int, headers: Mapping[str, str], /) -> Stream:
        """Promise an event stream."""

    def abort(self) -> None:
        """Break the stream off: it may be resumed."""


class Backend(Protocol):
    """A server that clients are let through to."""

    async def post(self, caller: Caller, principal: Principal, body: bytes) -> web.StreamResponse: ...
    async def get(self, caller: Caller, principal: Principal) -> web.StreamResponse: ...
    async def delete(self, caller: Caller, principal: Principal) -> web.StreamResponse: ...
    async def tidy(self) -> None: ...
    def drain(self) -> None: ...
    async def close(self) -> None: ...


class HttpStream:
    """The stream of a client on HTTP."""

    def __init__(self, response: web.StreamResponse) -> None:
        self.response = response

    async def send(self, frame: Frame) -> None:
        """Write an event."""
        await self.response.write(frame.raw)


class HttpCaller:
    """A client on HTTP."""

    def __init__(self, request: web.BaseRequest) -> None:
        self._request = request

    @property
    def headers(self) -> MultiMapping[str]:
        """As the client sent them."""
        return self._request.headers

    async def open(self, status: int, headers: Mapping[str, str]) -> HttpStream:
        """Begin the response."""
        response = web.StreamResponse(status=status, headers=headers)
        await response.prepare(self._request)
        return HttpStream(response)

    def abort(self) -> None:
        """Cut the connection."""
        if self._request.transport is not None:
            self._request.transport.abort()
