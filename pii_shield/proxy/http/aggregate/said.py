"""What a client says in a session without asking: answers to servers' requests, and notifications."""

from collections.abc import Awaitable, Callable, Mapping

from multidict import CIMultiDict

from ....errors import WireError
from ....wire.renumber import Outline, outline
from .edits import edited
from .errand import Told
from .gathering import Gathering
from .part import Part, nobody


async def _send(legs: Gathering, told: Told, server: str, body: bytes) -> None:
    """To one server, with its own names for its tasks."""
    meant = edited(body, told.catalogue.to_server(server)) if b"taskId" in body else body
    await legs.post(server, meant, Part(CIMultiDict(), nobody))


async def _initialized(legs: Gathering, _: Told, __: Outline) -> None:
    await legs.initialized()


async def _cancelled(legs: Gathering, told: Told, seen: Outline) -> None:
    server = legs.under_way.get(seen.raw(seen.cancels))
    if server is not None:
        await _send(legs, told, server, seen.text.encode())


async def _progress(legs: Gathering, told: Told, seen: Outline) -> None:
    meant = legs.progressed(seen)
    if meant is not None:
        await _send(legs, told, *meant)


async def _everybody(legs: Gathering, told: Told, seen: Outline) -> None:
    for server in await legs.offering(""):
        await _send(legs, told, server, seen.text.encode())


_NOTIFICATIONS: Mapping[str, Callable[[Gathering, Told, Outline], Awaitable[None]]] = {
    "notifications/initialized": _initialized,
    "notifications/cancelled": _cancelled,
    "notifications/progress": _progress,
    "notifications/roots/list_changed": _everybody,
}
"""Whom it concerns. Of any other it is not known, and what was meant for one server is no other one's affair."""


async def said(legs: Gathering, told: Told, body: bytes) -> None:
    """Pass it on to whom it concerns; to nobody, if that is not known."""
    try:
        seen = outline(body.decode())
    except (WireError, UnicodeDecodeError):
        return
    if seen.method:
        handle = _NOTIFICATIONS.get(seen.method)
        if handle is not None:
            await handle(legs, told, seen)
        return
    meant = legs.answered(seen)
    if meant is not None:
        await _send(legs, told, *meant)
