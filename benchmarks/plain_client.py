"""A stdio MCP client on the standard library alone."""

import json
import os
import subprocess
import threading
import time
from collections.abc import Sequence
from queue import Queue
from typing import Any, Self

ANSWER_WITHIN = 300.0


class PlainClient:
    """One server behind pipes; a context manager. Era 2025-11-25.

    Attributes:
        pid: of the process that was started: the server, or the proxy before it.
    """

    def __init__(self, command: Sequence[str], stderr: int | None = subprocess.DEVNULL) -> None:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=stderr, env=dict(os.environ))
        if self._process.stdin is None or self._process.stdout is None:
            raise ValueError("no pipes")
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self.pid = self._process.pid
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._stdout.close()

    def send(self, method: str, params: dict[str, Any]) -> int:
        """Send a request and return its id."""
        self._number += 1
        message = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}
        self._stdin.write(json.dumps(message).encode() + b"\n")
        self._stdin.flush()
        return self._number

    def receive(self) -> bytes:
        """The next message that has an id, as it came."""
        while line := self._stdout.readline():
            if b'"id"' in line[:4096] or b'"id"' in line[-200:]:
                return line
        raise EOFError("the server ended")

    def request(self, method: str, params: dict[str, Any]) -> bytes:
        """Send a request and return the raw answer."""
        self.send(method, params)
        return self.receive()

    def open(self) -> bytes:
        """The handshake; returns the raw answer to it."""
        info = {"name": "bench", "version": "1"}
        answer = self.request("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info})
        self._stdin.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
        self._stdin.flush()
        return answer

    def call(self, tool: str, **arguments: object) -> bytes:
        """Call a tool and return the raw answer."""
        return self.request("tools/call", {"name": tool, "arguments": arguments})

    def call_beside(self, tool: str, beside: str, **arguments: object) -> tuple[float, list[float]]:
        """Call a tool, and while its answer is not there make small calls one after the other.

        Returns:
            seconds until the first call's answer, and the seconds each small call took.
        """
        answers: Queue[tuple[float, bytes]] = Queue()
        latencies: list[float] = []
        begin = time.perf_counter()
        slow = self.send("tools/call", {"name": tool, "arguments": arguments})
        reader = threading.Thread(target=self._read_until, args=(slow, answers), daemon=True)
        reader.start()
        while True:
            sent = time.perf_counter()
            number = self.send("tools/call", {"name": beside, "arguments": {"kind": "known", "number": 0}})
            done = 0.0
            while True:
                arrived, head = answers.get(timeout=ANSWER_WITHIN)
                if _id(head) == slow:
                    done = arrived - begin
                elif _id(head) == number:
                    latencies.append(arrived - sent)
                    break
            if done or not reader.is_alive():
                return done or time.perf_counter() - begin, latencies

    def _read_until(self, last: int, answers: "Queue[tuple[float, bytes]]") -> None:
        seen = False
        while not seen:
            line = self.receive()
            seen = _id(line) == last
            answers.put((time.perf_counter(), line[:200]))
        line = self.receive()  # of the small call that was under way
        answers.put((time.perf_counter(), line[:200]))


def _id(line: bytes) -> int:
    """The id of an answer; both the plain server and the shield write it first."""
    return int(line[:200].partition(b'"id":')[2].strip().partition(b",")[0])
