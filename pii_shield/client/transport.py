"""`shield(transport)`: any MCP transport with the shield in it, for mcp 1.x and 2.x."""

import uuid
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any

import anyio.to_thread

from ..assemble import UNNAMED
from .destination import Destination, of_transport
from .standing import standing
from .streams import Reader, Wire
from .values import PiiShield


def shield(
    transport: AbstractAsyncContextManager[Any], *, name: str = "", using: PiiShield | None = None
) -> "ShieldedTransport":
    """Put the shield into a transport. What comes out of it holds tokens, what goes in gets its values back.

        async with Client(shield(stdio_client(params))) as client: ...          # mcp 2.x
        async with shield(stdio_client(params)) as streams, ClientSession(*streams) as session: ...

    Args:
        transport: an async context manager that gives (read, write), or more, as mcp's transports do.
        name: what the server is called in configuration and records; default: its package, program or host.
        using: settings, vault and scope; default: yours.

    Raises:
        ConfigError: the configuration is wrong.
    """
    own = of_transport(transport)
    destination = own._replace(name=name or own.name) if own else Destination(name or unnamed())
    return ShieldedTransport(transport, destination, using or standing())


def unnamed() -> str:
    """A name for a session whose server nobody can tell: of its own, since two of them may be two servers."""
    return f"{UNNAMED}{uuid.uuid4().hex[:12]}"


def wire(read: Any, write: Any, destination: Destination, using: PiiShield | None) -> Wire:
    """The shield between a transport's streams and a session's."""
    return Wire(read, write, (using or standing()).conversation(destination.name, destination.identity))


class ShieldedTransport(AbstractAsyncContextManager[Any]):
    """A transport with the shield in it, to be entered once."""

    def __init__(self, transport: AbstractAsyncContextManager[Any], destination: Destination, using: PiiShield) -> None:
        self._transport = transport
        self._destination = destination
        self._using = using
        self._wire: Wire | None = None

    async def __aenter__(self) -> tuple[Any, ...]:
        await anyio.to_thread.run_sync(self._using.wait)  # rather a clear error now than a blocked message later
        read, write, *others = await self._transport.__aenter__()
        if isinstance(read, Reader):
            return (read, write, *others)  # shielded already
        self._wire = wire(read, write, self._destination, self._using)
        await self._wire.start()
        return (self._wire.reader, self._wire.writer, *others)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        try:
            if self._wire is not None:
                await self._wire.stop()
        finally:
            handled = await self._transport.__aexit__(kind, error, trace)
        return handled
