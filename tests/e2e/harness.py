"""Raw JSON-RPC over pipes to a server, direct or through `pii-shield run`, with every byte kept."""

import base64
import binascii
import html
import json
import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.parse import unquote

Json = Any
SERVERS = Path(__file__).parent / "servers"
ANSWER_SECONDS = 30.0
CLOSE_SECONDS = 5.0
LEGACY, MODERN = "2025-11-25", "2026-07-28"


class Home:
    """One user's machine: home, configuration, vault and temporary files under one folder.

    Attributes:
        config: the file that `--config` names.
    """

    def __init__(self, folder: Path, config: str = "") -> None:
        self._folder = folder
        for name in ("home", "tmp"):
            (folder / name).mkdir(parents=True)
        self.config = folder / "config.toml"
        self.config.touch(0o600)
        self.config.write_text(config, encoding="utf-8")

    def environ(self) -> dict[str, str]:
        """The environment of this user's processes."""
        home = self._folder / "home"
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("XDG_CONFIG", "XDG_DATA", "XDG_STATE", "PII_SHIELD_"))
        }
        return {**kept, "HOME": str(home), "USERPROFILE": str(home), "TMPDIR": str(self._folder / "tmp")}

    def shielded(self, name: str, command: Sequence[str], scope: str = "default") -> list[str]:
        """The command that starts a server behind the shield."""
        options = ["--name", name, "--scope", scope, "--config", str(self.config), "--vault", str(self.vault)]
        return [sys.executable, "-m", "pii_shield", "run", *options, "--", *command]

    @property
    def vault(self) -> Path:
        return self._folder / "home" / "vault.db"

    def files(self) -> list[Path]:
        """Every file that was written."""
        return [path for path in self._folder.rglob("*") if path.is_file()]


class Peer:
    """The client's end of a server's pipes.

    Attributes:
        received, errors: all bytes of stdout and stderr; complete after `close`.
        messages: the parsed lines of stdout, in order.
        answer: what to answer a request from the server; by default "Method not found".
    """

    def __init__(self, command: Sequence[str], home: Home) -> None:
        self.received, self.errors = b"", b""
        self.messages: list[Json] = []
        self.answer: Callable[[Json], Json] = lambda _: {"error": {"code": -32601, "message": "no"}}
        self._queue: queue.SimpleQueue[Json] = queue.SimpleQueue()
        self._requests = 0
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=home.environ()
        )
        pumps = ((self._read_messages, self._child.stdout), (self._read_errors, self._child.stderr))
        self._threads = [threading.Thread(target=pump, args=(pipe,), daemon=True) for pump, pipe in pumps]
        for thread in self._threads:
            thread.start()

    def _read_messages(self, pipe: IO[bytes]) -> None:
        for line in pipe:
            self.received += line
            self._queue.put(_parsed(line))
        self._queue.put(None)

    def _read_errors(self, pipe: IO[bytes]) -> None:
        for line in pipe:
            self.errors += line

    def send(self, message: Json) -> None:
        """Write one message, or bytes as they are."""
        line = message if isinstance(message, bytes) else json.dumps(message, ensure_ascii=False).encode()
        assert self._child.stdin
        self._child.stdin.write(line + b"\n")
        self._child.stdin.flush()

    def start(self, method: str, params: Json = None) -> int:
        """Send a request and return its id."""
        self._requests += 1
        self.send({"jsonrpc": "2.0", "id": self._requests, "method": method, "params": params or {}})
        return self._requests

    def request(self, method: str, params: Json = None) -> Json:
        """Send a request and return its response; questions of the server are answered meanwhile."""
        request = self.start(method, params)
        return self.until(lambda message: _answers(message, request))

    def until(self, wanted: Callable[[Json], bool]) -> Json:
        """Read up to the first wanted message and return it."""
        while True:
            message = self._queue.get(timeout=ANSWER_SECONDS)
            assert message is not None, f"the server ended: {self.errors.decode(errors='replace')[-2000:]}"
            self.messages.append(message)
            if "method" in message and "id" in message:
                self.send({"jsonrpc": "2.0", "id": message["id"], **self.answer(message)})
            if wanted(message):
                return message

    def initialize(self, **capabilities: Json) -> Json:
        """The 2025-11-25 handshake; returns the server's result."""
        about = {
            "protocolVersion": LEGACY,
            "capabilities": capabilities,
            "clientInfo": {"name": "test", "version": "1"},
        }
        result = self.request("initialize", about)["result"]
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return result

    def call(self, tool: str, arguments: Json) -> Json:
        """The result of a tool call; a JSON-RPC error as {"error": ...}."""
        response = self.request("tools/call", {"name": tool, "arguments": arguments})
        return response.get("result", response)

    def raw(self, request: int) -> bytes:
        """The line that answered a request, as it came; after `close`."""
        lines = [line for line in self.received.splitlines() if _answers(_parsed(line), request)]
        assert len(lines) == 1, f"{len(lines)} answers to request {request}"
        return lines[0]

    def close(self) -> int:
        """Close stdin, wait for the end (a server that does not end by itself is told to), and return the exit code."""
        assert self._child.stdin
        with suppress(BrokenPipeError):  # it may have ended already
            self._child.stdin.close()
        for ask_to_end in (lambda: None, self._child.terminate, self._child.kill):
            ask_to_end()
            try:
                self._child.wait(CLOSE_SECONDS)
                break
            except subprocess.TimeoutExpired:
                continue
        for thread in self._threads:
            thread.join(CLOSE_SECONDS)
        for pipe in (self._child.stdout, self._child.stderr):
            assert pipe
            pipe.close()
        assert self._child.returncode is not None
        return self._child.returncode


