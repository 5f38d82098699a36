"""A request of ours to one backend, in this process: the backend answers it as it would a client's."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from multidict import CIMultiDict

from ..caller import Frame

Hear = Callable[[Frame], Awaitable[None]]


class Part:
    """The caller that a backend sees.

    Args:
        hear: takes each event of the answer if that is a stream.
        opened: is told that it will be one.

    Attributes:
        response: stands for the stream.
        is_stream: whether the answer is one.
        is_broken: whether the stream broke off.
    """

    def __init__(
        self, headers: CIMultiDict[str], hear: Hear, opened: Callable[[int], Awaitable[None]] | None = None
    ) -> None:
        self._headers = headers
        self._hear = hear
        self._opened = opened
        self.response = web.StreamResponse()
        self.is_stream = False
        self.is_broken = False

    @property
    def headers(self) -> CIMultiDict[str]:
        """Ours for the backend."""
        return self._headers

    def dress(self, headers: CIMultiDict[str]) -> None:
        """Give it other headers, before it is used."""
        self._headers = headers

    async def open(self, status: int, headers: Mapping[str, str]) -> "Part":
        """The answer is a stream."""
        self.is_stream = True
        self.response = web.StreamResponse(status=status, headers=headers)
        if self._opened is not None:
            await self._opened(status)
        return self

    async def send(self, frame: Frame) -> None:
        """An event of it."""
        await self._hear(frame)

    def abort(self) -> None:
        """It broke off."""
        self.is_broken = True


class Whole:
    """An answer that is waited for.

    Args:
        aside: takes what comes before it.

    Attributes:
        message: the answer, b"" if none came.
    """

    def __init__(self, aside: Hear) -> None:
        self._aside = aside
        self.message = b""

    async def hear(self, frame: Frame) -> None:
        """Take an event."""
        if frame.is_response and frame.data is not None:
            self.message = frame.data
        elif frame.data is not None:
            await self._aside(frame)

    def take(self, response: web.StreamResponse) -> bytes:
        """The answer, however it came."""
        return self.message or body_of(response)


def body_of(response: web.StreamResponse) -> bytes:
    """The message in a response that is no stream."""
    is_json = isinstance(response, web.Response) and response.content_type == "application/json"
    body = response.body if is_json and isinstance(response, web.Response) else b""
    return bytes(body) if isinstance(body, bytes | bytearray) else b""


async def nobody(_: Frame) -> None:
    """Hears nothing."""
