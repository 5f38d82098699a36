"""A client on the mcp 1.x SDK, in its own environment.

stdin: {"command": [...], "env": {...}, "calls": [[tool, arguments], ...]}; stdout: {"version", "tools", "results"}.
"""

import asyncio
import json
import sys
from typing import Any

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


def dumped(model: Any) -> Any:
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


async def main(task: Any) -> Any:
    command, *arguments = task["command"]
    parameters = StdioServerParameters(command=command, args=arguments, env=task["env"])
    async with stdio_client(parameters) as streams, ClientSession(*streams) as session:
        hello = await session.initialize()
        tools = await session.list_tools()
        results = [dumped(await session.call_tool(tool, arguments)) for tool, arguments in task["calls"]]
        return {"version": hello.protocolVersion, "tools": dumped(tools), "results": results}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.load(sys.stdin)))))
