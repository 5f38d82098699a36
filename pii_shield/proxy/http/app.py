"""The HTTP server: who asks, for what, and is it allowed. What is asked for is answered elsewhere."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from ..lines import MAX_MESSAGE
from . import answers
from .auth import Principal, Tokens
from .caller import Backend, Caller, HttpCaller
from .guard import Guard
from .metrics import Metrics
from .peers import Peers

_PATH = re.compile(r"/servers/(?P<name>[^/]+)/mcp/?|(?P<all>/mcp)/?")
NOBODY = Principal("anonymous")
"""Everybody, where no bearer token is asked for."""


class App:
    """Answers HTTP requests.

    Args:
        backends: by server name; the one of them all by its path.
        tokens: bearer tokens; None lets everybody in.
        is_ready: whether vault and detection are there.
        peers: the other workers; None if there are none.
    """

    def __init__(
        self,
        backends: Mapping[str, Backend],
        tokens: Tokens | None,
        guard: Guard,
        metrics: Metrics,
        is_ready: Callable[[], bool],
        peers: Peers | None = None,
    ) -> None:
        self._peers = peers
        self._backends = backends
        self._tokens = tokens
        self._guard = guard
        self._metrics = metrics
        self._is_ready = is_ready
        self._pages: Mapping[str, Callable[[], web.Response]] = {
            "/healthz": lambda: web.json_response({"status": "ok"}),
            "/readyz": self._ready,
        }
        self.draining = False

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        objection = self._guard.objection(request.headers.get("Host"), request.headers.get("Origin"))
        if objection:
            return self._refused(403, "host or origin", objection)
        page = self._pages.get(request.path)
        if page is not None and request.method in ("GET", "HEAD"):
            return page()
        principal = self._principal(request)
        if principal is None:
            wanted = "a bearer token of this proxy is needed"
            return self._refused(401, "token", wanted, {"WWW-Authenticate": 'Bearer realm="pii_shield"'})
        if request.path == "/metrics":
            own = self._metrics.text(ready=self._is_ready())
            return web.Response(text=await self._peers.metrics(request, own) if self._peers else own)
        owner = self._peers.owner(request) if self._peers else None
        if owner is not None and self._peers is not None:
            return await self._peers.forward(request, owner)
        return await self._routed(request, principal)

    def _principal(self, request: web.BaseRequest) -> Principal | None:
        if self._tokens is None:
            return NOBODY
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return self._tokens.principal(token.strip()) if scheme.lower() == "bearer" else None

    async def _routed(self, request: web.BaseRequest, principal: Principal) -> web.StreamResponse:
        found = _PATH.fullmatch(request.path)
        name = (found["name"] or found["all"]) if found else ""
        backend = self._backends.get(name)
        if backend is None:
            return self._refused(404, "path", "there is no such server; paths are /mcp and /servers/NAME/mcp")
        if self.draining:
            return answers.error(503, "pii_shield is shutting down", headers={"Retry-After": "1"})
        answer = await self._answered(request, backend, principal)
        self._metrics.add("requests_total", server=name, method=request.method, status=str(answer.status))
        return answer

    async def _answered(self, request: web.BaseRequest, backend: Backend, principal: Principal) -> web.StreamResponse:
        if request.method == "POST":
            body = await _body(request)
            if body is None:
                return answers.error(413, f"a message is larger than {MAX_MESSAGE} bytes")
            return await backend.post(HttpCaller(request), principal, body)
        others: Mapping[str, Callable[[Caller, Principal], Awaitable[web.StreamResponse]]] = {
            "GET": backend.get,
            "DELETE": backend.delete,
        }
        if request.method not in others:
            return answers.error(405, "only POST, GET and DELETE", headers={"Allow": "POST, GET, DELETE"})
        return await others[request.method](HttpCaller(request), principal)

    def _refused(
        self,
        status: int,
        reason: str,
        text: str,
        headers: Mapping[str, str] = {},
    ) -> web.Response:
        self._metrics.add("refused_total", reason=reason)
        return answers.error(status, text, headers=headers)

    def _ready(self) -> web.Response:
        ready = self._is_ready() and not self.draining
        return web.Response(
            text=json.dumps({"ready": ready}), status=200 if ready else 503, content_type="application/json"
        )


async def _body(request: web.BaseRequest) -> bytes | None:
    """The whole body, or None if it is beyond the limit."""
    parts: list[bytes] = []
    left = MAX_MESSAGE
    while chunk := await request.content.readany():
        left -= len(chunk)
        if left < 0:
            return None
        parts.append(chunk)
    return b"".join(parts)
