"""Requests that one server answers: which, and by what name it knows what is meant."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from ....jsontext import Number
from ..incoming import INVALID_PARAMS, METHOD_NOT_FOUND
from .catalogue import STATE, TASK
from .edits import Edit, Place
from .errand import Errand
from .merged import refresh
from .names import Names, Owned

RESOURCE_NOT_FOUND = -32002
"""Until 2025-11-25; -32602 since."""
_NAME, _URI, _TASK, _STATE = ("params", "name"), ("params", "uri"), ("params", "taskId"), ("params", "requestState")
_NOT_LISTED: Mapping[str, str] = {"tools": "there is no such tool", "prompts": "there is no such prompt"}


def _text(errand: Errand, place: Place) -> str:
    """A string of the client's message, "" if there is none."""
    node: object = errand.message
    for key in place:
        node = node.get(key) if isinstance(node, dict) else None
    return node if isinstance(node, str) and not isinstance(node, Number) else ""


async def _to(errand: Errand, owned: Owned, place: Place) -> web.StreamResponse:
    """To the owner of what is named at a place, by its own name."""
    edits = [Edit(place, lambda _: owned.name)]
    state = _text(errand, _STATE)
    if state:
        held = errand.catalogue.held(STATE, state)
        if held is None or held.server != owned.server:
            return await errand.fail("requestState is not one that this server gave", INVALID_PARAMS)
        edits.append(Edit(_STATE, lambda _: held.text))
    return await errand.forward(owned.server, edits, (_text(errand, place), owned.name))


async def _by_name(errand: Errand, names: Names, key: str, place: Place = _NAME) -> web.StreamResponse:
    name = _text(errand, place)
    owned = names.owner(name)
    if owned is None and not names.offering(name):
        await refresh(errand, key)
        owned = names.owner(name)
    if owned is not None:
        return await _to(errand, owned, place)
    servers = await errand.legs.offering(key)
    if len(servers) == 1 and not errand.legs.missing:
        return await _to(errand, Owned(servers[0], name), place)  # it may know more than it lists
    return await errand.fail(_NOT_LISTED[key] + _instead(errand, names.offering(name)), INVALID_PARAMS)


def _instead(errand: Errand, shown: list[str]) -> str:
    """The names under which several servers offer it, or who might have offered it."""
    if shown:
        return f"; several servers have one: {', '.join(shown)}"
    missing = errand.told.patience.missing
    return f"; not there just now: {', '.join(missing)}" if missing else ""


async def _tool(errand: Errand) -> web.StreamResponse:
    return await _by_name(errand, errand.catalogue.tools, "tools")


async def _prompt(errand: Errand) -> web.StreamResponse:
    return await _by_name(errand, errand.catalogue.prompts, "prompts")


async def _resource(errand: Errand, place: Place = _URI) -> web.StreamResponse:
    uri = _text(errand, place)
    servers = await errand.legs.offering("resources")
    owned = errand.catalogue.uris.owner(uri, servers)
    if owned is None:
        await refresh(errand, "resources")
        await refresh(errand, "resourceTemplates")
        owned = errand.catalogue.uris.owner(uri, servers)
    if owned is None:
        code = INVALID_PARAMS if errand.is_modern else RESOURCE_NOT_FOUND
        return await errand.fail("no server has this resource, or several have", code, {"uri": uri})
    return await _to(errand, owned, place)


async def _completion(errand: Errand) -> web.StreamResponse:
    if _text(errand, ("params", "ref", "uri")):
        return await _resource(errand, ("params", "ref", "uri"))
    return await _by_name(errand, errand.catalogue.prompts, "prompts", ("params", "ref", "name"))


async def _task(errand: Errand) -> web.StreamResponse:
    held = errand.catalogue.held(TASK, _text(errand, _TASK))
    if held is None:
        return await errand.fail("there is no such task", INVALID_PARAMS)
    return await _to(errand, Owned(*held), _TASK)


async def elsewhere(errand: Errand) -> web.StreamResponse:
    """A method that nothing here knows: for the only server, if there is one."""
    servers = await errand.legs.offering("")
    if len(servers) == 1 and not errand.legs.missing:
        return await errand.forward(servers[0], [])
    return await errand.fail("no such method where servers are together", METHOD_NOT_FOUND)


ROUTES: Mapping[str, Callable[[Errand], Awaitable[web.StreamResponse]]] = {
    "tools/call": _tool,
    "prompts/get": _prompt,
    "resources/read": _resource,
    "resources/subscribe": _resource,
    "resources/unsubscribe": _resource,
    "completion/complete": _completion,
    "tasks/get": _task,
    "tasks/result": _task,
    "tasks/cancel": _task,
    "tasks/update": _task,
}
