"""Messages on their way from a server's thread to a client's event stream, with a limit to what may wait."""

import asyncio
import threading
from collections import deque
from typing import NamedTuple

MAX_WAITING = 4 * 1024 * 1024
"""Bytes that may wait for a slow client before its server waits too."""
PATIENCE = 30.0
"""Seconds that a server waits for a client that takes nothing. Then that stream ends, and others go on."""


class Item(NamedTuple):
    """One message for the client.

    Attributes:
        is_last: whether the request that the stream belongs to is answered by it.
    """

    data: bytes
    is_last: bool


class Outbox:
    """One stream. Put by any thread, got by the event loop it was made in."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ready = asyncio.Event()
        self._change = threading.Condition()
        self._items: deque[Item] = deque()
        self._size = 0
        self._ended = False

    def put(self, data: bytes, *, is_last: bool = False) -> bool:
        """Hand over a message, waiting while too much waits. False: nobody takes it any more."""
        with self._change:
            has_room = self._change.wait_for(lambda: self._ended or self._size < MAX_WAITING, PATIENCE)
            if not has_room:
                self._ended = True
            if self._ended:
                self._wake()
                return False
            self._items.append(Item(data, is_last))
            self._size += len(data)
        self._wake()
        return True

    def end(self) -> None:
        """No more comes, or no more is wanted."""
        with self._change:
            self._ended = True
            self._change.notify_all()
        self._wake()

    @property
    def ended(self) -> bool:
        """Whether nobody takes messages any more."""
        return self._ended

    def _wake(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ready.set)

    async def get(self) -> Item | None:
        """The next message; None when no more comes."""
        while True:
            with self._change:
                self._ready.clear()
                if self._items:
                    item = self._items.popleft()
                    self._size -= len(item.data)
                    self._change.notify_all()
                    return item
                if self._ended:
                    return None
            await self._ready.wait()
