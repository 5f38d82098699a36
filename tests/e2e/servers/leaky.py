"""An MCP server that puts personal data into every place where the protocol has room for it, in both eras.

    python leaky.py SEED FOLDER

Answers `initialize` (2025-11-25) and, for requests with `_meta`'s protocol version, as 2026-07-28. FOLDER gets `said`
and `received` (all lines, as they were), `errors` (what went to stderr) and `planted` (JSON: [surface, type, value]).
"""

import base64
import json
import sys
from pathlib import Path
from typing import Any

from planted import Planter

Json = Any
VERSION_KEY = "io.modelcontextprotocol/protocolVersion"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def text_block(text: str) -> Json:
    return {"type": "text", "text": text}


class Leaky:
    """One method per MCP method that differs; `TABLE` at the end says which."""

    def __init__(self, seed: str, folder: Path) -> None:
        self._folder = folder
        self.plant = Planter(seed)
        self._said = (folder / "said").open("ab")
        self._received = (folder / "received").open("ab")

    # Envelope

    def run(self) -> None:
        for line in sys.stdin.buffer:
            self._received.write(line)
            self._received.flush()
            message = json.loads(line)
            if "method" in message and "id" in message:
                self.answer(message)

    def answer(self, message: Json) -> None:
        params = message.get("params") or {}
        modern = VERSION_KEY in (params.get("_meta") or {})
        method = message["method"]
        outcome = TABLE.get(method, Leaky.unknown)(self, method, params, modern)
        if modern and "result" in outcome:
            outcome["result"].setdefault("resultType", "complete")
            outcome["result"]["_meta"] = {"io.modelcontextprotocol/serverInfo": self.server_info("modern serverInfo")}
        self.say({"jsonrpc": "2.0", "id": message["id"], **outcome})

    def say(self, message: Json) -> None:
        self.write(json.dumps(message, ensure_ascii=len(json.dumps(message)) % 2 == 0).encode() + b"\n")

    def write(self, line: bytes) -> None:
        self._said.write(line)
        self._said.flush()
        planted = json.dumps(list(self.plant.plants.values()))
        (self._folder / "planted").write_text(planted, encoding="utf-8")
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()

    def complain(self, text: str) -> None:
        with (self._folder / "errors").open("a", encoding="utf-8") as file:
            file.write(text + "\n")
        print(text, file=sys.stderr, flush=True)

    def notify(self, method: str, **params: Json) -> None:
        self.say({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, id: str, method: str, params: Json) -> None:
        self.say({"jsonrpc": "2.0", "id": id, "method": method, "params": params})

    # What it says of itself

    def server_info(self, surface: str) -> Json:
        return {
            "name": "leaky",
            "version": "1",
            "title": self.plant.prose(f"{surface} title"),
            "description": self.plant.json(f"{surface} description"),
        }

    def initialize(self, method: str, params: Json, modern: bool) -> Json:
        about = {
            "protocolVersion": "2025-11-25",
            "capabilities": self.capabilities(),
            "serverInfo": self.server_info("serverInfo"),
            "instructions": self.plant.prose("instructions"),
            "_meta": {"acme/owner": self.plant.fields("initialize _meta")},
        }
        return {"result": about}

    def discover(self, method: str, params: Json, modern: bool) -> Json:
        about = {
            "supportedVersions": ["2026-07-28"],
            "capabilities": self.capabilities(),
            "instructions": self.plant.prose("instructions"),
            "ttlMs": 1000,
            "cacheScope": "public",
        }
        return {"result": about}

    def capabilities(self) -> Json:
        kinds: Json = {"tools": {}, "resources": {"subscribe": True}, "prompts": {}, "completions": {}, "logging": {}}
        return {**kinds, "experimental": {"acme": self.plant.fields("capabilities experimental")}}

    # Lists

    def tools_list(self, method: str, params: Json, modern: bool) -> Json:
        plant = self.plant
        if "cursor" in params:
            return self.page({"tools": []}, params["cursor"])
        owner, boss = plant.value("schema default", "EMAIL"), plant.value("schema property", "EMAIL")
        properties = {
            "surface": {"type": "string", "description": plant.prose("schema description")},
            "owner": {
                "type": "string",
                "format": "email",
                "default": owner,
                "examples": [plant.prose("schema examples")],
            },
            "assignee": {
                "enum": [plant.value("schema enum", "EMAIL"), plant.value("schema enum 2", "EMAIL"), "nobody"]
            },
            "approver": {"const": plant.value("schema const", "EMAIL")},
            boss: {"type": "boolean", "title": plant.prose("schema title")},
        }
        about = {
            "title": plant.prose("tool title"),
            "description": plant.prose("tool description"),
            "annotations": {"title": plant.prose("tool annotations title")},
            "icons": [{"src": "data:text/plain;base64," + encoded(plant.prose("tool icon"))}],
            "inputSchema": {"type": "object", "properties": properties},
            "outputSchema": {"type": "object", "description": plant.json("outputSchema description")},
            "_meta": {"acme/maintainer": plant.fields("tool _meta")},
        }
        names = ["result", "structured", "files", "fail", "broken", "busy", "ask", plant.value("tool name", "EMAIL")]
        tools = [
            {"name": names[0], **about},
            *({"name": name, "inputSchema": {"type": "object"}} for name in names[1:]),
        ]
        return {"result": {"tools": tools, "nextCursor": plant.json("tools/list cursor"), **self.cache(modern)}}

    def page(self, result: Json, cursor: str) -> Json:
        """The last page, if the cursor came back exactly."""
        known = (self.plant.json("tools/list cursor"), encoded(self.plant.json("resources/list cursor")))
        return {"result": result} if cursor in known else {"error": {"code": -32602, "message": "unknown cursor"}}

    def cache(self, modern: bool) -> Json:
        return {"ttlMs": 0, "cacheScope": "public"} if modern else {}

    def resources_list(self, method: str, params: Json, modern: bool) -> Json:
        plant = self.plant
        if "cursor" in params:
            return self.page({"resources": []}, params["cursor"])
        resource = {
            "uri": self.uri(),
            "name": plant.prose("resource name"),
            "title": plant.prose("resource title"),
            "description": plant.json("resource description"),
            "_meta": plant.fields("resource _meta"),
        }
        cursor = encoded(plant.json("resources/list cursor"))
        return {"result": {"resources": [resource], "nextCursor": cursor, **self.cache(modern)}}

    def uri(self) -> str:
        return f"crm://contacts/{self.plant.value('resource uri', 'EMAIL')}/card"

    def templates_list(self, method: str, params: Json, modern: bool) -> Json:
        template = {
            "uriTemplate": f"crm://{self.plant.value('uriTemplate', 'EMAIL')}/{{field}}",
            "name": self.plant.prose("template name"),
            "title": self.plant.prose("template title"),
            "description": self.plant.prose("template description"),
        }
        return {"result": {"resourceTemplates": [template], **self.cache(modern)}}

    def prompts_list(self, method: str, params: Json, modern: bool) -> Json:
        plant = self.plant
        argument = {
            "name": "who",
            "title": plant.prose("prompt argument title"),
            "description": plant.prose("prompt argument"),
        }
        prompt = {
            "name": "greet",
            "title": plant.prose("prompt title"),
            "description": plant.json("prompt description"),
        }
        withheld = {"name": plant.value("prompt name", "EMAIL")}
        return {"result": {"prompts": [{**prompt, "arguments": [argument]}, withheld], **self.cache(modern)}}

    # Contents

    def resources_read(self, method: str, params: Json, modern: bool) -> Json:
        plant, uri = self.plant, params["uri"]
        contents: list[Json] = [
            {"uri": uri, "mimeType": "text/plain", "text": plant.prose("resource text")},
            {"uri": uri, "mimeType": "application/json", "text": plant.json("resource json text")},
            {"uri": uri, "mimeType": "text/csv", "text": plant.csv("resource csv text")},
            {"uri": uri, "mimeType": "text/csv", "blob": encoded(plant.csv("resource text blob"))},
            {"uri": uri, "mimeType": "application/json", "blob": encoded(plant.json("resource json blob"))},
            {
                "uri": uri,
                "mimeType": "application/pdf",
                "blob": encoded("%PDF-1.7 " + plant.prose("resource binary blob")),
            },
            {"uri": uri, "blob": encoded(plant.prose("resource untyped blob"))},
        ]
        contents[0]["_meta"] = plant.fields("contents _meta")
        return {"result": {"contents": contents, **self.cache(modern)}}

    def prompts_get(self, method: str, params: Json, modern: bool) -> Json:
        plant = self.plant
        embedded = {"type": "resource", "resource": {"uri": self.uri(), "text": plant.prose("prompt embedded text")}}
        messages = [
            {"role": "user", "content": text_block(plant.prose("prompt message"))},
            {"role": "assistant", "content": embedded},
        ]
        return {"result": {"description": plant.prose("prompts/get description"), "messages": messages}}

    def complete(self, method: str, params: Json, modern: bool) -> Json:
        values = [self.plant.value("completion", type) for type in ("EMAIL", "PHONE", "IBAN", "US_SSN")]
        return {"result": {"completion": {"values": values, "total": len(values), "hasMore": False}}}

    # Tools

    def tools_call(self, method: str, params: Json, modern: bool) -> Json:
        token = (params.get("_meta") or {}).get("progressToken")
        name = params["name"]
        if name == "busy" and token is not None:
            self.notify(
                "notifications/progress", progressToken=token, progress=1, message=self.plant.prose("progress message")
            )
        return getattr(self, f"tool_{name}")(params, modern)  # type: ignore[no-any-return]

    def tool_result(self, params: Json, modern: bool) -> Json:
        plant = self.plant
        blocks: list[Json] = [
            text_block(plant.prose("tool text")),
            text_block(plant.json("tool json text")),
            text_block(plant.csv("tool csv text")),
            text_block(
                "See https://crm.example.com/?who=" + plant.value("percent-encoded", "EMAIL").replace("@", "%40")
            ),
            text_block("Export: " + encoded(plant.json("base64 inside text"))),
            text_block(json.dumps({"nested": plant.json("json inside json")})),
            {
                **text_block("static"),
                "_meta": plant.fields("content _meta"),
                "acme": plant.prose("unknown content field"),
            },
            {"type": "acme/card", "body": plant.fields("unknown content type")},
        ]
        return {"result": {"content": blocks, "acmeExtra": plant.fields("unknown result field")}}

    def tool_structured(self, params: Json, modern: bool) -> Json:
        plant = self.plant
        record = {
            "rows": [plant.fields("structuredContent")],
            "numbers": plant.numbers("structuredContent numbers"),
            "by_mail": {plant.value("object key", "EMAIL"): {plant.value("object key 2", "PHONE"): True}},
        }
        return {"result": {"content": [text_block(json.dumps(record))], "structuredContent": record}}

    def tool_files(self, params: Json, modern: bool) -> Json:
        plant, uri = self.plant, self.uri()
        link = {"uri": uri, "name": plant.prose("link name"), "title": plant.prose("link title")}
        blocks = [
            {"type": "resource_link", **link, "description": plant.prose("link description")},
            {"type": "resource", "resource": {"uri": uri, "text": plant.json("embedded text")}},
            {
                "type": "resource",
                "resource": {"uri": uri, "mimeType": "text/html", "blob": encoded(plant.prose("embedded blob"))},
            },
            {"type": "image", "mimeType": "image/png", "data": encoded("\x89PNG " + plant.prose("image"))},
            {"type": "audio", "mimeType": "audio/wav", "data": encoded("RIFF" + plant.prose("audio"))},
        ]
        return {"result": {"content": blocks}}

    def tool_fail(self, params: Json, modern: bool) -> Json:
        return {"result": {"content": [text_block(self.plant.prose("isError text"))], "isError": True}}

    def tool_broken(self, params: Json, modern: bool) -> Json:
        error = {"code": -32000, "message": self.plant.prose("error message"), "data": self.plant.fields("error data")}
        return {"error": error}

    def tool_busy(self, params: Json, modern: bool) -> Json:
        plant = self.plant
        self.complain("DEBUG " + plant.prose("stderr"))
        self.notify("notifications/message", level="info", logger=plant.prose("logger"), data=plant.prose("log text"))
        self.notify("notifications/message", level="info", data=plant.fields("log record"))
        self.notify("notifications/resources/updated", uri=self.uri())
        self.notify("notifications/cancelled", requestId="none", reason=plant.prose("cancel reason"))
        self.notify(
            "notifications/tasks/status", taskId="t1", status="working", statusMessage=plant.prose("task status")
        )
        self.notify("notifications/acme/changed", who=plant.fields("unknown notification"))
        self.write(b"starting up for " + plant.prose("stdout noise").encode() + b"\n")
        self.write(b'{"jsonrpc": "2.0", "result": "' + plant.prose("broken json line").encode() + b'"\n')
        self.say({"jsonrpc": "2.0", "id": 987654, "result": plant.fields("answer nobody asked for")})
        return {"result": {"content": [text_block("done")]}}

    def tool_ask(self, params: Json, modern: bool) -> Json:
        """Questions to the client: as requests (legacy), or as an input_required result (modern)."""
        if not modern:
            for key, question in self.questions().items():
                self.ask(key, question["method"], question["params"])
            return {"result": {"content": [text_block("asked")]}}
        state = self.state()
        if "requestState" in params:
            exact = params["requestState"] == state
            return {"result": {"content": [text_block("state came back" if exact else "state is broken")]}}
        return {"result": {"resultType": "input_required", "inputRequests": self.questions(), "requestState": state}}

    def state(self) -> str:
        return encoded(self.plant.json("requestState"))

    def questions(self) -> Json:
        plant = self.plant
        email = {"type": "string", "format": "email", "default": plant.value("elicitation default", "EMAIL")}
        form = {
            "email": {
                **email,
                "title": plant.prose("elicitation title"),
                "description": plant.prose("elicitation field"),
            },
            "who": {"type": "string", "enum": [plant.value("elicitation enum", "EMAIL"), "nobody"]},
        }
        tool_result = {
            "type": "tool_result",
            "toolUseId": "u1",
            "content": [text_block(plant.prose("sampling tool_result"))],
        }
        messages = [
            {"role": "user", "content": text_block(plant.prose("sampling message"))},
            {
                "role": "assistant",
                "content": {"type": "tool_use", "id": "u1", "name": "x", "input": plant.fields("tool_use")},
            },
            {"role": "user", "content": tool_result},
        ]
        sampling = {
            "messages": messages,
            "systemPrompt": plant.prose("sampling systemPrompt"),
            "stopSequences": [plant.value("sampling stop", "EMAIL")],
            "metadata": plant.fields("sampling metadata"),
            "maxTokens": 9,
        }
        schema = {"type": "object", "properties": form}
        elicitation = {"mode": "form", "message": plant.prose("elicitation message"), "requestedSchema": schema}
        url = {
            "mode": "url",
            "message": plant.prose("url elicitation"),
            "url": "https://example.com/",
            "elicitationId": "e1",
        }
        return {
            "q-form": {"method": "elicitation/create", "params": elicitation},
            "q-url": {"method": "elicitation/create", "params": url},
            "q-sampling": {"method": "sampling/createMessage", "params": sampling},
            "q-roots": {"method": "roots/list", "params": {"_meta": plant.fields("roots _meta")}},
            "q-unknown": {"method": "acme/confirm", "params": plant.fields("unknown server request")},
        }

    # Everything else

    def tasks_get(self, method: str, params: Json, modern: bool) -> Json:
        task = {
            "taskId": params["taskId"],
            "status": "working",
            "statusMessage": self.plant.prose("tasks/get statusMessage"),
        }
        return {"result": task}

    def unknown(self, method: str, params: Json, modern: bool) -> Json:
        if method == "acme/export":
            return {
                "result": {"export": self.plant.fields("unknown method"), "note": self.plant.prose("unknown method")}
            }
        return {"error": {"code": -32601, "message": self.plant.prose("unknown method error")}}


TABLE = {
    "initialize": Leaky.initialize,
    "server/discover": Leaky.discover,
    "tools/list": Leaky.tools_list,
    "tools/call": Leaky.tools_call,
    "resources/list": Leaky.resources_list,
    "resources/templates/list": Leaky.templates_list,
    "resources/read": Leaky.resources_read,
    "prompts/list": Leaky.prompts_list,
    "prompts/get": Leaky.prompts_get,
    "completion/complete": Leaky.complete,
    "tasks/get": Leaky.tasks_get,
}

if __name__ == "__main__":
    server = Leaky(sys.argv[1], Path(sys.argv[2]))
    server.complain("starting, contact " + server.plant.prose("stderr at start"))
    server.run()
