import asyncio

from common import ARGS, COMMAND, report, token_in
from langchain_mcp_adapters.client import MultiServerMCPClient

from pii_shield import shield_config


async def main() -> None:
    client = MultiServerMCPClient(shield_config({"office": {"transport": "stdio", "command": COMMAND, "args": ARGS}}))
    tools = {tool.name: tool for tool in await client.get_tools()}
    customer = await tools["get_customer"].ainvoke({"id": "1"})
    sent = await tools["send_mail"].ainvoke({"to": token_in(str(customer))})
    report([customer, sent])


asyncio.run(main())
