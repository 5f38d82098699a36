"""Requests that all servers answer: their answers as one. A server that is late, or gone, is left out and named."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, TypeVar

from aiohttp import web

from ....jsontext import quote
from ....wire.answers import GONE
from ...pump import BIG
from ..incoming import INVALID_PARAMS, METHOD_NOT_FOUND, MODERN_ERRORS
from .errand import Errand
from .merging import Answered, digest, discovered, response, stateless

T = TypeVar("T")
PAGE = 1000
"""Entries of a list in one answer."""
MAX_PAGES = 200
"""Pages of one server's list that are read."""
CURSOR = "cursor"
_ABSENT = (METHOD_NOT_FOUND,)
"""How a server says that it has no such list. Nothing worth a line in the log."""


class List(NamedTuple):
    """One list.

    Attributes:
        method: asks for it.
        feature: what a server says that has one.
    """

    method: str
    feature: str


LISTS: Mapping[str, List] = {
    # by the key of the list in the result
    "tools": List("tools/list", "tools"),
    "prompts": List("prompts/list", "prompts"),
    "resources": List("resources/list", "resources"),
    "resourceTemplates": List("resources/templates/list", "resources"),
    "tasks": List("tasks/list", "tasks"),
}
_KEYS = {each.method: key for key, each in LISTS.items()}


class Pages(NamedTuple):
    """A server's list: its answers, page by page. The last one may be an error."""

    server: str
    answers: list[Answered]

    def entries(self, key: str) -> list[str]:
        """All entries, raw."""
        return [entry for answer in self.answers for entry in answer.entries(key)]


async def _together(errand: Errand, servers: list[str], ask: Callable[[str], Awaitable[Any]]) -> dict[str, Any]:
    """What each server answers in time."""
    tasks = {server: asyncio.ensure_future(ask(server)) for server in servers}
    patience = errand.told.patience
    try:
        waits = [asyncio.wait([task], timeout=patience.with_(server)) for server, task in tasks.items()]
        await asyncio.gather(*waits)
        for server, task in tasks.items():
            if not task.done():
                patience.was_late(server)
                errand.missed(server, "did not answer in time")
            elif task.exception() is not None:
                errand.missed(server, "broke off")
        return {server: task.result() for server, task in tasks.items() if task.done() and not task.exception()}
    finally:
        for task in tasks.values():
            task.cancel()


async def _pages(errand: Errand, key: str, server: str) -> Pages:
    """A server's whole list."""
    params = {name: value for name, value in errand.params.items() if name not in ("cursor", "_meta")}
    params |= {"_meta": _meta(errand)} if "_meta" in errand.params else {}
    found: list[Answered] = []
    cursors: set[str] = set()
    while len(found) < MAX_PAGES:
        raw_id = errand.legs.own_id()
        said = Answered(server, await errand.ask(server, LISTS[key].method, params, raw_id))
        found.append(said)
        cursor = said.value("nextCursor")
        if not isinstance(cursor, str) or not cursor or cursor in cursors:
            break
        cursors.add(cursor)
        params = {**params, "cursor": cursor}
    return Pages(server, found)


def _meta(errand: Errand) -> dict[str, Any]:
    """The client's own, but for what means one request only."""
    meta = errand.params["_meta"]
    return {key: value for key, value in meta.items() if key != "progressToken"} if isinstance(meta, dict) else {}


async def _all(errand: Errand, key: str) -> list[Pages]:
    """The lists of all servers, in the order of the configuration. What they offer is known then."""
    servers = await errand.legs.offering(LISTS[key].feature)
    for server in errand.legs.missing:
        errand.missed(server, "is not there")
    together = await _together(errand, servers, lambda server: _pages(errand, key, server))
    lists = list(together.values())
    for pages in lists:
        last = pages.answers[-1]
        if last.is_result:
            errand.told.patience.answered(pages.server)
        elif last.code not in _ABSENT:
            errand.missed(pages.server, f"did not list its {key}, or not all of them")
    await _beside(lists, partial(_learn, errand, key, lists))
    return lists


def _learn(errand: Errand, key: str, lists: list[Pages]) -> None:
    for pages in lists:
        if pages.answers[0].is_result:
            errand.catalogue.learn(key, pages.server, pages.entries(key))
    errand.catalogue.known.add(key)


async def _beside(lists: list[Pages], work: Callable[[], T]) -> T:
    """Do some work on lists; long ones must not stop everything else."""
    size = sum(len(answer.message) for pages in lists for answer in pages.answers)
    return await asyncio.to_thread(work) if size > BIG else work()


