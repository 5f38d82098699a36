"""The same server on the mcp 2.x SDK, which speaks both eras."""

from functools import cache

from mcp.server import MCPServer
from records import big as make_big
from records import small as make_small

server = MCPServer("bench")
made = cache(make_big)


@server.tool(structured_output=False)
def small(kind: str, number: int) -> str:
    """About 1 KB."""
    return make_small(kind, number)


@server.tool(structured_output=False)
def big(kind: str, number: int, prepare: bool = False) -> str:
    """About 10 MB; with `prepare` only made, so that the next call does not measure the making."""
    text = made(kind, number)
    return "ready" if prepare else text


if __name__ == "__main__":
    server.run("stdio")
