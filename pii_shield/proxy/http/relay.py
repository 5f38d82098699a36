"""In front of a server on HTTP: each request of a client becomes one request to the server.

Nothing is decided here about eras: a client that opens a session has one, a stateless client has none, and what the
server answers goes back as it came, but for what the conversation changes.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp
from aiohttp import web

from ... import jsontext
from ...conversation import Conversation
from ...errors import PolicyDenied
from ...jsontext import Json
from ...wire import answers as wire_answers
from ...wire import headers as wire_headers
from ...wire.exchange import Memory, Request, envelope
from ...wire.headers import Header
from . import answers
from .auth import Principal
from .caller import Caller
from .link import Link, Unusable, check, passed, read
from .mind import Mind
from .oauth import Credentials
from .sessions import Session, Sessions
from .sse import Oversized
from .streaming import Streams, Turn

MAX_ERROR_TEXT = 64 * 1024
UNREACHABLE = "the MCP server cannot be reached"
NO_ANSWER = "the MCP server answered with something that is no JSON-RPC message"
_PASSED_BACK = {"Allow": re.compile(r"[A-Z, ]{1,60}"), "Retry-After": re.compile(r"[0-9]{1,6}")}
"""Headers of the server that go on, and what they may say: nobody has searched them."""

Converse = Callable[[Principal, Memory], Conversation]
"""Makes a conversation of a principal with the server."""


class Relay:
    """One HTTP server.

    Args:
        name: as configured.
        converse: makes conversations with it.
        credentials: the principals' logins, if it wants OAuth.
        strict_headers: refuse a release into a header that no listed schema declares.
    """

    def __init__(
        self,
        name: str,
        link: Link,
        converse: Converse,
        mind: Mind,
        sessions: Sessions[Conversation],
        credentials: Credentials | None,
        *,
        strict_headers: bool,
    ) -> None:
        self._name = name
        self._link = link
        self._converse = converse
        self._mind = mind
        self._sessions = sessions
        self._credentials = credentials
        self._strict_headers = strict_headers
        self._memories: dict[str, Memory] = {}
        self._background: set[asyncio.Task[None]] = set()
        self._streams = Streams(name, mind, lambda turn, message: self._spawn(self._reply(turn, message)))

    # what the server offers

    async def post(self, caller: Caller, principal: Principal, body: bytes) -> web.StreamResponse:
        """A message of the client, or a batch."""
        session, conversation = self._conversation(caller, principal, body)
        if conversation is None:
            return answers.error(404, "there is no such session")
        outcome = await self._mind.from_client(self._name, conversation, body)
        replies = list(outcome.replies)
        if outcome.forward is None:
            return _replied(replies, answers.is_batch(body))
        turn = Turn(caller, principal, conversation, body, passed(list(caller.headers.items())), session)
        if outcome.forward is not body:
            headers, objection = self._following(turn, outcome.forward)
            if objection is not None:
                return answers.json_response(objection)
            turn = turn._replace(headers=headers)
        return await self._exchange(turn, "POST", outcome.forward, replies)

    async def get(self, caller: Caller, principal: Principal) -> web.StreamResponse:
        """The stream of what the server says on its own, or the rest of a broken one."""
        session, conversation = self._conversation(caller, principal, b"")
        if conversation is None:
            return answers.error(404, "there is no such session")
        headers = passed(list(caller.headers.items()))
        if session:
            headers = [(n, session.event_id(v) if n.lower() == "last-event-id" else v) for n, v in headers]
        return await self._exchange(Turn(caller, principal, conversation, b"", headers, session), "GET", None, [])

    async def delete(self, caller: Caller, principal: Principal) -> web.StreamResponse:
        """End the session."""
        session, conversation = self._conversation(caller, principal, b"")
        if conversation is None:
            return answers.error(404, "there is no such session")
        turn = Turn(caller, principal, conversation, b"", passed(list(caller.headers.items())), session)
        answer = await self._exchange(turn, "DELETE", None, [])
        if session and answer.status < 300:
            self._sessions.close(session)
        return answer

    async def tidy(self) -> None:
        """End sessions that are idle, here and at the server."""
        for session in self._sessions.expire():
            self._spawn(self._end(session))

    def drain(self) -> None:
        """End the streams that would go on for ever."""
        self._streams.end()

    async def close(self) -> None:
        """Close all connections."""
        for task in self._background:
            task.cancel()
        await self._link.close()

    # the way in

    def _conversation(
        self, caller: Caller, principal: Principal, body: bytes
    ) -> tuple[Session[Conversation] | None, Conversation | None]:
        """The session that the request names, and its conversation; without one, a conversation for this request."""
        session_id = caller.headers.get("Mcp-Session-Id")
        if session_id is not None:
            session = self._sessions.find(session_id, principal)
            return session, session.content if session else None
        shared = self._memories.setdefault(principal.name, Memory())
        # Ids of the server's requests are its session's own.
        memory = Memory(shared.tool_schemas) if b'"initialize"' in body else shared
        return None, self._converse(principal, memory)

    def _following(self, turn: Turn, forward: bytes) -> tuple[list[Header], bytes | None]:
        """Headers that agree with the released message, or the refusal if they must not."""
        before, after = jsontext.loads(turn.body.decode()), jsontext.loads(forward.decode())
        headers, changed = wire_headers.follow(turn.headers, before, after)
        if not changed or not self._strict_headers or self._is_listed(turn.principal, before):
            return headers, None
        params = before.get("params", {})
        request = Request("tools/call", params, "", "", bool(wire_headers.version_of(before)))
        error = PolicyDenied(
            "policy does not release a value into a header that the tools listed so far do not declare",
            code="PS610",
            fix="list the server's tools again, then repeat the call",
        )
        head = envelope(before)
        return headers, wire_answers.refusal(head, request, error).encode() if head.id is not None else b""

    def _is_listed(self, principal: Principal, message: Json) -> bool:
        """Whether the policy knew the tool's schema when it decided."""
        params = message.get("params") if isinstance(message, dict) else None
        tool = params.get("name") if isinstance(params, dict) else None
        return tool in self._memories.setdefault(principal.name, Memory()).tool_schemas

    # the way through

    async def _exchange(self, turn: Turn, method: str, body: bytes | None, replies: list[bytes]) -> web.StreamResponse:
        try:
            login = await self._login(turn.principal)
            async with self._link.request(method, turn.headers, turn.upstream_session, body, login) as answer:
                if answer.status != 401 or not login:
                    check(answer)
                    return await self._answer(turn, answer, replies)
            login = await self._login(turn.principal, login["Authorization"])
            async with self._link.request(method, turn.headers, turn.upstream_session, body, login) as answer:
                check(answer)
                return await self._answer(turn, answer, replies)
        except Unusable as error:
            return await self._failed(turn, str(error), replies)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return await self._failed(turn, UNREACHABLE, replies)

    async def _login(self, principal: Principal, refused: str = "") -> dict[str, str]:
        """Credentials of the principal for this server, if it wants any."""
        return await self._credentials.header(principal, refused) if self._credentials else {}

    async def _failed(self, turn: Turn, text: str, replies: list[bytes]) -> web.StreamResponse:
        """Every open request of this turn is answered, and forgotten."""
        self._mind.metrics.add("upstream_errors_total", server=self._name)
        self._mind.notice(f"{self._name}: {text}")
        failed = answers.failures(turn.body, text)
        await self._forget(turn, failed)
        if not failed and not replies:
            return answers.error(502, text, code=wire_answers.GONE)
        return _replied([*replies, *failed], answers.is_batch(turn.body))

    async def _forget(self, turn: Turn, failed: list[bytes]) -> None:
        """The requests that these answer are not open any more."""
        for message in failed:
            await self._mind.from_server(self._name, turn.conversation, message)

    async def _answer(self, turn: Turn, answer: aiohttp.ClientResponse, replies: list[bytes]) -> web.StreamResponse:
        kept = {
            name: answer.headers[name]
            for name, shape in _PASSED_BACK.items()
            if shape.fullmatch(answer.headers.get(name, ""))
        }
        kept |= self._session_header(turn, answer)
        if answer.status == 404 and turn.session:
            self._sessions.close(turn.session)
        if answer.content_type == "text/event-stream":
            return await self._streams.carry(turn, answer, replies, kept)
        body = await read(answer.content)
        if answer.content_type != "application/json" or not body:
            if 200 <= answer.status < 300 and (lost := answers.failures(turn.body, NO_ANSWER)):
                await self._forget(turn, lost)
                return _replied([*replies, *lost], answers.is_batch(turn.body))
            shown = await self._shown(turn, answer, body)
            if replies and not shown:
                return _replied(replies, answers.is_batch(turn.body))
            return web.Response(text=shown or None, status=answer.status, headers=kept)
        outcome = await self._mind.from_server(self._name, turn.conversation, body)
        if outcome.forward is None:
            failed = answers.failures(turn.body, "the MCP server's answer could not be read")
            return _replied([*replies, *failed], answers.is_batch(turn.body))
        return answers.json_response(_joined(outcome.forward, replies), answer.status, kept)

    def _session_header(self, turn: Turn, answer: aiohttp.ClientResponse) -> dict[str, str]:
        upstream_id = answer.headers.get("Mcp-Session-Id")
        if not upstream_id or answer.status >= 300:
            return {}
        if turn.session is not None:
            return {"Mcp-Session-Id": turn.session.id}
        session, ended = self._sessions.open(turn.principal, turn.conversation, upstream_id)
        for old in ended:
            self._spawn(self._end(old))
        return {"Mcp-Session-Id": session.id}

    async def _shown(self, turn: Turn, answer: aiohttp.ClientResponse, body: bytes | Oversized) -> str:
        """A plain text of the server, masked. Anything else has nothing to say to a client."""
        if isinstance(body, Oversized) or len(body) > MAX_ERROR_TEXT or answer.content_type != "text/plain":
            return ""
        text = body.decode("utf-8", "replace")
        return await self._mind.beside(lambda: turn.conversation.mask(text)) if text else ""

    # in the background

    async def _reply(self, turn: Turn, message: bytes) -> None:
        """An answer of ours to the server."""
        headers = [(n, v) for n, v in turn.headers if n.lower() in ("accept", "mcp-protocol-version")]
        try:
            login = await self._login(turn.principal)
            async with self._link.request("POST", headers, turn.upstream_session, message, login):
                pass
        except (Unusable, aiohttp.ClientError, TimeoutError, OSError):
            self._mind.notice(f"{self._name}: {UNREACHABLE}")

    async def _end(self, session: Session[Conversation]) -> None:
        try:
            login = await self._login(session.principal)
            async with self._link.request("DELETE", [], session.upstream_id, None, login):
                pass
        except (Unusable, aiohttp.ClientError, TimeoutError, OSError):
            return

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _replied(replies: list[bytes], is_batch: bool) -> web.Response:
    if not replies:
        return web.Response(status=202)
    return answers.json_response(answers.several(replies, is_batch))


def _joined(forward: bytes, replies: list[bytes]) -> bytes:
    """The server's answer together with ours for those messages of the batch that never reached it."""
    if not replies:
        return forward
    inner = forward.strip()[1:-1] if answers.is_batch(forward) else forward
    return b"[" + b",".join([inner, *replies]) + b"]"