def _answers(message: Json, request: int) -> bool:
    return "method" not in message and message.get("id") == request


def _parsed(line: bytes) -> Json:
    try:
        return json.loads(line)
    except ValueError:
        return {"method": "this line is not JSON"}


class Number(NamedTuple):
    """A JSON number as it was spelled: equal to no string."""

    spelling: str


def loads(line: bytes | str) -> Json:
    """JSON with numbers as spelled."""
    return json.loads(line, parse_int=Number, parse_float=Number)


class Leak(NamedTuple):
    """A value where it must not be."""

    surface: str
    type: str
    value: str


def leaks(data: bytes, planted: Sequence[Sequence[str]]) -> list[Leak]:
    """The planted (surface, type, value) rows of which most stands anywhere in data, in any plain encoding of it."""
    haystack = "\n".join(_views(data.decode("utf-8", errors="replace"))).casefold()
    digits = _joined_digits(haystack)
    return [Leak(*row) for row in planted if _stands_in(*row[1:], haystack) or _digits_leak(*row[1:], digits)]


def _stands_in(type: str, value: str, haystack: str) -> bool:
    """Whether the value is there, or a long beginning or end of one whose parts are nobody else's."""
    value, most = value.casefold(), max(9, len(value) * 7 // 10)
    parts = (value[:most], value[-most:]) if type in ("EMAIL", "PASSWORD", "SECRET", "PERSON", "IBAN") else ()
    return value in haystack or any(len(part) == most and part in haystack for part in parts)


def _digits_leak(type: str, value: str, digits: str) -> bool:
    """Whether a number that people group differently stands there ungrouped."""
    return type in ("CREDIT_CARD", "US_SSN", "PHONE") and re.sub(r"\D", "", value) in digits


def _joined_digits(text: str) -> str:
    return re.sub(r"(?<=\d)[ ().\-]{1,3}(?=\d)", "", text)


def _views(text: str) -> Iterator[str]:
    """The text, and what is inside it: JSON leaves, escapes, base64, two layers deep."""
    texts = [text]
    for _ in range(3):
        yield from texts
        texts = [inner for outer in texts for inner in _unpacked(outer)]
    yield from texts


def _unpacked(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield from _json_leaves(line)
    for run in re.findall(r"[A-Za-z0-9+/_\-]{16,}={0,2}", text):
        yield from _base64(run)
    for decode in (unquote, html.unescape):
        if decode(text) != text:
            yield decode(text)


def _json_leaves(text: str) -> Iterator[str]:
    if not text.lstrip().startswith(("{", "[", '"')):
        return
    try:
        stack = [json.loads(text)]
    except ValueError:
        return
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            stack += [*node, *node.values()]
        elif isinstance(node, list):
            stack += node
        elif isinstance(node, str):
            yield node


def _base64(run: str) -> Iterator[str]:
    padded = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        yield base64.b64decode(padded + "=" * (-len(padded) % 4)).decode("utf-8", errors="replace")
    except binascii.Error:
        return


def planted_rows(folder: Path) -> list[list[str]]:
    """What a leaky server planted: [surface, type, value] each."""
    rows: list[list[str]] = json.loads((folder / "planted").read_text(encoding="utf-8"))
    return rows
