"""An MCP server that puts personal data into every place where the protocol has room for it, in both eras.

    python leaky.py SEED FOLDER

Answers `initialize` (2025-11-25) and, for requests with `_meta`'s protocol version, as 2026-07-28. FOLDER gets `said`
and `received` (all lines, as they were), `errors` (what went to stderr) and `planted` (JSON: [surface, type, value]).
"""

import json
import sys
from pathlib import Path
from typing import Any

import surfaces
from planted import Planter
from surfaces import encoded, text_block

Json = Any
VERSION_KEY = "io.modelcontextprotocol/protocolVersion"


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
        outcome = TABLE.get(message["method"], Leaky.unknown)(self, message["method"], params, modern)
        if modern and "result" in outcome:
            about = surfaces.server_info(self.plant, "modern serverInfo")
            outcome["result"].setdefault("resultType", "complete")
            outcome["result"]["_meta"] = {"io.modelcontextprotocol/serverInfo": about}
        self.say({"jsonrpc": "2.0", "id": message["id"], **outcome})

    def say(self, message: Json) -> None:
        """Every other message with escapes in place of characters that are not ASCII."""
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

    # What it says of itself, and lists

    def initialize(self, method: str, params: Json, modern: bool) -> Json:
        about = {
            "protocolVersion": "2025-11-25",
            "capabilities": surfaces.capabilities(self.plant),
            "serverInfo": surfaces.server_info(self.plant, "serverInfo"),
            "instructions": self.plant.prose("instructions"),
            "_meta": {"acme/owner": self.plant.fields("initialize _meta")},
        }
        return {"result": about}

    def discover(self, method: str, params: Json, modern: bool) -> Json:
        about = {"supportedVersions": ["2026-07-28"], "capabilities": surfaces.capabilities(self.plant)}
        return {"result": {**about, "instructions": self.plant.prose("instructions"), **cache(True)}}

    def tools_list(self, method: str, params: Json, modern: bool) -> Json:
        return self.page("tools", surfaces.tools(self.plant), self.plant.json("tools/list cursor"), params, modern)

    def resources_list(self, method: str, params: Json, modern: bool) -> Json:
        cursor = encoded(self.plant.json("resources/list cursor"))
        return self.page("resources", [surfaces.resource(self.plant)], cursor, params, modern)

    def page(self, key: str, items: Json, cursor: str, params: Json, modern: bool) -> Json:
        """The first of two pages; the second, which is empty, if the cursor came back exactly."""
        if params.get("cursor", cursor) != cursor:
            return {"error": {"code": -32602, "message": "unknown cursor"}}
        first = {key: items, "nextCursor": cursor}
        return {"result": {**({key: []} if "cursor" in params else first), **cache(modern)}}

    def templates_list(self, method: str, params: Json, modern: bool) -> Json:
        return {"result": {"resourceTemplates": [surfaces.template(self.plant)], **cache(modern)}}

    def prompts_list(self, method: str, params: Json, modern: bool) -> Json:
        return {"result": {"prompts": surfaces.prompts(self.plant), **cache(modern)}}

    # Contents

    def resources_read(self, method: str, params: Json, modern: bool) -> Json:
        return {"result": {"contents": surfaces.contents(self.plant, params["uri"]), **cache(modern)}}

    def prompts_get(self, method: str, params: Json, modern: bool) -> Json:
        plant = self.plant
        resource = {"uri": surfaces.uri(plant), "text": plant.prose("prompt embedded text")}
        messages = [
            {"role": "user", "content": text_block(plant.prose("prompt message"))},
            {"role": "assistant", "content": {"type": "resource", "resource": resource}},
        ]
        return {"result": {"description": plant.prose("prompts/get description"), "messages": messages}}

    def complete(self, method: str, params: Json, modern: bool) -> Json:
        values = [self.plant.value("completion", type) for type in ("EMAIL", "PHONE", "IBAN", "US_SSN")]
        return {"result": {"completion": {"values": values, "total": len(values), "hasMore": False}}}

    # Tools

    def tools_call(self, method: str, params: Json, modern: bool) -> Json:
        return getattr(self, f"tool_{params['name']}")(params, modern)  # type: ignore[no-any-return]

    def tool_result(self, params: Json, modern: bool) -> Json:
        return {
            "result": {"content": surfaces.blocks(self.plant), "acmeExtra": self.plant.fields("unknown result field")}
        }

    def tool_structured(self, params: Json, modern: bool) -> Json:
        plant = self.plant
        record = {
            "rows": [plant.fields("structuredContent")],
            "numbers": plant.numbers("structuredContent numbers"),
            "by_mail": {plant.value("object key", "EMAIL"): {plant.value("object key 2", "PHONE"): True}},
        }
        return {"result": {"content": [text_block(json.dumps(record))], "structuredContent": record}}

    def tool_files(self, params: Json, modern: bool) -> Json:
        return {"result": {"content": surfaces.files(self.plant)}}

    def tool_fail(self, params: Json, modern: bool) -> Json:
        return {"result": {"content": [text_block(self.plant.prose("isError text"))], "isError": True}}

    def tool_broken(self, params: Json, modern: bool) -> Json:
        error = {"code": -32000, "message": self.plant.prose("error message"), "data": self.plant.fields("error data")}
        return {"error": error}

    def tool_busy(self, params: Json, modern: bool) -> Json:
        """Everything that a server may say while it works."""
        plant, token = self.plant, params["_meta"]["progressToken"]
        self.complain("DEBUG " + plant.prose("stderr"))
        self.notify("notifications/progress", progressToken=token, progress=1, message=plant.prose("progress message"))
        self.notify("notifications/message", level="info", logger=plant.prose("logger"), data=plant.prose("log text"))
        self.notify("notifications/message", level="info", data=plant.fields("log record"))
        self.notify("notifications/resources/updated", uri=surfaces.uri(plant))
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
        questions = surfaces.questions(self.plant)
        if not modern:
            for key, question in questions.items():
                self.say({"jsonrpc": "2.0", "id": key, **question})
            return {"result": {"content": [text_block("asked")]}}
        state = encoded(self.plant.json("requestState"))
        if "requestState" in params:
            exact = params["requestState"] == state
            return {"result": {"content": [text_block("state came back" if exact else "state is broken")]}}
        return {"result": {"resultType": "input_required", "inputRequests": questions, "requestState": state}}

    # Everything else

    def tasks_get(self, method: str, params: Json, modern: bool) -> Json:
        message = self.plant.prose("tasks/get statusMessage")
        return {"result": {"taskId": params["taskId"], "status": "working", "statusMessage": message}}

    def unknown(self, method: str, params: Json, modern: bool) -> Json:
        if method == "acme/export":
            export = self.plant.fields("unknown method")
            return {"result": {"export": export, "note": self.plant.prose("unknown method")}}
        return {"error": {"code": -32601, "message": self.plant.prose("unknown method error")}}


def cache(modern: bool) -> Json:
    return {"ttlMs": 0, "cacheScope": "public"} if modern else {}


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
