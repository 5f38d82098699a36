"""A session's streams that the client asks for with GET: what all servers say on their own, and rests of answers."""

import asyncio
from collections.abc import Mapping
from functools import partial

from aiohttp import web

from .. import answers
from .errand import Errand
from .gathering import Gathering
from .listening import Merged, again

_COME_BACK = (404, 409, 502)
"""Statuses of a server that is not there just now, or still busy with an older stream; others say that it has none."""


async def resume(errand: Errand, legs: Gathering, server: str, seen: Mapping[str, bytes]) -> web.StreamResponse:
    """The rest of one server's answer."""
    part = errand.part(server)
    part.headers["Last-Event-ID"] = _text(seen[server])
    response = await legs.seats[server].get(part)
    if part.is_broken:
        errand.reply.broken()
    if part.is_stream:
        return (await errand.reply.open()).response
    return response or answers.error(404, "the MCP server is not there")


async def hear_all(errand: Errand, legs: Gathering, merged: Merged, seen: Mapping[str, bytes]) -> None:
    """All servers' own streams as one, for as long as the client listens.

    Args:
        seen: id of the last event that the client has, by server.
    """
    await errand.reply.open()
    for server, event_id in seen.items():
        legs.seats[server].last_event = event_id

    async def hear(server: str) -> bool:
        seat = legs.seats[server]
        part = errand.part(server, merged.send)
        if seat.last_event:
            part.headers["Last-Event-ID"] = _text(seat.last_event)
        response = await seat.get(part)
        return response is None or response.status < 300 or response.status in _COME_BACK

    work = [asyncio.ensure_future(again(partial(hear, server))) for server in legs.seats]
    await merged.live([*work, asyncio.ensure_future(asyncio.Event().wait())])


def _text(event_id: bytes) -> str:
    return event_id.decode("utf-8", "replace")
