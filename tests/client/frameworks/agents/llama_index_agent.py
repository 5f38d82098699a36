import asyncio

from common import ARGS, COMMAND, report, token_in
from llama_index.tools.mcp import BasicMCPClient, McpToolSpec

import pii_shield


async def main() -> None:
    pii_shield.instrument()
    tools = {tool.metadata.name: tool for tool in await McpToolSpec(BasicMCPClient(COMMAND, ARGS)).to_tool_list_async()}
    customer = await tools["get_customer"].acall(id="1")
    sent = await tools["send_mail"].acall(to=token_in(str(customer)))
    report([customer, sent])


asyncio.run(main())
