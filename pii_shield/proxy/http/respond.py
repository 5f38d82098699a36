"""What a server on stdio says, as HTTP responses: one message as JSON, more than one as an event stream."""

import asyncio
from collections.abc import Mapping

from aiohttp import web

from ...errors import WireError
from ...wire.answers import GONE
from ...wire.renumber import outline
from . import answers
from .caller import Caller, Frame
from .outbox import Item, Outbox
from .sse import KEEP_ALIVE
from .sse import event as written
from .streaming import KEEP_ALIVE_SECONDS

COMMIT_SECONDS = 5.0
"""How long a lone answer may take to come as JSON. After that it is a stream, with signs of life."""
STATUS: Mapping[int, int] = {
    # 2026-07-28: HTTP status by JSON-RPC error code
    -32700: 400,
    -32600: 400,
    -32602: 400,
    -32601: 404,
    -32020: 400,
    -32021: 400,
    -32022: 400,
}


async def respond(
    caller: Caller, outbox: Outbox, count: int, headers: Mapping[str, str], statuses: Mapping[int, int]
) -> web.StreamResponse:
    """Answer a POST with what comes into its outbox, until all of its requests are answered.

    Args:
        count: how many requests that are.
        statuses: HTTP status by JSON-RPC error code, of an answer that is JSON.
    """
    first: Item | None = None
    if count == 1:
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                first = await outbox.get()
        except TimeoutError:
            return await stream(caller, outbox, count, headers)
        if first is None:
            return answers.error(502, "the MCP server ended before it answered", code=GONE)
        if first.is_last:
            return answers.json_response(first.data, _status(first.data, statuses), headers)
    return await stream(caller, outbox, count, headers, first)


def failed(data: bytes) -> int | None:
    """The error code of a response, None if it is a result."""
    try:
        return outline(data.decode()).failed
    except (WireError, UnicodeDecodeError):
        return None


def _status(data: bytes, statuses: Mapping[int, int]) -> int:
    if not statuses or b'"error"' not in data[:4096] + data[-4096:]:
        return 200
    code = failed(data)
    return 200 if code is None else statuses.get(code, 200)


async def stream(
    caller: Caller, outbox: Outbox, count: int | None, headers: Mapping[str, str], first: Item | None = None
) -> web.StreamResponse:
    """An event stream of an outbox, until `count` requests are answered (None: until it ends)."""
    opened = await caller.open(200, {**answers.STREAM_HEADERS, **headers})
    item = first
    while True:
        if item is not None:
            await opened.send(Frame(written(item.data), item.data, is_response=item.is_last))
            count = count - 1 if count is not None and item.is_last else count
        if count == 0:
            return opened.response
        try:
            async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                item = await outbox.get()
            if item is None:
                return opened.response
        except TimeoutError:
            await opened.send(Frame(KEEP_ALIVE))
            item = None
