"""The same leaky server behind `pii-shield serve`, alone and among others: no planted value in any byte of any HTTP
response."""

import http.client
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .harness import ANSWER_SECONDS, LEGACY, MODERN, SERVERS, Home, leaks, planted_rows
from .test_leaks import reply, talk

Json = Any


class WebPeer:
    """A client of `serve` that keeps every byte, headers too. Answers the server's questions on the way.

    Attributes:
        received: all bytes of all responses.
    """

    def __init__(self, port: int, path: str, era: str) -> None:
        self._port = port
        self._path = path
        self._modern = era == MODERN
        self._session = ""
        self._number = 0
        self.received = b""

    def initialize(self, **capabilities: Json) -> Json:
        about = {"protocolVersion": LEGACY, "capabilities": capabilities, "clientInfo": {"name": "t", "version": "1"}}
        answer = self.request("initialize", about)
        self._post({"jsonrpc": "2.0", "method": "notifications/initialized"}, {}, lambda _: None)
        return answer["result"]

    def request(self, method: str, params: Json = None) -> Json:
        self._number += 1
        params = params or {}
        headers = {}
        if self._modern:
            headers = {"MCP-Protocol-Version": MODERN, "Mcp-Method": method}
            named = params.get("uri") if method == "resources/read" else params.get("name")
            if named and method in ("tools/call", "prompts/get", "resources/read"):
                headers["Mcp-Name"] = named
        answers: list[Json] = []
        message = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}
        self._post(message, headers, answers.append)
        return next(answer for answer in reversed(answers) if answer.get("id") == self._number)

    def _post(self, message: Json, headers: dict[str, str], take: Callable[[Json], None]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_SECONDS)
        sent = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json", **headers}
        if self._session:
            sent["Mcp-Session-Id"] = self._session
        connection.request("POST", self._path, json.dumps(message).encode(), sent)
        response = connection.getresponse()
        self._session = response.headers.get("Mcp-Session-Id") or self._session
        self.received += f"{response.reason}\n{response.headers}".encode()
        if response.headers.get_content_type() == "text/event-stream":
            for line in response:
                self.received += line
                if line.startswith(b"data: "):
                    self._hear(json.loads(line[6:]), take)
        else:
            body = response.read()
            self.received += body
            if body:
                take(json.loads(body))
        connection.close()

    def _hear(self, message: Json, take: Callable[[Json], None]) -> None:
        if "method" in message and "id" in message:
            result = reply(message) if message["method"] == "elicitation/create" else {}
            self._post({"jsonrpc": "2.0", "id": message["id"], "result": result}, {}, lambda _: None)
        take(message)


@pytest.mark.parametrize("path", ["/servers/leaky/mcp", "/mcp"])
@pytest.mark.parametrize("era", [LEGACY, MODERN])
def test_no_planted_value_is_in_any_byte_of_any_response(era: str, path: str, home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "leaky"
    folder.mkdir()
    command = json.dumps([sys.executable, str(SERVERS / "leaky.py"), f"http-{era}", str(folder)])
    clock = json.dumps([sys.executable, "-m", "mcp_server_time"])
    servers = f"[servers.leaky]\ncommand = {command}\n[servers.clock]\ncommand = {clock}\n"
    home.config.write_text(servers, encoding="utf-8")
    options = ["--config", str(home.config), "--vault", str(home.vault), "--port", "0", "--no-auth"]
    process = subprocess.Popen(
        [sys.executable, "-m", "pii_shield", "serve", *options], stderr=subprocess.PIPE, env=home.environ()
    )
    assert process.stderr
    try:
        listening = re.search(rb":(\d+)\n", process.stderr.readline())
        assert listening
        peer = WebPeer(int(listening[1]), path, era)
        answers = talk(era, peer)  # type: ignore[arg-type]
    finally:
        process.terminate()
        errors = process.stderr.read()
        process.wait(ANSWER_SECONDS)
        process.stderr.close()
    planted = planted_rows(folder)
    assert len({surface for surface, _, _ in planted}) > 80
    assert len(answers) > 15
    assert ("nextCursor" in answers["tools/list"]["result"]) is (path != "/mcp")
    assert b"[EMAIL_" in peer.received
    assert leaks(peer.received, planted) == []
    assert leaks(errors, planted) == []
