"""The processes of one server on stdio: started when somebody asks, ended when nobody does."""

import asyncio
import time
from collections.abc import Callable, Mapping

from ...conversation import Conversation
from ...upstreams import Upstream
from ..errout import ErrOut
from .hub import Hub, Note
from .process import Process

Key = tuple[str, str]
"""Principal and kind of client: nobody else's requests reach a shared process."""


class Pool:
    """Starts and ends processes. Belongs to the event loop; what blocks is done by threads.

    Args:
        gone: called, on the loop, when a process has ended by itself.
    """

    def __init__(
        self,
        upstream: Upstream,
        executable: str,
        environ: Mapping[str, str],
        note: Note,
        gone: Callable[[Hub], None],
        errors: ErrOut,
    ) -> None:
        self._upstream = upstream
        self._executable = executable
        self._environ = environ
        self._note = note
        self._gone = gone
        self._errors = errors
        self._shared: dict[Key, asyncio.Task[Hub]] = {}
        self._running: dict[Hub, float] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def start(self, conversation: Conversation) -> Hub:
        """A new process. The conversation masks its stderr.

        Raises:
            StartError: it cannot be started.
        """
        loop = asyncio.get_running_loop()
        process = await asyncio.to_thread(Process, self._upstream, self._executable, self._environ, self._errors)

        def gone(hub: Hub) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._ended, hub)

        hub = Hub(process, self._note, gone)
        self.touch(hub)
        process.start(conversation.mask, hub.line, hub.ended)
        return hub

    async def shared(self, key: Key, conversation: Conversation) -> Hub:
        """The process that all clients of this kind and principal share.

        Raises:
            StartError: it cannot be started.
        """
        task = self._shared.get(key)
        if task is None or (_hub(task) is None and task.done()):
            task = self._shared[key] = asyncio.get_running_loop().create_task(self.start(conversation))
        hub = await asyncio.shield(task)
        self.touch(hub)
        return hub

    def touch(self, hub: Hub) -> None:
        """It was used just now."""
        self._running[hub] = time.monotonic()

    def tidy(self, idle: float) -> None:
        """End shared processes that were not used for `idle` seconds."""
        for hub in list(filter(None, map(_hub, self._shared.values()))):
            if hub.is_idle and self._running.get(hub, 0) < time.monotonic() - idle:
                self.close_one(hub)

    def _ended(self, hub: Hub) -> None:
        self._gone(hub)
        self.close_one(hub)

    def close_one(self, hub: Hub) -> None:
        """End a process; a second time is fine."""
        for key, task in list(self._shared.items()):
            if _hub(task) is hub:
                del self._shared[key]
        if self._running.pop(hub, None) is None:
            return
        closing = asyncio.get_running_loop().create_task(asyncio.to_thread(hub.process.close))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """End all processes and wait for their ends."""
        for hub in list(self._running):
            self.close_one(hub)
        await asyncio.gather(*self._closing, return_exceptions=True)


def _hub(task: asyncio.Task[Hub]) -> Hub | None:
    """What a finished start made."""
    return None if not task.done() or task.cancelled() or task.exception() else task.result()
