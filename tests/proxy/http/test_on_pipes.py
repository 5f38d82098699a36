"""`pii-shield run --url`: a client on pipes in front of a server on HTTP."""

import asyncio
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from http_kit import LEGACY, PATIENCE, ROOT, Upstream, meta, result_of

MAIL = "jane.miller@acme-corp.com"
SSE = {"Content-Type": "text/event-stream"}
HELLO = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}


def content(text: str) -> dict:
    return {"content": [{"type": "text", "text": text}]}


def event(message: object, **fields: object) -> bytes:
    named = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return f"{named}data: {json.dumps(message)}\n\n".encode() if message else f"{named}data:\n\n".encode()


class Pipes:
    """The program, and the client's ends of its pipes."""

    def __init__(self, folder: Path, url: str, *flags: str) -> None:
        options = ["--name", "web", "--vault", str(folder / "vault.db"), "--url", url, *flags]
        kept = {
            name: text
            for name, text in os.environ.items()
            if not name.startswith(("PII_SHIELD_", "XDG_CONFIG", "XDG_DATA", "XDG_STATE"))
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pii_shield", "run", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**kept, "HOME": str(folder), "PYTHONPATH": str(ROOT), "SECRET": "upstream-credential"},
        )
        self._lines: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.errors = b""
        self._threads = [threading.Thread(target=self._read), threading.Thread(target=self._read_errors)]
        for thread in self._threads:
            thread.start()
        self._number = 0

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(json.loads(line))
        self._lines.put(None)

    def _read_errors(self) -> None:
        assert self.process.stderr
        self.errors = self.process.stderr.read()

    def send(self, message: object) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")  # type: ignore[dict-item]
        self.process.stdin.flush()

    def next(self) -> Any:
        return self._lines.get(timeout=PATIENCE)

    def start(self, method: str, params: object = None) -> int:
        self._number += 1
        self.send({"id": self._number, "method": method, "params": params or {}})
        return self._number

    def ask(self, method: str, params: object = None) -> Any:
        number = self.start(method, params)
        answer = self.next()
        assert answer["id"] == number
        return answer

    def initialize(self) -> Any:
        answer = self.ask("initialize", HELLO)
        self.send({"method": "notifications/initialized"})
        return answer

    def end(self, number: int | None = None) -> int:
        assert self.process.stdin
        if number is not None:
            self.process.send_signal(number)
        self.process.stdin.close()
        code = self.process.wait(PATIENCE)
        for thread in self._threads:
            thread.join(PATIENCE)
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe
            pipe.close()
        return code


@pytest.fixture
def pipes(upstream: Upstream, tmp_path: Path) -> Iterator[Pipes]:
    made = Pipes(tmp_path, upstream.url, "--header", "X-Api-Key=${SECRET}")
    yield made
    if made.process.poll() is None:
        made.end()


