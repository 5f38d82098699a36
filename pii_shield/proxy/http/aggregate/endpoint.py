"""`/mcp`: all servers as one.

The aggregate is a client of the same backends that stand at /servers/NAME/mcp, for the same principal. So all that it
ever handles is protected already, every server keeps its own name and fingerprint, and a value is released to a
server's tool exactly as if the client had called it there. What is decided here is only which server is meant.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import Any

from aiohttp import web
from multidict import CIMultiDict

from ....errors import ShieldError, WireError
from ....wire import headers as wire_headers
from ....wire.exchange import Envelope, envelope
from .. import answers
from ..auth import Principal
from ..caller import Backend, Caller
from ..incoming import (
    HEADER_MISMATCH,
    IN_MESSAGE,
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    modern_version,
    split,
)
from ..mind import Mind
from ..sessions import Session, Sessions
from .catalogue import Catalogue
from .errand import OWN, Errand, Told
from .gathering import Gathering
from .handles import Handles
from .legs import Stateless
from .listening import Merged
from .merged import MERGED
from .merging import hello
from .own_stream import hear_all, resume
from .patience import Patience
from .reply import Reply
from .routed import ROUTES, elsewhere
from .said import said
from .subscriptions import listen

_SESSION = "Mcp-Session-Id"
_HANDLERS = {**MERGED, **ROUTES}
_SESSION_ONLY = frozenset(
    "ping logging/setLevel resources/subscribe resources/unsubscribe tasks/result tasks/list".split()
)
"""Methods that 2026-07-28 does not have."""


class Aggregate:
    """Args:
    backends: by server name, in the order of the configuration.
    key: for handles, the same in every worker. May raise ShieldError: the vault cannot be used.
    """

    def __init__(
        self,
        backends: Mapping[str, Backend],
        key: Callable[[], bytes],
        mind: Mind,
        sessions: Sessions[Gathering],
    ) -> None:
        self._backends = backends
        self._key = key
        self._mind = mind
        self._sessions = sessions
        self._told: dict[Principal, Told] = {}
        self._late: dict[Gathering, Merged] = {}
        self._long: set[asyncio.Task[Any]] = set()
        self._background: set[asyncio.Task[Any]] = set()
        self._ending = False

    # what clients ask for

    async def post(self, caller: Caller, principal: Principal, body: bytes) -> web.StreamResponse:
        """A message of the client, or a batch."""
        try:
            parts = split(body)
            told = await self._of(principal)
        except (WireError, UnicodeDecodeError):
            return answers.error(400, "not valid JSON", code=PARSE_ERROR)
        except ShieldError as error:
            failed = answers.failures(body, f"the vault cannot be used ({error.code})")
            return answers.json_response(failed[0]) if failed else web.Response(status=202)
        session_id = caller.headers.get(_SESSION)
        if session_id is not None:
            session = self._sessions.find(session_id, principal)
            if session is None:
                return answers.error(404, "there is no such session")
            return await self._in_session(caller, session, told, parts)
        if len(parts) > 1:
            return answers.error(400, f"the {_SESSION} header is missing")
        return await self._first(caller, principal, told, *parts[0])

    async def _first(
        self, caller: Caller, principal: Principal, told: Told, body: bytes, message: Any
    ) -> web.StreamResponse:
        """A message outside of a session."""
        head = envelope(message)
        modern = modern_version(caller, message)
        raw_id = head.id or "null"
        if head.method == "initialize" and modern != IN_MESSAGE:
            return await self._initialize(caller, principal, told, head, body, message)
        if modern == IN_MESSAGE:
            return await self._stateless(caller, principal, told, head, body, message)
        if modern:
            missing = f"params._meta has no {wire_headers.MODERN_VERSION_KEY}"
            return answers.error(400, missing, code=INVALID_PARAMS, id=raw_id)
        return answers.error(400, f"the {_SESSION} header is missing", id=raw_id)

    async def _stateless(
        self, caller: Caller, principal: Principal, told: Told, head: Envelope, body: bytes, message: Any
    ) -> web.StreamResponse:
        if head.id is None or not head.method:
            return web.Response(status=202)
        if head.method == "initialize":
            return answers.error(404, "stateless clients have no sessions", code=METHOD_NOT_FOUND, id=head.id)
        if wire_headers.disagreement(list(caller.headers.items()), message, None):
            return answers.error(400, "a header does not match the message", code=HEADER_MISMATCH, id=head.id)
        legs = Stateless(self._backends, principal)
        errand = Errand(caller.headers, body, message, legs, told, Reply(caller, {}), is_modern=True)
        if head.method != "subscriptions/listen":
            return await _run(errand)
        with self._until_the_end():
            return await listen(errand)
        return web.Response(status=503)

    async def _initialize(
        self, caller: Caller, principal: Principal, told: Told, head: Envelope, body: bytes, message: Any
    ) -> web.StreamResponse:
        headers = CIMultiDict((n, v) for n, v in caller.headers.items() if n.lower() == "accept")
        gathering = Gathering(self._backends, principal, body, headers, self._joined)
        try:
            answered = await gathering.gather()
        except asyncio.CancelledError:
            self._spawn(gathering.end())
            raise
        for answer in answered:
            told.patience.answered(answer.server)
        for server in gathering.missing:
            self._mind.metrics.add("upstream_errors_total", server=server)
            if told.patience.is_news(server):
                self._mind.notice(f"{server}: is not there; {OWN} goes on without it")
        session, given_way = self._sessions.open(principal, gathering)
        for old in given_way:
            self._spawn(old.content.end())
        params = message.get("params")
        asked = str(params.get("protocolVersion", "")) if isinstance(params, dict) else ""
        said_hello = hello(head.id or "null", asked, answered, is_complete=not gathering.missing)
        return answers.json_response(said_hello, 200, {_SESSION: session.id})

    async def _in_session(
        self, caller: Caller, session: Session[Gathering], told: Told, parts: list[tuple[bytes, Any]]
    ) -> web.StreamResponse:
        legs = session.content
        heads = [envelope(message) for _, message in parts]
        asks = [bool(head.method) and head.id is not None for head in heads]
        reply = Reply(caller, {_SESSION: session.id}, sum(asks))
        for (body, _), is_request in zip(parts, asks, strict=True):
            if not is_request:
                await said(legs, told, body)
        if not any(asks):
            return web.Response(status=202)
        errands = [
            Errand(caller.headers, body, message, legs, told, reply, is_modern=False)
            for (body, message), is_request in zip(parts, asks, strict=True)
            if is_request
        ]
        session.streams += 1
        try:
            done = await asyncio.gather(*map(_run, errands))
            return done[0] if reply.stream is None else reply.stream.response
        finally:
            session.streams -= 1

    async def get(self, caller: Caller, principal: Principal) -> web.StreamResponse:
        """The stream of what no request asked for, of all servers; or the rest of a broken one."""
        session_id = caller.headers.get(_SESSION)
        session = self._sessions.find(session_id or "", principal)
        if session is None and session_id is not None:
            return answers.error(404, "there is no such session")
        if session is None:
            return answers.error(405, "there is no stream without a session", headers={"Allow": "POST"})
        told = await self._of(principal)
        reply = Reply(caller, {_SESSION: session.id})
        errand = Errand(caller.headers, b"", {"method": ""}, session.content, told, reply, is_modern=False)
        place = session.content.place(caller.headers.get("Last-Event-ID", ""))
        session.streams += 1
        try:
            if place is not None and place.server:
                return await resume(errand, session.content, *place)
            with self._until_the_end():
                await self._listen(errand, session.content, place.seen if place else {})
        finally:
            session.streams -= 1
        return (await reply.open()).response

    async def _listen(self, errand: Errand, legs: Gathering, seen: Mapping[str, bytes]) -> None:
        """A new stream takes the place of the old one."""
        old, merged = self._late.get(legs), Merged(errand.reply)
        self._late[legs] = merged
        if old is not None:
            old.ended.set()
        self._mind.metrics.add("streams", 1, server=OWN)
        try:
            await hear_all(errand, legs, merged, seen)
        finally:
            self._mind.metrics.add("streams", -1, server=OWN)
            if self._late.get(legs) is merged:
                del self._late[legs]

    async def delete(self, caller: Caller, principal: Principal) -> web.StreamResponse:
        """End the session, here and at each server."""
        session = self._sessions.find(caller.headers.get(_SESSION, ""), principal)
        if session is None:
            return answers.error(404, "there is no such session")
        self._sessions.close(session)
        await session.content.end()
        return web.Response(status=200)

    async def tidy(self) -> None:
        """End sessions that are idle."""
        for session in self._sessions.expire():
            self._spawn(session.content.end())

    def drain(self) -> None:
        """End the streams that would go on for ever."""
        self._ending = True
        for task in self._long:
            task.cancel()

    async def close(self) -> None:
        """Nothing is ours alone: the backends end their own."""
        for task in self._background:
            task.cancel()

    # beside

    async def _of(self, principal: Principal) -> Told:
        """What is known of a principal's servers."""
        if principal not in self._told:
            key = await asyncio.to_thread(self._key)
            catalogue = Catalogue(Handles(key, "\0".join(principal)))
            self._told.setdefault(principal, Told(catalogue, Patience(time.monotonic), self._mind))
        return self._told[principal]

    async def _joined(self, gathering: Gathering, notifications: list[bytes]) -> None:
        """A server came late: its client lists anew."""
        merged = self._late.get(gathering)
        if merged is not None:
            for message in notifications:
                await merged.say(message)

    @contextlib.contextmanager
    def _until_the_end(self) -> Iterator[None]:
        """For streams that go on for ever: when we end, they end properly."""
        own = {task} if (task := asyncio.current_task()) else set()
        self._long |= own
        try:
            yield
        except asyncio.CancelledError:
            if not self._ending:
                raise
        finally:
            self._long -= own

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


async def _run(errand: Errand) -> web.StreamResponse:
    is_of_era = not errand.is_modern or errand.method not in _SESSION_ONLY
    return await (_HANDLERS.get(errand.method, elsewhere) if is_of_era else elsewhere)(errand)
