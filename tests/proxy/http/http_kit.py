"""Both ends of `pii-shield serve` for tests: a client on plain sockets, and a server that does as it is told."""

import asyncio
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from aiohttp import web

PATIENCE = 30
ROOT = Path(__file__).parent.parent.parent.parent
MODERN, LEGACY = "2026-07-28", "2025-11-25"
Json = Any


class Upstream:
    """An HTTP server in a thread. Keeps every request; `answer` says what to do with it.

    Attributes:
        requests: (method, headers, body) of each request, in order.
        gone: set when a client broke off while it was being answered.
    """

    def __init__(self) -> None:
        self.requests: list[tuple[str, Any, bytes]] = []
        self.gone = threading.Event()
        self.answer: Callable[[web.BaseRequest, bytes], Awaitable[web.StreamResponse]] = result_of({})
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port: int = self.do(self._start())

    async def _start(self) -> int:
        self._runner = web.ServerRunner(web.Server(self._handle, handler_cancellation=True), shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = b"".join([chunk async for chunk in request.content.iter_any()])
        self.requests.append((request.method, request.headers.copy(), body))
        try:
            return await self.answer(request, body)
        except (asyncio.CancelledError, ConnectionError):
            self.gone.set()
            raise

    def do(self, work: Any) -> Any:
        """Run a coroutine on the server's loop."""
        future: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(PATIENCE)

    def call(self, function: Callable[[], object]) -> None:
        """Call something on the server's loop, such as an event's `set`."""
        self._loop.call_soon_threadsafe(function)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    @property
    def last(self) -> tuple[str, Any, Json]:
        """Method, headers and parsed body of the last request."""
        method, headers, body = self.requests[-1]
        return method, headers, json.loads(body) if body else None

    def close(self) -> None:
        self.do(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()


def result_of(result: Json, **headers: str) -> Callable[[web.BaseRequest, bytes], Awaitable[web.StreamResponse]]:
    """An answer with this result to whatever is asked."""

    async def answer(_: web.BaseRequest, body: bytes) -> web.StreamResponse:
        message = json.loads(body) if body else {}
        if "id" not in message:
            return web.Response(status=202)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.json_response({"jsonrpc": "2.0", "id": message["id"], "result": result}, headers=named)

    return answer


class Service:
    """`pii-shield serve` as a process, with a home of its own.

    Attributes:
        token: the bearer token that was shown at first start, "" if none was.
    """

    def __init__(self, folder: Path, config: str, *flags: str) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "config.toml"
        path.write_text(config)
        path.chmod(0o600)
        self._flags = flags
        self._errors: list[str] = []
        self._clients: list[Client] = []
        self.token = ""
        self.port = 0

    def command(self, *flags: str) -> list[str]:
        files = ["--config", str(self._folder / "config.toml"), "--vault", str(self._folder / "vault.db")]
        return [sys.executable, "-m", "pii_shield", "serve", *files, *flags]

    def environ(self) -> dict[str, str]:
        kept = {
            name: text
            for name, text in os.environ.items()
            if not name.startswith(("PII_SHIELD_", "XDG_CONFIG", "XDG_DATA", "XDG_STATE"))
        }
        return {**kept, "HOME": str(self._folder), "PYTHONPATH": str(ROOT)}

    def run(self, *flags: str) -> subprocess.CompletedProcess[str]:
        """Run the command to its end."""
        return subprocess.run(
            self.command(*flags), env=self.environ(), capture_output=True, text=True, check=False, timeout=PATIENCE
        )

    def __enter__(self) -> "Service":
        self.process = subprocess.Popen(
            self.command("--port", "0", *self._flags), env=self.environ(), stderr=subprocess.PIPE, text=True
        )
        assert self.process.stderr
        for line in self.process.stderr:
            self._errors.append(line)
            found = re.search(r"Bearer (\S+)", line)
            self.token = found[1] if found else self.token
            listening = re.search(r"listening on \S+:(\d+)", line)
            if listening:
                self.port = int(listening[1])
                break
        assert self.port, "".join(self._errors)
        self._reader = threading.Thread(target=self._read_errors, daemon=True)
        self._reader.start()
        return self

    def _read_errors(self) -> None:
        assert self.process.stderr
        self._errors.extend(self.process.stderr)

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.close()
        self.end()
        assert self.process.stderr
        self.process.stderr.close()

    def end(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    @property
    def stderr(self) -> str:
        return "".join(self._errors)

    def client(self, server: str, token: str | None = None) -> "Client":
        client = Client(self.port, server, self.token if token is None else token)
        self._clients.append(client)
        return client


class Client:
    """Speaks Streamable HTTP by hand: one connection per request, every byte visible.

    Attributes:
        session: sent as Mcp-Session-Id if set.
    """

    def __init__(self, port: int, server: str, token: str) -> None:
        self.port = port
        self.path = f"/servers/{server}/mcp" if server else "/mcp"
        self.token = token
        self._number = 0
        self._responses: list[http.client.HTTPResponse] = []
        self.session = ""

    def request(
        self, method: str, body: bytes | None = None, path: str | None = None, **headers: str
    ) -> http.client.HTTPResponse:
        """Send a request; the response's head is read, its body is not. Header names with _ for -."""
        connection = self.send(method, body, path, **headers)
        response = connection.getresponse()
        response.connection = connection  # type: ignore[attr-defined]
        self._responses.append(response)
        return response

    def send(
        self, method: str, body: bytes | None = None, path: str | None = None, **headers: str
    ) -> http.client.HTTPConnection:
        """Send a request, and wait for nothing."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        sent = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if self.session:
            sent["Mcp-Session-Id"] = self.session
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path or self.path, body, sent)
        return connection

    def close(self) -> None:
        for response in self._responses:
            hang_up(response)

    def post(self, message: Json, **headers: str) -> http.client.HTTPResponse:
        return self.request("POST", json.dumps(message).encode(), **headers)

    def ask(self, method: str, params: Json = None, **headers: str) -> Json:
        """The answer to a request, as JSON or as the last event of its stream."""
        self._number += 1
        message = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params or {}}
        response = self.post(message, **headers)
        if response.headers.get_content_type() == "text/event-stream":
            return list(events(response))[-1]
        with response:
            return json.loads(response.read())

    def modern(self, method: str, params: Json = None, **headers: str) -> Json:
        """The same, stateless."""
        params = {**(params or {}), "_meta": meta()}
        name = params.get("name", params.get("uri"))
        named = {"Mcp_Name": name} if name else {}
        return self.ask(method, params, MCP_Protocol_Version=MODERN, Mcp_Method=method, **named, **headers)

    def initialize(self) -> Json:
        """Open a session."""
        params = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
        response = self.post({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params})
        self.session = response.headers["Mcp-Session-Id"] or ""
        answer = json.loads(response.read())
        with self.post({"jsonrpc": "2.0", "method": "notifications/initialized"}) as accepted:
            assert accepted.status == 202
        return answer

    def call(self, tool: str, **arguments: Json) -> Json:
        return self.ask("tools/call", {"name": tool, "arguments": arguments})


def meta(**more: Json) -> Json:
    name = "io.modelcontextprotocol/"
    return {f"{name}protocolVersion": MODERN, f"{name}clientCapabilities": {}, **more}


def lines(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """Lines of an event stream, as they come."""
    while line := response.readline():
        yield line


def events(response: http.client.HTTPResponse) -> Iterator[Json]:
    """Messages of an event stream, as they come."""
    for line in lines(response):
        if line.startswith(b"data: "):
            yield json.loads(line[6:])


def hang_up(response: http.client.HTTPResponse) -> None:
    """Close the connection in the middle."""
    response.connection.close()  # type: ignore[attr-defined]
    response.close()