def sessions(*ids: str, then: Any = None) -> Any:
    """A server with sessions: each `initialize` gets the next id, only the latest one is known."""
    left = list(ids)
    current = ""

    async def answer(request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        nonlocal current
        message = json.loads(body) if body else {}
        if request.method == "GET":
            return web.Response(status=405)
        if request.method == "DELETE":
            return web.Response(status=200)
        if message.get("method") == "initialize":
            current = left.pop(0)
            return await result_of({"protocolVersion": LEGACY, "capabilities": {}}, Mcp_Session_Id=current)(
                request, body
            )
        if message.get("params", {}).get("forget") == current:
            current = ""
        if request.headers.get("Mcp-Session-Id") != current or message.get("params", {}).get("forget") == "always":
            return web.Response(status=404)
        return await (then or result_of({}))(request, body)

    return answer


def test_the_client_sees_tokens_and_the_server_gets_values_and_our_credentials(
    pipes: Pipes, upstream: Upstream
) -> None:
    upstream.answer = sessions("s1", then=result_of(content(MAIL)))
    pipes.initialize()
    token = pipes.ask("tools/call", {"name": "look", "arguments": {}})["result"]["content"][0]["text"]
    assert token.startswith("[EMAIL_")
    pipes.ask("tools/call", {"name": "send", "arguments": {"to": token}})
    _, headers, received = upstream.last
    assert received["params"]["arguments"] == {"to": MAIL}
    assert headers["Mcp-Session-Id"] == "s1"
    assert headers["MCP-Protocol-Version"] == LEGACY
    assert headers["X-Api-Key"] == "upstream-credential"
    assert pipes.end() == 0
    assert upstream.last[0] == "DELETE"
    assert MAIL.encode() not in pipes.errors


def test_stateless_messages_get_the_headers_that_http_wants(pipes: Pipes, upstream: Upstream) -> None:
    schema = {"properties": {"region": {"type": "string", "x-mcp-header": "Region"}}}
    upstream.answer = result_of({"tools": [{"name": "find", "inputSchema": schema}]})
    pipes.ask("tools/list", {"_meta": meta()})
    pipes.ask("tools/call", {"name": "find", "arguments": {"region": "eü"}, "_meta": meta()})
    _, headers, _ = upstream.last
    assert headers["Mcp-Method"] == "tools/call"
    assert headers["Mcp-Name"] == "find"
    assert headers["Mcp-Param-Region"] == "=?base64?ZcO8?="
    assert headers["MCP-Protocol-Version"] == "2026-07-28"


def test_a_lost_session_is_opened_again_and_the_call_repeated(pipes: Pipes, upstream: Upstream) -> None:
    upstream.answer = sessions("s1", "s2")
    pipes.initialize()
    pipes.ask("ping")
    assert pipes.ask("ping", {"forget": "s1"})["result"] == {}
    assert pipes.ask("ping")["result"] == {}
    assert upstream.last[1]["Mcp-Session-Id"] == "s2"
    initialized = [body for _, _, body in upstream.requests if b"notifications/initialized" in body]
    assert len(initialized) == 2


def test_a_session_that_is_always_lost_is_an_answer(pipes: Pipes, upstream: Upstream) -> None:
    upstream.answer = sessions("s1", "s2", "s3")
    pipes.initialize()
    assert "forgot" in pipes.ask("ping", {"forget": "always"})["error"]["message"]


def test_a_stream_that_breaks_off_is_resumed(pipes: Pipes, upstream: Upstream) -> None:
    async def then(request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers=SSE)
        await response.prepare(request)
        await response.write(event(None, id="e1", retry=10))
        return response

    async def answer(request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        if request.method == "GET" and request.headers.get("Last-Event-ID") == "e1":
            response = web.StreamResponse(headers=SSE)
            await response.prepare(request)
            await response.write(event({"jsonrpc": "2.0", "id": 2, "result": content(MAIL)}, id="e2"))
            return response
        return await normal(request, body)

    normal = sessions("s1", then=then)
    upstream.answer = answer
    pipes.initialize()
    assert pipes.ask("tools/call", {"name": "x"})["result"]["content"][0]["text"].startswith("[EMAIL_")


def test_the_servers_own_messages_come_by_its_stream(pipes: Pipes, upstream: Upstream) -> None:
    asked = {"jsonrpc": "2.0", "id": "q", "method": "roots/list"}
    got: list[dict] = []
    normal = sessions("s1")

    async def answer(request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        if request.method == "GET":
            response = web.StreamResponse(headers=SSE)
            await response.prepare(request)
            await response.write(event(asked))
            await asyncio.sleep(60)
            return response
        if body and "method" not in json.loads(body):
            got.append(json.loads(body))
            return web.Response(status=202)
        return await normal(request, body)

    upstream.answer = answer
    pipes.initialize()
    assert pipes.next() == asked
    pipes.send({"id": "q", "result": {"roots": []}})
    pipes.ask("ping")
    assert got == [{"jsonrpc": "2.0", "id": "q", "result": {"roots": []}}]


def test_cancelling_a_stateless_request_closes_its_response(pipes: Pipes, upstream: Upstream) -> None:
    async def answer(request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers=SSE)
        await response.prepare(request)
        await response.write(event({"jsonrpc": "2.0", "method": "notifications/message", "params": {}}))
        await asyncio.sleep(60)
        return response

    upstream.answer = answer
    number = pipes.start("tools/call", {"name": "x", "_meta": meta()})
    pipes.next()
    pipes.send({"method": "notifications/cancelled", "params": {"requestId": number}})
    assert upstream.gone.wait(10)
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("status", [301, 401, 500, 404])
def test_every_request_is_answered_whatever_the_server_does(pipes: Pipes, upstream: Upstream, status: int) -> None:
    async def answer(_: web.BaseRequest, __: bytes) -> web.Response:
        return web.Response(status=status, text=MAIL, headers={"Location": "/x"})

    upstream.answer = answer
    error = pipes.ask("tools/list")["error"]
    assert error["code"] == -32052
    assert MAIL not in str(error)


def test_an_error_without_an_id_answers_its_request(pipes: Pipes, upstream: Upstream) -> None:
    async def answer(_: web.BaseRequest, __: bytes) -> web.Response:
        error = {"code": -32600, "message": f"no {MAIL}"}
        return web.json_response({"jsonrpc": "2.0", "id": None, "error": error}, status=400)

    upstream.answer = answer
    error = pipes.ask("tools/list")["error"]
    assert error["code"] == -32600
    assert MAIL not in error["message"]


def test_a_server_that_is_not_there_is_an_answer(tmp_path: Path) -> None:
    pipes = Pipes(tmp_path, "http://127.0.0.1:9/mcp")
    assert "cannot be reached" in pipes.ask("initialize", HELLO)["error"]["message"]
    assert pipes.end() == 0


def test_a_signal_ends_it_at_once(pipes: Pipes, upstream: Upstream) -> None:
    async def never(_: web.BaseRequest, __: bytes) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()

    upstream.answer = sessions("s1", then=never)
    pipes.initialize()
    pipes.start("tools/call", {"name": "x"})
    assert pipes.end(signal.SIGTERM) == 128 + signal.SIGTERM
    assert b"Traceback" not in pipes.errors
