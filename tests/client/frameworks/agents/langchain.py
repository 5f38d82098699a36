import asyncio

from common import ARGS, COMMAND, report, token_in
from langchain_mcp_adapters.client import MultiServerMCPClient

import pii_shield


async def main() -> None:
    pii_shield.instrument()
    client = MultiServerMCPClient({"office": {"transport": "stdio", "command": COMMAND, "args": ARGS}})
    tools = {tool.name: tool for tool in await client.get_tools()}
    customer = await tools["get_customer"].ainvoke({"id": "1"})
    sent = await tools["send_mail"].ainvoke({"to": token_in(str(customer))})
    report([customer, sent])


asyncio.run(main())
