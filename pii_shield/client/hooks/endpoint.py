"""A model on the loopback that calls the tools it is told to, and remembers what it was shown."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final

Block = dict[str, Any]
Turn = Sequence[Block] | Callable[[str], Sequence[Block]]
"""What the model says; or a function that makes it from what it was shown."""
_MIN_TOOLS: Final = 2
"""A request with fewer tools is one of the client's side questions."""
_USAGE: Final = {"input_tokens": 1, "output_tokens": 1}


def text(said: str) -> Block:
    """Words of the model."""
    return {"type": "text", "text": said}


def call(tool: str, **arguments: Any) -> Block:
    """A call of a tool."""
    return {"type": "tool_use", "name": tool, "input": arguments}


class Model(ThreadingHTTPServer):
    """Speaks as much of the Messages API as a client needs.

    Attributes:
        shown: the bodies of all requests, in order: everything that the model was shown.
        url: for the client.
    """

    daemon_threads = True

    def __init__(self, turns: Sequence[Turn]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.shown: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._turns = list(turns)
        self._lock = threading.Lock()
        self._calls = 0

    def __enter__(self) -> "Model":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()

    def answer(self, body: str) -> list[Block]:
        """What the model says to a request."""
        with self._lock:
            self.shown.append(body)
            tools = json.loads(body).get("tools")
            is_side = not isinstance(tools, list) or len(tools) < _MIN_TOOLS
            turn = [text("ok")] if is_side or not self._turns else self._turns.pop(0)
            said = [dict(block) for block in (turn(body) if callable(turn) else turn)]
            for block in said:
                self._calls += 1
                if block["type"] == "tool_use":
                    block["id"] = f"toolu_{self._calls:024d}"
            return said


class _Handler(BaseHTTPRequestHandler):
    server: Model

    def log_message(self, format: str, *args: object) -> None:
        """Nothing goes to stderr."""

    def do_HEAD(self) -> None:
        self._send("application/json", b"")

    def do_GET(self) -> None:
        self._send("application/json", b"{}")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
        try:
            is_message = "messages" in json.loads(body) and "count_tokens" not in self.path
        except (ValueError, TypeError):
            is_message = False
        if not is_message:
            self._send("application/json", b'{"input_tokens": 1}')
            return
        self._send("text/event-stream", "".join(_events(self.server.answer(body))).encode())

    def _send(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _events(said: Sequence[Block]) -> Sequence[str]:
    """A message as it streams."""
    stop = "tool_use" if any(block["type"] == "tool_use" for block in said) else "end_turn"
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": _USAGE}
    events: list[tuple[str, Mapping[str, Any]]] = [("message_start", {"message": message})]
    for index, block in enumerate(said):
        empty: Block = {**block, **({"text": ""} if block["type"] == "text" else {"input": {}})}
        events.append(("content_block_start", {"index": index, "content_block": empty}))
        whole = block.get("text") or json.dumps(block.get("input"))
        kind = "text_delta" if block["type"] == "text" else "input_json_delta"
        field = "text" if block["type"] == "text" else "partial_json"
        pieces = [whole[at : at + 9] for at in range(0, len(whole), 9)]
        events += [("content_block_delta", {"index": index, "delta": {"type": kind, field: p}}) for p in pieces]
        events.append(("content_block_stop", {"index": index}))
    events.append(("message_delta", {"delta": {"stop_reason": stop, "stop_sequence": None}, "usage": _USAGE}))
    events.append(("message_stop", {}))
    return [f"event: {name}\ndata: {json.dumps({'type': name, **fields})}\n\n" for name, fields in events]
