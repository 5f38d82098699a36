import asyncio

from common import ARGS, COMMAND, report, token_in
from fastmcp import Client

from pii_shield import shield_config


async def main() -> None:
    async with Client(shield_config({"mcpServers": {"office": {"command": COMMAND, "args": ARGS}}})) as client:
        customer = await client.call_tool("get_customer", {"id": "1"})
        sent = await client.call_tool("send_mail", {"to": token_in(customer.content[0].text)})
        report([customer, sent])


asyncio.run(main())
