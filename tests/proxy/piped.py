"""A conversation that only forwards, and a program that runs the proxy with it."""

import json
import os
import sys
import threading
import time
from typing import NamedTuple

from pii_shield.errors import ShieldError
from pii_shield.proxy import stdio


class Forwarded(NamedTuple):
    forward: bytes | None
    replies: tuple[bytes, ...] = ()
    notice: str = ""
    is_response: bool = True


class PassThrough:
    """Forwards JSON, drops what is not JSON, remembers what is open, refuses `refuse/me`, is slow at big messages."""

    def __init__(self, slow: float = 0.0) -> None:
        self._slow = slow
        self._open: dict[str, object] = {}
        self._lock = threading.Lock()

    def from_client(self, line: bytes) -> Forwarded:
        message = _parsed(line)
        if message is None or "method" not in message:
            return Forwarded(line)
        if message["method"] == "refuse/me":
            return Forwarded(None, (_error(message["id"], "refused"),))
        if "id" in message:
            with self._lock:
                self._open[json.dumps(message["id"])] = message["id"]
        return Forwarded(line, is_response=False)

    def from_server(self, line: bytes) -> Forwarded:
        message = _parsed(line)
        if message is None:
            return Forwarded(None, notice="the server wrote a line that is not JSON")
        if message.get("method") == "refuse/me":
            return Forwarded(None, (_error(message["id"], "refused"),), is_response=False)
        if len(line) > 256 * 1024:
            time.sleep(self._slow)
        with self._lock:
            self._open.pop(json.dumps(message.get("id")), None)
        return Forwarded(line, is_response="method" not in message)

    def oversized(self, from_server: bool, head: bytes, tail: bytes) -> Forwarded:
        answer = json.dumps({"oversized": from_server, "head": len(head), "tail": len(tail)}).encode()
        return Forwarded(answer if from_server else None, () if from_server else (answer,))

    def server_gone(self) -> tuple[bytes, ...]:
        with self._lock:
            gone, self._open = list(self._open.values()), {}
        return tuple(_error(number, "server gone") for number in gone)

    def mask(self, text: str) -> str:
        return text.replace("noise", "[MASKED]")


def _parsed(line: bytes) -> dict | None:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _error(number: object, text: str) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": number, "error": {"code": -32000, "message": text}}).encode()


def main(argv: list[str]) -> int:
    """`piped.py TIMING SLOW CMD ARGS...`: TIMING is the JSON of a Timing's fields."""
    timing = stdio.Timing(**json.loads(argv[0]))
    try:
        return stdio.run(argv[2:], lambda _: PassThrough(float(argv[1])), os.environ, timing=timing)
    except ShieldError as error:
        print(f"error[{error.code}]: {error}", file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
