"""Which server a transport leads to."""

import os
from pathlib import Path

from mcp import StdioServerParameters
from mcp.client.sse import sse_client
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from pii_shield.client.destination import of_arguments, of_transport
from pii_shield.proxy.child import resolve


def test_a_command_is_the_server_that_the_proxy_would_see() -> None:
    parameters = StdioServerParameters(command="sh", args=["-c", "crm --db x"])
    server = of_transport(stdio_client(parameters))
    assert server is not None
    assert server.identity == "\0".join((resolve("sh", os.environ), "-c", "crm --db x"))
    assert server.name == "sh"


def test_the_package_gives_the_name() -> None:
    server = of_arguments((StdioServerParameters(command="npx", args=["-y", "@acme/server-crm@1.2"]),), {})
    assert server is not None
    assert server.name == "server-crm"


def test_the_servers_own_path_counts(tmp_path: Path) -> None:
    program = tmp_path / "crm"
    program.touch(0o700)
    parameters = StdioServerParameters(command="crm", env={"PATH": str(tmp_path)})
    assert of_arguments((), {"server": parameters}) == ("crm", str(program))


def test_an_address_is_called_as_its_host_and_not_shown() -> None:
    url = "https://crm.example.com/mcp?key=s3cret"
    for transport in (streamable_http_client(url), sse_client(url=url, headers={"x": "http://other.example"})):
        server = of_transport(transport)
        assert server == ("crm.example.com", url)
        assert "s3cret" not in repr(server)


def test_other_transports_do_not_tell() -> None:
    assert of_transport(object()) is None
    assert of_arguments(("crm", 1, None), {"env": {"command": "npx"}}) is None
