"""The ways to the servers: one caller's, in one era. A session holds a session with each server, a stateless request
goes to each as it came."""

from collections.abc import Collection, Mapping
from typing import Protocol

from aiohttp import web

from ..auth import Principal
from ..caller import Backend, Frame
from .part import Part


class Legs(Protocol):
    """What an errand needs to know of the servers."""

    @property
    def missing(self) -> Collection[str]:
        """Servers that are not there."""

    async def offering(self, feature: str, /) -> list[str]:
        """Those that are there and may have a feature. Waits for late ones, but not for ever."""

    async def post(self, server: str, body: bytes, part: Part) -> web.StreamResponse:
        """Send a message."""

    def inward(self, server: str, frame: Frame, /, *, is_shared: bool) -> Frame:
        """What a server says before its answer, as the client reads it.

        Args:
            is_shared: whether it comes on the stream of all servers.
        """

    def own_id(self) -> str:
        """Raw id for a request of ours."""

    def routed(self, raw_id: str, server: str, /) -> None:
        """Who answers a request of the client."""

    def abandon(self, server: str, raw_id: str, /) -> None:
        """The answer to a request of ours is not waited for any more."""


class Stateless:
    """2026-07-28: nothing is known, everybody is asked."""

    def __init__(self, backends: Mapping[str, Backend], principal: Principal) -> None:
        self._backends = backends
        self._principal = principal
        self.missing: Collection[str] = ()

    async def offering(self, _: str) -> list[str]:
        """All of them."""
        return list(self._backends)

    async def post(self, server: str, body: bytes, part: Part) -> web.StreamResponse:
        """Send it on."""
        return await self._backends[server].post(part, self._principal, body)

    def inward(self, _: str, frame: Frame, **__: bool) -> Frame:
        """Event ids mean nothing in this era."""
        return frame._replace(id=None)

    def own_id(self) -> str:
        """Any will do: each request is alone."""
        return '"ps"'

    def routed(self, _: str, __: str) -> None:
        """Closing the response is how a request is cancelled."""

    def abandon(self, _: str, __: str) -> None:
        """It is closed already."""
