import asyncio

from common import ARGS, COMMAND, report, token_in
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

import pii_shield


async def main() -> None:
    pii_shield.instrument()
    async with (
        stdio_client(StdioServerParameters(command=COMMAND, args=ARGS)) as streams,
        ClientSession(*streams) as session,
    ):
        await session.initialize()
        customer = await session.call_tool("get_customer", {"id": "1"})
        sent = await session.call_tool("send_mail", {"to": token_in(customer.content[0].text)})
        report([customer, sent])


asyncio.run(main())
