"""One of several MCP servers on stdio, both eras. What it offers stands in its arguments; what its tools do shows what
an aggregate did on the way.

python offering.py NAME '{"tools": ["a", "b"], "page": 2, "resources": ["x://1"], "silent": false, ...}'
"""

import json
import os
import sys
import threading
import time

ME = sys.argv[1]
OFFER = json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}
TASK = "io.modelcontextprotocol/related-task"
SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId"
lock = threading.Lock()
cancelled: list[object] = []
heard: list[str] = []
listeners: dict[object, dict] = {}
answers: dict[object, dict] = {}


def say(**message: object) -> None:
    with lock:
        os.write(1, json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")


def text(content: object, **more: object) -> dict:
    shown = content if isinstance(content, str) else json.dumps(content)
    return {"resultType": "complete", "content": [{"type": "text", "text": shown}], **more}


def ask(number: object, method: str, params: dict) -> dict:
    """Same ids and tokens in every server, so that they meet if nobody keeps them apart."""
    own = f"q{number}"
    say(id=own, method=method, params={**params, "_meta": {"progressToken": own}})
    while own not in answers:
        time.sleep(0.01)
    return answers[own]


def listen(number: object, params: dict) -> None:
    listeners[number] = params["notifications"]
    meta = {SUBSCRIPTION: number}
    granted = {"notifications": params["notifications"], "_meta": meta}
    say(method="notifications/subscriptions/acknowledged", params=granted)


def tell(method: str, **params: object) -> None:
    """A notification for everybody, in either era."""
    for number in listeners or [None]:
        meta = {"_meta": {SUBSCRIPTION: number}} if number is not None else {}
        say(method=method, params={**params, **meta})


def call(number: object, name: str, params: dict) -> dict | None:
    arguments, meta = params.get("arguments", {}), params.get("_meta", {})
    if name == "ask":
        form = {"type": "object", "properties": {"x": {"type": "string"}}}
        return text(ask(number, "elicitation/create", {"message": f"{ME} asks", "requestedSchema": form}))
    if name == "roots":
        return text(ask(number, "roots/list", {}))
    if name == "steps":
        for step in (1, 2):
            say(method="notifications/progress", params={"progressToken": meta["progressToken"], "progress": step})
        return text("done")
    if name == "wait":
        while number not in cancelled:
            time.sleep(0.01)
        return None
    if name == "heard":
        return text({"cancelled": len(cancelled), "heard": heard})
    if name == "change":
        for _ in range(arguments.get("times", 1)):
            tell("notifications/tools/list_changed")
        return text("changed")
    if name == "touch":
        tell("notifications/resources/updated", uri=arguments["uri"])
        return text("touched")
    if name == "rounds":
        if "requestState" not in params:
            form = {"type": "object", "properties": {}}
            asked = {"who": {"method": "elicitation/create", "params": {"message": "?", "requestedSchema": form}}}
            return {"resultType": "input_required", "inputRequests": asked, "requestState": f"state of {ME}"}
        return text({"state": params["requestState"], "got": params.get("inputResponses")})
    if name == "job":
        return {"task": {"taskId": "1", "status": "working", "createdAt": "x", "lastUpdatedAt": "x", "ttl": None}}
    if name == "link":
        return {**text("see"), "content": [{"type": "resource_link", "uri": arguments["uri"], "name": "it"}]}
    if name == "say":
        return text(arguments["text"])
    if name == "mail":
        return text(OFFER["mail"])
    return text({"server": ME, "tool": name, "arguments": arguments})


def page(entries: list[dict], params: dict) -> tuple[list[dict], dict]:
    size = OFFER.get("page", 10_000)
    start = 0 if OFFER.get("endless") else int(params.get("cursor", 0))
    following = {"nextCursor": str(start + size)} if start + size < len(entries) else {}
    if OFFER.get("endless"):
        return entries, {"nextCursor": "again"}
    return entries[start : start + size], following


def listed(key: str, entries: list[dict], params: dict) -> dict:
    shown, following = page(entries, params)
    return {"resultType": "complete", "ttlMs": 5000, "cacheScope": "public", key: shown, **following}


def tools() -> list[dict]:
    schema = {"type": "object", "properties": {"to": {"type": "string"}}}
    names = OFFER.get("tools", []) + [f"t{n}" for n in range(OFFER.get("many", 0))]
    return [{"name": name, "description": f"{name} of {ME}", "inputSchema": schema} for name in names]


def resources() -> list[dict]:
    return [{"uri": uri, "name": uri} for uri in OFFER.get("resources", [])]


def capabilities() -> dict:
    found: dict[str, dict] = {"tools": {"listChanged": True}, "logging": {}}
    if "resources" in OFFER or "templates" in OFFER:
        found["resources"] = {"subscribe": True}
    if "prompts" in OFFER:
        found |= {"prompts": {}, "completions": {}}
    return {**found, "experimental": {"x": {}}}


def handle(message: dict) -> None:
    number, method, params = message["id"], message["method"], message.get("params", {})
    heard.append(method)
    if OFFER.get("silent") in (True, method):
        return
    if OFFER.get("legacy") and method == "server/discover":
        say(id=number, error={"code": -32601, "message": "Method not found"})
        return
    result: dict | None = None
    if method == "initialize":
        info = {"name": ME, "version": "1"}
        result = {"protocolVersion": "2025-11-25", "capabilities": capabilities(), "serverInfo": info}
        result["instructions"] = f"Instructions of {ME}."
    elif method == "server/discover":
        result = {"resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": capabilities()}
        result |= {"instructions": f"Instructions of {ME}.", "ttlMs": 7, "cacheScope": "public"}
    elif method == "subscriptions/listen":
        listen(number, params)
        return
    elif method == "tools/list":
        result = listed("tools", tools(), params)
    elif method == "tools/call":
        result = call(number, params["name"], params)
        if result is None:
            return
    elif method == "prompts/list":
        prompts = [{"name": name, "arguments": []} for name in OFFER.get("prompts", [])]
        result = listed("prompts", prompts, params)
    elif method == "prompts/get":
        message_ = {"role": "user", "content": {"type": "text", "text": f"{params['name']} of {ME}"}}
        result = {"resultType": "complete", "messages": [message_]}
    elif method == "resources/list":
        result = listed("resources", resources(), params)
    elif method == "resources/templates/list":
        templates = [{"uriTemplate": each, "name": each} for each in OFFER.get("templates", [])]
        result = listed("resourceTemplates", templates, params)
    elif method == "resources/read":
        content = {"uri": params["uri"], "text": f"{params['uri']} at {ME}"}
        result = {"resultType": "complete", "contents": [content], "ttlMs": 1, "cacheScope": "public"}
    elif method == "completion/complete":
        result = {"resultType": "complete", "completion": {"values": [ME, json.dumps(params["ref"])]}}
    elif method == "tasks/get":
        result = {"taskId": params["taskId"], "status": "completed", "statusMessage": f"{params['taskId']} at {ME}"}
        say(method="notifications/tasks/status", params={"taskId": params["taskId"], "status": "completed"})
    elif method in ("resources/subscribe", "resources/unsubscribe", "logging/setLevel", "ping"):
        result = {}
    if result is None:
        say(id=number, error={"code": -32601, "message": "Method not found"})
    else:
        say(id=number, result=result)


for line in sys.stdin:
    received = json.loads(line)
    if "method" not in received:
        answers[received["id"]] = received.get("result", {})
    elif "id" in received:
        threading.Thread(target=handle, args=(received,), daemon=True).start()
    else:
        heard.append(received["method"])
        if received["method"] == "notifications/cancelled":
            cancelled.append(received["params"]["requestId"])
        if received["method"] == "notifications/progress":
            heard.append(f"progress {received['params']['progressToken']}")
