"""Where messages are thought about: threads, so that neither a vault on disk nor a big message stops the event loop."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ...conversation import Conversation, Outcome
from ..pump import BIG, BIG_AT_ONCE
from .metrics import Metrics
from .sse import Oversized

SMALL_AT_ONCE = 4
T = TypeVar("T")


class Mind:
    """Asks conversations, beside the event loop.

    Args:
        metrics: counts messages and time.
        notice: shows one line to the human.
    """

    def __init__(self, metrics: Metrics, notice: Callable[[str], None]) -> None:
        self.metrics = metrics
        self.notice = notice
        self._small = ThreadPoolExecutor(SMALL_AT_ONCE, "mind")
        self._big = ThreadPoolExecutor(BIG_AT_ONCE, "mind-big")

    async def from_client(self, server: str, conversation: Conversation, message: bytes) -> Outcome:
        """What becomes of a client's message."""
        return await self._ask(server, "in", conversation.from_client, message)

    async def from_server(self, server: str, conversation: Conversation, message: bytes | Oversized) -> Outcome:
        """What becomes of a server's message."""
        if isinstance(message, Oversized):
            head, tail = message
            return await self._ask(server, "out", lambda _: conversation.oversized(True, head, tail), b"")
        return await self._ask(server, "out", conversation.from_server, message)

    async def beside(self, function: Callable[[], T]) -> T:
        """Run something short that may wait for the vault."""
        return await asyncio.get_running_loop().run_in_executor(self._small, function)

    async def _ask(self, server: str, direction: str, ask: Callable[[bytes], Outcome], message: bytes) -> Outcome:
        pool = self._big if len(message) > BIG else self._small
        begin = time.perf_counter()
        outcome = await asyncio.get_running_loop().run_in_executor(pool, ask, message)
        self.note(server, direction, outcome, message, time.perf_counter() - begin)
        return outcome

    def note(self, server: str, direction: str, outcome: Outcome, message: bytes, seconds: float) -> None:
        """Count a message, and show what the human should know of it."""
        became = "stopped" if outcome.forward is None else "forwarded" if outcome.forward is message else "changed"
        self.metrics.add("messages_total", server=server, direction=direction, became=became)
        self.metrics.add("think_seconds_total", seconds, server=server, direction=direction)
        if outcome.notice:
            self.notice(f"{server}: {outcome.notice}")

    def close(self) -> None:
        """Take no more work."""
        self._small.shutdown(wait=False, cancel_futures=True)
        self._big.shutdown(wait=False, cancel_futures=True)
