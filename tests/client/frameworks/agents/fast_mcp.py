import asyncio

from common import ARGS, COMMAND, report, token_in
from fastmcp import Client

import pii_shield


async def main() -> None:
    pii_shield.instrument()
    async with Client({"mcpServers": {"office": {"command": COMMAND, "args": ARGS}}}) as client:
        customer = await client.call_tool("get_customer", {"id": "1"})
        sent = await client.call_tool("send_mail", {"to": token_in(customer.content[0].text)})
        report([customer, sent])


asyncio.run(main())
