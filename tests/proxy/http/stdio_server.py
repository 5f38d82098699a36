"""A small MCP server on stdio that speaks both eras. Its tools show what a proxy did on the way."""

import json
import os
import sys
import threading
import time

lock = threading.Lock()
cancelled: set[object] = set()
answers: dict[object, dict] = {}


def say(**message: object) -> None:
    with lock:
        os.write(1, json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")


def text(content: str) -> dict:
    return {"resultType": "complete", "content": [{"type": "text", "text": content}]}


def call(number: object, name: str, arguments: dict, meta: dict) -> dict | None:
    if name == "pid":
        return text(str(os.getpid()))
    if name == "echo":
        return text(json.dumps({"id": number, "arguments": arguments}))
    if name == "mail":
        return text(f"write to {arguments.get('who', 'jane')}@corp.com")
    if name == "steps":
        for step in (1, 2):
            say(method="notifications/progress", params={"progressToken": meta["progressToken"], "progress": step})
        return text("done")
    if name == "ask":
        question = {"message": "Who?", "requestedSchema": {"type": "object", "properties": {}}}
        say(id=f"q{number}", method="elicitation/create", params=question)
        while f"q{number}" not in answers:
            time.sleep(0.01)
        return text(json.dumps(answers[f"q{number}"]))
    if name == "change":
        say(method="notifications/tools/list_changed")
        return text("changed")
    if name == "wait":
        while number not in cancelled:
            time.sleep(0.01)
        return None
    if name == "cancelled":
        return text(str(len(cancelled)))
    if name == "big":
        return text("x" * arguments["size"])
    if name == "die":
        os._exit(3)
    return {"content": [], "isError": True}


RESULTS = {
    "initialize": {
        "protocolVersion": "2025-11-25",
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "pipe", "version": "1"},
    },
    "server/discover": {"resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": {}},
    "tools/list": {
        "resultType": "complete",
        "ttlMs": 0,
        "cacheScope": "public",
        "tools": [
            {
                "name": "echo",
                "inputSchema": {
                    "type": "object",
                    "properties": {"to": {"type": "string"}, "region": {"type": "string", "x-mcp-header": "Region"}},
                },
            }
        ],
    },
}


def handle(message: dict) -> None:
    number, params = message["id"], message.get("params", {})
    if message["method"] == "tools/call":
        result = call(number, params["name"], params.get("arguments", {}), params.get("_meta", {}))
        if result is not None:
            say(id=number, result=result)
    elif message["method"] in RESULTS:
        say(id=number, result=RESULTS[message["method"]])
    else:
        say(id=number, error={"code": -32601, "message": "Method not found"})


for line in sys.stdin:
    received = json.loads(line, parse_int=lambda digits: int(digits) if len(digits) < 20 else digits)
    if received.get("method") == "notifications/cancelled":
        cancelled.add(received["params"]["requestId"])
    elif "method" not in received:
        answers[received["id"]] = received.get("result", {})
    elif "id" in received:
        threading.Thread(target=handle, args=(received,), daemon=True).start()
    elif received["method"] == "notifications/initialized":
        print("a line for people about jane@corp.com", file=sys.stderr, flush=True)