async def refresh(errand: Errand, key: str) -> None:
    """Ask for a list that no client has asked for yet."""
    if key not in errand.catalogue.known:
        await _all(errand, key)


async def _list(errand: Errand) -> web.StreamResponse:
    key = _KEYS[errand.method]
    lists = await _all(errand, key)
    if not lists and not errand.late:
        return await errand.fail("no server has such a list", METHOD_NOT_FOUND)
    if lists and not any(pages.answers[0].is_result for pages in lists):
        return await _refused(errand, [pages.answers[0] for pages in lists])
    entries = await _beside(lists, partial(_named, errand, key, lists))
    return await _page(errand, key, entries, [answer for pages in lists for answer in pages.answers])


def _named(errand: Errand, key: str, lists: list[Pages]) -> list[str]:
    """All entries under the names that the client knows them by."""
    named = [errand.catalogue.entry(key, pages.server, raw) for pages in lists for raw in pages.entries(key)]
    entries = [entry for entry in named if entry is not None]
    if len(entries) < len(named):
        errand.told.mind.notice(f"withheld {len(named) - len(entries)} {key}: names that could not be told apart")
    return entries


async def _page(errand: Errand, key: str, entries: list[str], answers: list[Answered]) -> web.StreamResponse:
    """The part of a list that the client's cursor asks for."""
    start, mark = 0, digest(entries)
    cursor = errand.params.get("cursor")
    if isinstance(cursor, str):
        held = errand.catalogue.held(CURSOR, cursor)
        offset, _, seen = held.text.partition(" ") if held and held.server == key else ("", "", "")
        if seen != mark:
            return await errand.fail("the cursor is none of ours, or the list has changed", INVALID_PARAMS)
        start = int(offset)
    result = {key: f"[{','.join(entries[start : start + PAGE])}]"}
    if start + PAGE < len(entries):
        following = errand.catalogue.handles.wrap(CURSOR, key, f"{start + PAGE} {mark}")
        result["nextCursor"] = quote(following)
    if errand.is_modern:
        result |= stateless(answers, is_complete=not errand.late)
    return await errand.reply.end(response(errand.id, result))


async def _level(errand: Errand) -> web.StreamResponse:
    """Every server that logs is told how much."""
    servers = await errand.legs.offering("logging")
    asked = await _together(
        errand, servers, lambda server: errand.ask(server, errand.method, errand.params, errand.legs.own_id())
    )
    answers = [Answered(server, message) for server, message in asked.items() if message]
    able = [answer for answer in answers if answer.is_result]
    return await (errand.pass_on(able[0]) if able else _refused(errand, answers))


async def _discover(errand: Errand) -> web.StreamResponse:
    """What all servers can. If one of them that is there needs sessions, this is a server with sessions."""
    servers = await errand.legs.offering("")
    asked = await _together(
        errand, servers, lambda server: errand.ask(server, errand.method, errand.params, errand.legs.own_id())
    )
    answers = [Answered(server, message) for server, message in asked.items()]
    able = [answer for answer in answers if answer.is_result]
    codes = {answer.server: answer.code for answer in answers if not answer.is_result}
    for answer in answers:
        if answer.is_result:
            errand.told.patience.answered(answer.server)
        elif answer.code == GONE:
            errand.missed(answer.server, "is not there")
    if not able:
        return await _refused(errand, answers)
    old = [server for server, code in codes.items() if code not in (GONE, *MODERN_ERRORS)]
    if old:
        return await errand.fail(f"these servers need sessions: {', '.join(old)}", METHOD_NOT_FOUND)
    return await errand.reply.end(discovered(errand.id, able, is_complete=not errand.late))


async def _refused(errand: Errand, answers: list[Answered]) -> web.StreamResponse:
    """Nobody can: as one of them said it, best one that is there."""
    said = sorted((answer for answer in answers if answer.message), key=lambda answer: answer.code == GONE)
    return await (errand.pass_on(said[0]) if said else errand.fail("no MCP server is there"))


async def _ping(errand: Errand) -> web.StreamResponse:
    return await errand.reply.end(response(errand.id, {}))


MERGED: Mapping[str, Callable[[Errand], Awaitable[web.StreamResponse]]] = {
    **dict.fromkeys(_KEYS, _list),
    "logging/setLevel": _level,
    "ping": _ping,
    "server/discover": _discover,
}
