"""An MCP server that does what a file says, and writes down all that it receives.

    python canned.py FOLDER

FOLDER/tools.json: {tool: {"arguments": {name: schema}, "result": text or object, "echo": true, "asks": request}}.
A tool answers with its result; an echoing tool with its arguments as JSON text; any other with FOLDER/emit, if that
exists, else with "ok"; one that asks sends that request first. FOLDER/received gets every line as it came.
"""

import json
import sys
from pathlib import Path
from typing import Any

Json = Any


def listed(name: str, tool: Json) -> Json:
    return {"name": name, "inputSchema": {"type": "object", "properties": tool.get("arguments", {})}}


def called(folder: Path, tool: Json, arguments: Json) -> Json:
    emit = folder / "emit"
    result = tool.get("result", emit.read_text(encoding="utf-8") if emit.exists() else "ok")
    if tool.get("echo"):
        result = json.dumps(arguments, ensure_ascii=False)
    if isinstance(result, str):
        return {"content": [{"type": "text", "text": result}]}
    return {"content": [{"type": "text", "text": json.dumps(result)}], "structuredContent": result}


def answer(folder: Path, tools: Json, method: str, params: Json) -> Json:
    if method == "initialize":
        about = {"serverInfo": {"name": "canned", "version": "1"}, "capabilities": {"tools": {}}}
        return {"result": {"protocolVersion": params["protocolVersion"], **about}}
    if method == "tools/list":
        return {"result": {"tools": [listed(name, tool) for name, tool in tools.items()]}}
    if method == "tools/call" and params["name"] in tools:
        return {"result": called(folder, tools[params["name"]], params.get("arguments", {}))}
    return {"error": {"code": -32601, "message": "not known here"}}


def questions(tools: Json, message: Json) -> list[Json]:
    """The requests that a tool sends to the client before it answers."""
    name = (message.get("params") or {}).get("name", "")
    return [tools[name]["asks"]] if message["method"] == "tools/call" and "asks" in tools.get(name, {}) else []


def say(message: Json) -> None:
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def main(folder: Path) -> None:
    tools = json.loads((folder / "tools.json").read_text(encoding="utf-8"))
    with (folder / "received").open("ab") as received:
        for line in sys.stdin.buffer:
            received.write(line)
            received.flush()
            message = json.loads(line)
            if "id" not in message or "method" not in message:
                continue
            outcome = answer(folder, tools, message["method"], message.get("params") or {})
            for question in questions(tools, message):
                say({"id": f"question to {message['id']}", **question})
            say({"id": message["id"], **outcome})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
