"""A client for the suite: over HTTP directly, or on pipes through `pii-shield run --url`.

python suite_client.py direct|shield FOLDER URL
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import ElicitResult


async def elicit(_: Any, params: Any) -> ElicitResult:
    """Accept with the form's defaults."""
    properties = getattr(params, "requested_schema", {}).get("properties", {})
    return ElicitResult(action="accept", content={k: p["default"] for k, p in properties.items() if "default" in p})


def transport(way: str, folder: str, url: str) -> Any:
    """How to reach the server."""
    if way == "direct":
        return streamable_http_client(url, max_sse_event_size=None)
    options = ["--config", f"{folder}/config.toml", "--vault", f"{folder}/vault.db", "--url", url]
    arguments = ["-m", "pii_shield", "run", *options]
    return stdio_client(StdioServerParameters(command=sys.executable, args=arguments, env=dict(os.environ)))


def example(schema: Any) -> Any:
    """Arguments that a schema takes."""
    kinds = {"string": "x", "integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}
    properties = schema.get("properties", {})
    return {key: p.get("default", kinds.get(p.get("type"), 5)) for key, p in properties.items()}


async def main(way: str, folder: str, url: str) -> None:
    context = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT", "{}"))
    modern = os.environ.get("MCP_CONFORMANCE_PROTOCOL_VERSION", "") >= "2026"
    async with Client(
        transport(way, folder, url), mode="2026-07-28" if modern else "legacy", elicitation_callback=elicit
    ) as client:
        tools = (await client.list_tools()).tools
        calls = context.get("toolCalls") or [{"name": t.name, "arguments": example(t.input_schema)} for t in tools]
        for call in calls:
            if "schema" in call["arguments"]:  # this scenario wants the other tool's schema back, as it was seen
                call["arguments"]["schema"] = tools[0].input_schema
        for call in calls:
            try:
                await client.call_tool(call["name"], call.get("arguments") or {})
            except Exception as error:  # noqa: BLE001 - a scenario may want a call to fail
                print(type(error).__name__, Path(folder).name, file=sys.stderr)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
