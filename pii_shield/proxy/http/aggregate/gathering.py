"""A session of a client with all servers: one session with each of them behind it.

Ids of servers' requests, and progress tokens in them, are theirs: two servers may use the same. Clients get ours.
"""

import asyncio
import itertools
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from aiohttp import web
from multidict import CIMultiDict

from ....errors import WireError
from ....jsontext import quote
from ....wire.renumber import Outline, outline
from ..auth import Principal
from ..caller import Backend, Frame
from .merging import Answered
from .part import Part, nobody
from .seat import HELLO_SECONDS, Seat

END_SECONDS = 5.0
MAX_ASKED = 4096
"""Requests of servers that wait for the client, and of the client that a server has; the oldest go first."""
MAX_PLACES = 4096
"""Events that a client may resume behind."""
CHANGED = tuple(f"notifications/{kind}/list_changed" for kind in ("tools", "prompts", "resources"))


class Asked(NamedTuple):
    """A request of a server that waits for the client's answer, as the server wrote it."""

    server: str
    raw_id: str
    raw_progress: str


class Place(NamedTuple):
    """Where in a stream an event stood.

    Attributes:
        server: whose answer to a request it was part of; "" for the stream of all.
        seen: id of the last event by server.
    """

    server: str
    seen: Mapping[str, bytes]


class Gathering:
    """One client's.

    Args:
        hello: its `initialize`, as it came.
        headers: of that request.
        late: is called with the notifications that tell of a server which came late.
    """

    def __init__(
        self,
        backends: Mapping[str, Backend],
        principal: Principal,
        hello: bytes,
        headers: CIMultiDict[str],
        late: Callable[["Gathering", list[bytes]], Awaitable[None]],
    ) -> None:
        self.principal = principal
        self.seats = {
            name: Seat(name, backend, principal, hello, headers, self._joined) for name, backend in backends.items()
        }
        self.under_way: dict[str, str] = {}
        self._late = late
        self._is_answered = self._is_initialized = False
        self._mark = secrets.token_hex(4)
        self._numbers = itertools.count(1)
        self._background: set[asyncio.Future[web.StreamResponse]] = set()
        self._asked: dict[str, Asked] = {}
        self._places: dict[str, Place] = {}

    # the servers

    async def gather(self) -> list[Answered]:
        """Open a session with each; the answers of those that are there in time."""
        await asyncio.gather(*(seat.arrive() for seat in self.seats.values()))
        self._is_answered = True
        return [Answered(name, seat.hello) for name, seat in self.seats.items() if seat.is_open]

    @property
    def missing(self) -> list[str]:
        """Servers that are not there."""
        return [name for name, seat in self.seats.items() if not seat.is_open]

    async def end(self) -> None:
        """End the session with each."""
        await asyncio.wait([asyncio.ensure_future(seat.end()) for seat in self.seats.values()], timeout=END_SECONDS)

    async def initialized(self) -> None:
        """The client is ready: so is each session."""
        self._is_initialized = True
        told = [asyncio.ensure_future(seat.tell()) for seat in self.seats.values() if seat.is_open]
        if told:
            await asyncio.wait(told, timeout=HELLO_SECONDS)

    async def _joined(self, seat: Seat) -> None:
        """A server is there."""
        if self._is_initialized:
            await seat.tell()
        if self._is_answered:
            await self._late(self, [f'{{"jsonrpc":"2.0","method":"{method}"}}'.encode() for method in CHANGED])

    async def offering(self, feature: str) -> list[str]:
        """Servers that are there and said that they have a feature."""
        await asyncio.gather(*(seat.arrive() for seat in self.seats.values()))
        return [name for name, seat in self.seats.items() if seat.is_open and seat.offers(feature)]

    async def post(self, server: str, body: bytes, part: Part) -> web.StreamResponse:
        """Send a message within the server's session."""
        return await self.seats[server].post(body, part)

    def routed(self, raw_id: str, server: str) -> None:
        """Who answers a request of the client, and so who is told if it is cancelled."""
        self.under_way[raw_id] = server
        if len(self.under_way) > MAX_ASKED:
            del self.under_way[next(iter(self.under_way))]

    def abandon(self, server: str, raw_id: str) -> None:
        """Tell a server that the answer to a request of ours is not waited for any more."""
        note = f'{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{raw_id}}}}}'
        work = asyncio.ensure_future(self.post(server, note.encode(), Part(CIMultiDict(), nobody)))
        self._background.add(work)
        work.add_done_callback(self._background.discard)

    # ids

    def own_id(self) -> str:
        """Raw id for a request of ours."""
        return quote(f"ps-{self._mark}-{next(self._numbers)}")

    def inward(self, server: str, frame: Frame, *, is_shared: bool) -> Frame:
        """An event of a server as the client gets it.

        Args:
            is_shared: whether it comes on the stream of all.
        """
        event_id = None
        if frame.id:
            seat = self.seats[server]
            if is_shared:
                seat.last_event = frame.id
                seen = {name: seat.last_event for name, seat in self.seats.items() if seat.last_event}
            else:
                seen = {server: frame.id}
            event_id = self._place(Place("" if is_shared else server, seen))
        data = frame.data if frame.data is None or frame.is_response else self._said(server, frame.data)
        return frame._replace(data=data, id=event_id)

    def _place(self, place: Place) -> bytes:
        alias = f"ps-{secrets.token_hex(8)}"
        self._places[alias] = place
        if len(self._places) > MAX_PLACES:
            del self._places[next(iter(self._places))]
        return alias.encode()

    def place(self, event_id: str) -> Place | None:
        """Where a client wants to resume."""
        return self._places.get(event_id)

    def _said(self, server: str, message: bytes) -> bytes:
        """A request or notification of a server."""
        try:
            seen = outline(message.decode())
        except (WireError, UnicodeDecodeError):
            return message
        if seen.is_request:
            number = self.own_id()
            self._asked[number] = Asked(server, seen.raw(seen.id), seen.raw(seen.progress))
            if len(self._asked) > MAX_ASKED:
                del self._asked[next(iter(self._asked))]
            return seen.replaced((seen.id, number), (seen.progress, number)).encode()
        if seen.cancels:
            meant = Asked(server, seen.raw(seen.cancels), "")
            number = next((n for n, asked in self._asked.items() if asked[:2] == meant[:2]), "")
            return seen.replaced((seen.cancels, number)).encode() if number else message
        return message

    def answered(self, seen: Outline) -> tuple[str, bytes] | None:
        """Which server a client's response is for, and the response as it reads it."""
        asked = self._asked.pop(seen.raw(seen.id), None)
        return (asked.server, seen.replaced((seen.id, asked.raw_id)).encode()) if asked else None

    def progressed(self, seen: Outline) -> tuple[str, bytes] | None:
        """Which server waits for a client's progress, and the notification as it reads it."""
        asked = self._asked.get(seen.raw(seen.progress))
        return (asked.server, seen.replaced((seen.progress, asked.raw_progress)).encode()) if asked else None
