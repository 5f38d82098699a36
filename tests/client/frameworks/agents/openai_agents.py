import asyncio

from agents.mcp import MCPServerStdio
from common import ARGS, COMMAND, report, token_in

import pii_shield


async def main() -> None:
    pii_shield.instrument()
    async with MCPServerStdio(params={"command": COMMAND, "args": ARGS}) as server:
        await server.list_tools()
        customer = await server.call_tool("get_customer", {"id": "1"})
        sent = await server.call_tool("send_mail", {"to": token_in(customer.content[0].text)})
        report([customer, sent])


asyncio.run(main())
