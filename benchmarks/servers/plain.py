"""A stdio MCP server on the standard library alone: the fastest peer a proxy can meet. Era 2025-11-25."""

import json
import sys
from typing import Any

from records import big, small

SIZES = {"small": small, "big": big}


def result(method: str, params: dict[str, Any], cache: dict[tuple[str, str, int], str]) -> dict[str, Any]:
    """The result object of one request."""
    if method == "initialize":
        info = {"name": "plain", "version": "1"}
        return {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": info}
    if method == "tools/list":
        return {"tools": [{"name": size, "inputSchema": {"type": "object"}} for size in SIZES]}
    size, kind, number = params["name"], params["arguments"]["kind"], params["arguments"]["number"]
    if size == "big":  # made by a call before the measured one: making it is not what is measured
        text = cache.setdefault((size, kind, number), "") or big(kind, number)
        cache[size, kind, number] = text
        if params["arguments"].get("prepare"):
            text = "ready"
    else:
        text = small(kind, number)
    return {"content": [{"type": "text", "text": text}], "isError": False}


def main() -> None:
    """Answer until the input ends."""
    cache: dict[tuple[str, str, int], str] = {}
    out = sys.stdout.buffer
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if "id" not in request:
            continue
        answer = {"jsonrpc": "2.0", "id": request["id"], "result": result(request["method"], request["params"], cache)}
        out.write(json.dumps(answer).encode() + b"\n")
        out.flush()


if __name__ == "__main__":
    main()
