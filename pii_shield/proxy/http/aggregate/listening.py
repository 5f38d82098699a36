"""The streams of what answers no request: those of all servers as one. List changes in a rush are told once."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ....errors import WireError
from ....wire.renumber import outline
from ..caller import Frame
from ..sse import KEEP_ALIVE, event
from ..streaming import KEEP_ALIVE_SECONDS
from .reply import Reply

REST_SECONDS = 0.5
"""After a list change, others of the same list are told as one."""
RETRY_SECONDS, MAX_RETRY_SECONDS = 1.0, 30.0
_CHANGE = b"/list_changed"


class Merged:
    """One client's stream, written to by many. It begins with the first event.

    Attributes:
        ended: set when another one takes its place.
    """

    def __init__(self, reply: Reply) -> None:
        self.ended = asyncio.Event()
        self._reply = reply
        self._told: dict[str, float] = {}
        self._due: dict[str, asyncio.Task[None]] = {}

    async def send(self, frame: Frame) -> None:
        """An event for the client. Signs of life are our own affair."""
        method = _change(frame.data)
        if not method:
            if frame.data is not None or frame.id:
                await self._reply.send(frame)
            return
        if method in self._due:
            return
        wait = self._told.get(method, 0.0) + REST_SECONDS - time.monotonic()
        if wait <= 0:
            await self._tell(method, frame)
        else:
            self._due[method] = asyncio.get_running_loop().create_task(self._later(method, frame, wait))

    async def _later(self, method: str, frame: Frame, wait: float) -> None:
        await asyncio.sleep(wait)
        del self._due[method]
        await self._tell(method, frame)

    async def _tell(self, method: str, frame: Frame) -> None:
        self._told[method] = time.monotonic()
        await self._reply.send(frame)

    async def say(self, message: bytes) -> None:
        """A message of ours."""
        await self.send(Frame(event(message), message))

    async def live(self, work: "list[asyncio.Task[Any]]") -> None:
        """Until all the work is done, or it is over: signs of life. Ends what is left of it."""
        over = asyncio.ensure_future(self.ended.wait())
        try:
            while work and not over.done():
                await asyncio.wait([*work, over], timeout=KEEP_ALIVE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                left = [task for task in work if not task.done()]
                if len(left) == len(work) and self._reply.stream is not None and not over.done():
                    await self._reply.send(Frame(KEEP_ALIVE))
                work = left
        finally:
            for task in (*work, *self._due.values(), over):
                task.cancel()


def _change(message: bytes | None) -> str:
    """Which list a notification says has changed, "" if it says something else."""
    if message is None or _CHANGE not in message or len(message) > 4096:
        return ""
    try:
        method = outline(message.decode()).method
    except (WireError, UnicodeDecodeError):
        return ""
    return method if method.endswith("/list_changed") else ""


async def again(attempt: Callable[[], Awaitable[bool]]) -> None:
    """Come back to a stream that ended, until there is none. An attempt says whether to make another one."""
    pause = RETRY_SECONDS
    while True:
        begin = time.monotonic()
        if not await attempt():
            return
        lasted = time.monotonic() - begin
        pause = RETRY_SECONDS if lasted > pause else min(2 * pause, MAX_RETRY_SECONDS)
        await asyncio.sleep(pause)
