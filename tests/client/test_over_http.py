"""`shield(streamable_http_client(url))`: values reach the server in the body and in the headers that repeat it."""

import re
import socket
import threading
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
import uvicorn
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.server.mcpserver import MCPServer

from pii_shield import PiiShield, shield

from .office_server import JANE

Served = tuple[str, list[str]]
"""Endpoint, and what its tools and resources were asked for."""


@pytest.fixture
def served() -> Iterator[Served]:
    """The server over HTTP, as the SDK serves it."""
    office, got = MCPServer("office"), list[str]()

    @office.tool()
    def get_customer() -> str:
        return JANE

    @office.tool()
    def send_mail(to: str) -> str:
        got.append(to)
        return f"Sent to {to}."

    @office.resource("customers://{mail}")
    def customer(mail: str) -> str:
        got.append(mail)
        return f"About {mail}."

    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        server = uvicorn.Server(uvicorn.Config(office.streamable_http_app(), log_level="error"))
        thread = threading.Thread(target=server.run, args=([door],))
        thread.start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}/mcp", got
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize(("mode", "version"), [("auto", "2026-07-28"), ("legacy", "2025-11-25")])
def test_both_eras_of_the_protocol_work_over_http(pii: PiiShield, served: Served, mode: Any, version: str) -> None:
    url, got = served

    async def main() -> None:
        async with Client(shield(streamable_http_client(url), using=pii), mode=mode) as client:
            assert client.protocol_version == version
            shown = (await client.call_tool("get_customer", {})).content[0].text
            token = re.fullmatch(r"\[(EMAIL_\w+)\]", shown)
            assert token
            sent = (await client.call_tool("send_mail", {"to": shown})).content[0].text
            about = (await client.read_resource(f"customers://{token[1]}")).contents[0].text
            assert [sent, about] == [f"Sent to {shown}.", f"About {shown}."]

    anyio.run(main)
    assert got == [JANE, JANE]
