"""One MCP server as a child process, and the client's end of its pipes."""

import json
import queue
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from ..errors import ShieldError

Json = Any
PROTOCOL = "2025-11-25"
ANSWER_SECONDS = 30.0
CLOSE_SECONDS = 5.0


class Link:
    """A started server. Sends requests, waits for their answers, and keeps every byte that came.

    Attributes:
        name: what the demo calls the server.
        received: all that the child wrote to its stdout; complete once the link is closed.
    """

    def __init__(self, name: str, command: Sequence[str], folder: Path, environ: Mapping[str, str]) -> None:
        self.name = name
        self.received = b""
        self._errors = folder / f"{name}.stderr"
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._requests = 0
        with self._errors.open("wb") as errors:
            self._child = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, cwd=folder, env=environ
            )
        self._reader = threading.Thread(target=self._read, args=(self._child.stdout,), daemon=True)
        self._reader.start()

    def _read(self, stdout: IO[bytes]) -> None:
        for line in stdout:
            self.received += line
            self._lines.put(line)
        self._lines.put(b"")

    def start(self, method: str, params: Json) -> int:
        """Send one request and return its id."""
        self._requests += 1
        self._send({"jsonrpc": "2.0", "id": self._requests, "method": method, "params": params})
        return self._requests

    def notify(self, method: str) -> None:
        """Send one notification."""
        self._send({"jsonrpc": "2.0", "method": method})

    def wait(self, request: int) -> Json:
        """The response to a request.

        Raises:
            ShieldError: the server ended, or did not answer within ANSWER_SECONDS.
        """
        while True:
            try:
                line = self._lines.get(timeout=ANSWER_SECONDS)
            except queue.Empty:
                raise ShieldError(f"the server {self.name} does not answer", code="PS810") from None
            if not line:
                raise ShieldError(f"the server {self.name} ended: {self.last_words()}", code="PS811")
            message = json.loads(line)
            if message.get("id") == request and "method" not in message:
                return message

    def hello(self) -> None:
        """Start the conversation as clients do: initialize, then list the tools."""
        about = {"protocolVersion": PROTOCOL, "capabilities": {}, "clientInfo": {"name": "demo", "version": "1"}}
        self.wait(self.start("initialize", about))
        self.notify("notifications/initialized")
        self.wait(self.start("tools/list", {}))

    def last_words(self) -> str:
        """The last line that the child wrote to its stderr, or ""."""
        lines = self._errors.read_text(encoding="utf-8", errors="replace").splitlines()
        return lines[-1] if lines else ""

    def close(self) -> None:
        """Close the child's stdin, wait for its end, and end it if it does not."""
        if self._child.stdin and not self._child.stdin.closed:
            self._hang_up(self._child.stdin)
        try:
            self._child.wait(CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._reader.join(CLOSE_SECONDS)
        if self._child.stdout:
            self._child.stdout.close()

    @staticmethod
    def _hang_up(stdin: IO[bytes]) -> None:
        try:
            stdin.close()
        except BrokenPipeError:
            return  # it has ended already

    def _send(self, message: Json) -> None:
        assert self._child.stdin  # noqa: S101
        try:
            self._child.stdin.write(json.dumps(message, ensure_ascii=False).encode() + b"\n")
            self._child.stdin.flush()
        except BrokenPipeError:
            raise ShieldError(f"the server {self.name} ended: {self.last_words()}", code="PS811") from None
