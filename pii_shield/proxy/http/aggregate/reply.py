"""The answer to a client's POST: JSON if nothing comes before it, else a stream."""

import asyncio
from collections.abc import Mapping

from aiohttp import web

from .. import answers
from ..caller import Caller, Frame, Stream
from ..sse import event


class Reply:
    """One response.

    Args:
        headers: of the response.
        count: answers that will come; with more than one it is a stream in any case.

    Attributes:
        stream: None as long as it may be JSON.
        is_stream: whether it shall be one in any case, as the servers' answers were.
    """

    def __init__(self, caller: Caller, headers: Mapping[str, str], count: int = 1) -> None:
        self._caller = caller
        self._headers = headers
        self.is_stream = count > 1
        self._opening = asyncio.Lock()
        self.stream: Stream | None = None

    async def open(self, status: int = 200) -> Stream:
        """Begin the stream, if it has not begun."""
        async with self._opening:
            if self.stream is None:
                self.stream = await self._caller.open(status, {**answers.STREAM_HEADERS, **self._headers})
            return self.stream

    async def send(self, frame: Frame) -> None:
        """What comes before the answer, or the answer of a stream."""
        stream = await self.open()
        await stream.send(frame)

    async def end(self, message: bytes, status: int = 200) -> web.StreamResponse:
        """The answer."""
        if self.stream is None and not self.is_stream:
            return answers.json_response(message, status, self._headers)
        stream = await self.open()
        await stream.send(Frame(event(message), message, is_response=True))
        return stream.response

    def broken(self) -> None:
        """The stream it was made of broke off: the client may resume it."""
        self._caller.abort()
