"""`instrument()`: the shield in every MCP session of this process, for frameworks that open their sessions themselves.

Two places of the SDK are changed and put back exactly. Its transport functions tell which server a session talks to;
frameworks have imported them by name, so it is the function inside their decorator that is exchanged. What comes to a
`ClientSession` without a shield (streams made elsewhere, a server in the same process) gets one there.
"""

import functools
import inspect
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from importlib import import_module
from types import CellType
from typing import Any, Final

from ..errors import ConfigError
from .destination import Destination
from .dispatch import ShieldedDispatcher
from .standing import standing
from .streams import Reader
from .transport import shield, unnamed, wire
from .values import PiiShield

_LOCK: Final = threading.Lock()
_UNDO: Final[list[Callable[[], None]]] = []
_TRANSPORTS: Final = (
    ("mcp.client.stdio", "stdio_client"),
    ("mcp.client.streamable_http", "streamable_http_client"),
    ("mcp.client.streamable_http", "streamablehttp_client"),
    ("mcp.client.sse", "sse_client"),
    ("mcp.client.websocket", "websocket_client"),
)


def instrument(using: PiiShield | None = None) -> None:
    """Put the shield into every MCP client session that is opened from now on. A second call changes nothing.

        import pii_shield
        pii_shield.instrument()     # LangChain, CrewAI, pydantic-ai, OpenAI Agents, ADK, LlamaIndex, fastmcp, ...

    Servers are called as `pii-shield run` would call them. A session over streams of unknown making, or with a
    server in the same process that cannot be told, is a server of its own: its values go back to it alone.

    Args:
        using: settings, vault and scope; default: yours.

    Raises:
        ConfigError: the configuration is wrong, or there is no `mcp`.
    """
    with _LOCK:
        if not _UNDO:
            if using is None:
                standing()  # a wrong configuration is told here; a forked process makes its own later
            _UNDO.extend(_patched(_sessions_class(), using))


def uninstrument() -> None:
    """Leave sessions that are opened from now on as they are. Open ones keep their shield."""
    with _LOCK:
        while _UNDO:
            _UNDO.pop()()


def _sessions_class() -> Any:
    try:
        from mcp.client.session import ClientSession
    except ImportError:
        raise ConfigError("there is no mcp to instrument", code="PS326", fix='pip install "mcp>=1.24,<3"') from None
    return ClientSession


def _patched(session: Any, using: PiiShield | None) -> Iterator[Callable[[], None]]:
    yield _attribute(session, "__init__", _session_init(session.__init__, using))
    for module, name in _TRANSPORTS:
        cell = _transport_cell(module, name)
        if cell is not None:
            yield _cell(cell, _transport(cell.cell_contents, using))
    in_process = _connector()
    if in_process is not None:
        module, name = in_process
        yield _attribute(module, name, _in_process(getattr(module, name), using))


def _attribute(owner: Any, name: str, new: Any) -> Callable[[], None]:
    old = vars(owner)[name]
    setattr(owner, name, new)
    return lambda: setattr(owner, name, old)


def _cell(cell: CellType, new: Any) -> Callable[[], None]:
    old = cell.cell_contents

    def undo() -> None:
        cell.cell_contents = old

    cell.cell_contents = new
    return undo


# transports


def _transport_cell(module: str, name: str) -> CellType | None:
    """Where `asynccontextmanager` keeps the function that it decorates; None if this mcp has no such transport."""
    try:
        function = getattr(import_module(module), name, None)
    except ImportError:
        return None  # the websocket transport needs a package that is not there
    while function is not None:
        for cell in function.__closure__ or ():
            if inspect.isasyncgenfunction(cell.cell_contents):
                return cell  # type: ignore[no-any-return]
        function = getattr(function, "__wrapped__", None)
    return None


def _transport(
    original: Callable[..., AsyncIterator[Any]], using: PiiShield | None
) -> Callable[..., AsyncIterator[Any]]:
    opened = asynccontextmanager(original)

    @functools.wraps(original)
    async def shielded(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        async with shield(opened(*args, **kwargs), using=using) as streams:
            yield streams

    return shielded


# sessions


def _session_init(original: Callable[..., None], using: PiiShield | None) -> Callable[..., None]:
    @functools.wraps(original)
    def init(self: Any, read_stream: Any = None, write_stream: Any = None, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("dispatcher") is not None:
            kwargs["dispatcher"] = _shielded(kwargs["dispatcher"], Destination(unnamed()), using)
        elif read_stream is not None and not isinstance(read_stream, Reader):
            between = wire(read_stream, write_stream, Destination(unnamed()), using)
            read_stream, write_stream = between.reader, between.writer
        original(self, read_stream, write_stream, *args, **kwargs)

    return init


def _shielded(dispatcher: Any, destination: Destination, using: PiiShield | None) -> Any:
    """The dispatcher with a shield, in its streams if it has some."""
    read = getattr(dispatcher, "_read_stream", None)
    if isinstance(dispatcher, ShieldedDispatcher) or isinstance(read, Reader):
        return dispatcher
    if read is not None and hasattr(dispatcher, "_write_stream"):
        between = wire(read, dispatcher._write_stream, destination, using)
        dispatcher._read_stream, dispatcher._write_stream = between.reader, between.writer
        return dispatcher
    return ShieldedDispatcher(dispatcher, (using or standing()).conversation(destination.name, destination.identity))


def _connector() -> tuple[Any, str] | None:
    """Where mcp 2.x connects to a server object; None elsewhere: its sessions have no name then."""
    try:
        module = import_module("mcp.client.client")
    except ImportError:
        return None
    return (module, "_connect_inproc") if hasattr(module, "_connect_inproc") else None


def _in_process(original: Callable[[Any], Any], using: PiiShield | None) -> Callable[[Any], Any]:
    @functools.wraps(original)
    def connector(server: Any) -> Any:
        connect = original(server)
        name = getattr(server, "name", None)

        async def shielded(*args: Any) -> Any:
            # A server object is a part of this program: it is who it says it is.
            destination = Destination(name, f"in-process\0{name}") if name else Destination(unnamed())
            return _shielded(await connect(*args), destination, using)

        return shielded

    return connector
