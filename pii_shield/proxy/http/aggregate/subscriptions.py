"""`subscriptions/listen` (2026-07-28) at all servers: each is asked for its part, and the client hears one stream."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

from aiohttp import web

from .... import jsontext
from ....wire.renumber import SUBSCRIPTION, outline
from ..caller import Frame
from ..incoming import METHOD_NOT_FOUND
from .catalogue import Catalogue
from .errand import Errand
from .listening import Merged, again
from .merged import refresh
from .part import Part, body_of
from .patience import SECONDS

_ACKNOWLEDGED = "notifications/subscriptions/acknowledged"
_URIS = "resourceSubscriptions"


def _wishes(filter_: Mapping[str, Any], catalogue: Catalogue, servers: list[str]) -> dict[str, dict[str, Any]]:
    """What each server is asked for. A resource of nobody is asked of nobody."""
    flags = {key: value for key, value in filter_.items() if key != _URIS and value}
    uris = filter_.get(_URIS)
    owners = [catalogue.uris.owner(uri, servers) for uri in uris if isinstance(uri, str)] if uris else []
    found: dict[str, dict[str, Any]] = {}
    for server in servers:
        own = [owned.name for owned in owners if owned is not None and owned.server == server]
        wish = {**flags, **({_URIS: own} if own else {})}
        if wish:
            found[server] = wish
    return found


class Listen:
    """One subscription.

    Args:
        merged: the client's stream.
    """

    def __init__(self, errand: Errand, merged: Merged, wishes: Mapping[str, dict[str, Any]]) -> None:
        self._errand = errand
        self._merged = merged
        self._wishes = wishes
        self._granted: dict[str, Any] = {}
        self._silent = set(wishes)
        self._acknowledged = asyncio.Event()
        self._kept: list[Frame] = []
        self.last: Frame | None = None
        self.refused = (b"", 200)
        self._heard: set[str] = set()

    async def carry(self) -> None:
        """Until every server has ended."""
        loop = asyncio.get_running_loop()
        work = [loop.create_task(again(partial(self._hear, server))) for server in self._wishes]
        work.append(loop.create_task(self._acknowledge()))
        await self._merged.live(work)

    async def _acknowledge(self) -> None:
        """Once all have, or the others are waited for no longer. What came before comes behind it."""
        try:
            async with asyncio.timeout(SECONDS):
                await self._acknowledged.wait()
        except TimeoutError:
            for server in self._silent:
                self._errand.missed(server, "did not acknowledge in time")
        self._silent.clear()
        if not self._heard:
            return
        granted = jsontext.dumps(self._granted)
        text = f'{{"_meta":{{"{SUBSCRIPTION}":{self._errand.id}}},"notifications":{granted}}}'
        await self._merged.say(f'{{"jsonrpc":"2.0","method":"{_ACKNOWLEDGED}","params":{text}}}'.encode())
        self._acknowledged.set()
        kept, self._kept = self._kept, []
        for frame in kept:
            await self._merged.send(frame)

    async def _hear(self, server: str) -> bool:
        """One server's stream. Whether it is to be asked again."""
        errand = self._errand
        ended = False

        async def hear(frame: Frame) -> None:
            nonlocal ended
            frame = await errand.inward(server, frame)
            if frame.is_response:
                self.last, ended = frame, True
            elif frame.data is not None and self._is_grant(frame.data):
                self._heard.add(server)
                self._settled(server)
            elif self._silent:
                self._kept.append(frame)
            else:
                await self._merged.send(frame)

        params = {**errand.params, "notifications": self._wishes[server]}
        said = {"jsonrpc": "2.0", "method": errand.method, "params": params}
        body = f'{{"id":{errand.id},{jsontext.dumps(said)[1:]}'.encode()
        response = await errand.legs.post(server, body, Part(errand.headers(), hear))
        refusal = body_of(response)
        if refusal and not self.refused[0]:
            self.refused = (refusal, response.status)
        self._settled(server)
        return not ended and (server in self._heard or not refusal)

    def _is_grant(self, message: bytes) -> bool:
        if outline(message.decode()).method != _ACKNOWLEDGED:
            return False
        granted = jsontext.loads(message.decode())["params"].get("notifications")
        for key, value in granted.items() if isinstance(granted, dict) else ():
            if key == _URIS and isinstance(value, list):
                self._granted[key] = [*self._granted.get(key, []), *value]
            else:
                self._granted[key] = self._granted.get(key) or value
        return True

    def _settled(self, server: str) -> None:
        self._silent.discard(server)
        if not self._silent:
            self._acknowledged.set()


async def listen(errand: Errand) -> web.StreamResponse:
    """Ask each server for its part."""
    filter_ = errand.params.get("notifications")
    filter_ = filter_ if isinstance(filter_, dict) else {}
    servers = await errand.legs.offering("")
    if filter_.get(_URIS):
        await refresh(errand, "resources")
        await refresh(errand, "resourceTemplates")
    wishes = _wishes(filter_, errand.catalogue, servers) or {server: {} for server in servers}
    carried = Listen(errand, Merged(errand.reply), wishes)
    await carried.carry()
    if carried.last is not None and carried.last.data is not None:
        return await errand.reply.end(carried.last.data)
    refusal, status = carried.refused
    if refusal:
        return await errand.reply.end(refusal, status)
    return await errand.fail("no server can be listened to", METHOD_NOT_FOUND)
