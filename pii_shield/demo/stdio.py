"""A small MCP server over stdio: enough JSON-RPC for the demo's own servers, with the standard library only."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, NamedTuple

Json = Any
PROTOCOL = "2025-11-25"
NOT_FOUND, INVALID = -32601, -32602


class Tool(NamedTuple):
    """One tool of a server.

    Attributes:
        name, description: as the client lists them.
        arguments: JSON Schema of each argument; all of them are required.
        result: JSON Schema of the structured result, or None when the tool answers with text.
        run: from the arguments to the structured result (a dict) or to the text. LookupError: the tool failed.
    """

    name: str
    description: str
    arguments: Mapping[str, Json]
    result: Json
    run: Callable[[Mapping[str, Json]], Json]

    def listed(self) -> Json:
        """The tool's entry in `tools/list`."""
        schema = {"type": "object", "properties": dict(self.arguments), "required": list(self.arguments)}
        entry = {"name": self.name, "description": self.description, "inputSchema": schema}
        return {**entry, "outputSchema": self.result} if self.result else entry

    def call(self, arguments: Mapping[str, Json]) -> Json:
        """The result of one `tools/call`."""
        try:
            answer = self.run(arguments)
        except LookupError as error:
            return {"content": [_text(str(error.args[0]))], "isError": True}
        if not self.result:
            return {"content": [_text(answer)]}
        return {"content": [_text(json.dumps(answer, ensure_ascii=False))], "structuredContent": answer}


def _text(text: str) -> Json:
    return {"type": "text", "text": text}


class Server:
    """Answers one message at a time."""

    def __init__(self, name: str, instructions: str, tools: Sequence[Tool]) -> None:
        self._about = {
            "protocolVersion": PROTOCOL,
            "capabilities": {"tools": {}},
            "serverInfo": {"name": name, "version": "1.0.0"},
            "instructions": instructions,
        }
        self._tools = {tool.name: tool for tool in tools}

    def answer(self, message: Json) -> Json:
        """The response to one request; None for a notification."""
        if "id" not in message:
            return None
        method, params = message.get("method"), message.get("params") or {}
        envelope = {"jsonrpc": "2.0", "id": message["id"]}
        if method == "tools/call" and params.get("name") in self._tools:
            return {**envelope, "result": self._tools[params["name"]].call(params.get("arguments") or {})}
        results = {
            "initialize": self._about,
            "ping": {},
            "tools/list": {"tools": [tool.listed() for tool in self._tools.values()]},
        }
        if method in results:
            return {**envelope, "result": results[method]}
        code = INVALID if method == "tools/call" else NOT_FOUND
        return {**envelope, "error": {"code": code, "message": f"{method}: not known here"}}


def main(server: Server, arguments: Sequence[str]) -> None:
    """Serve on stdin and stdout until stdin ends.

    Args:
        arguments: ``["--transcript", PATH]`` also writes each message to PATH, as ``["received" | "said", message]``.
    """
    path = arguments[arguments.index("--transcript") + 1] if "--transcript" in arguments else os.devnull
    with _private(path) as transcript:
        for line in sys.stdin.buffer:
            message = json.loads(line)
            _write(transcript, ["received", message])
            answer = server.answer(message)
            if answer is not None:
                # On record before it is sent: whoever has the answer finds its line.
                _write(transcript, ["said", answer])
                _write(sys.stdout.buffer, answer)


@contextmanager
def _private(path: str) -> Iterator[BinaryIO]:
    with open(path, "ab", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        yield file


def _write(file: BinaryIO, message: Json) -> None:
    file.write(json.dumps(message, ensure_ascii=False).encode() + b"\n")
    file.flush()
