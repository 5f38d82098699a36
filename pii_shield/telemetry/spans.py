"""A span for each request of a client, from its first byte here to its answer, in the words of the MCP conventions.

Its parent is what the client named in `_meta.traceparent`, which goes on unchanged. `tracestate` and `baggage` are
free text of others and not read; ids of requests, arguments, URIs and messages of errors are not told.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from .labels import SERVER
from .meters import Meters

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

PARENT: Final = "traceparent"


class Open:
    """One request that has no answer yet."""

    def __init__(self, span: "Span", method: str, meters: Meters) -> None:
        self._span, self._method, self._meters = span, method, meters
        self._begin = time.monotonic()
        self._counts: Counter[str] = Counter()

    def add(self, name: str, number: int) -> None:
        """Count something that happened on its way."""
        self._counts[name] += number
        self._span.set_attribute(f"pii_shield.{name}", self._counts[name])

    def end(self, server: str, error: str = "", status: str = "") -> None:
        """It is answered.

        Args:
            error: what kind of failure it was; "" if it was none.
            status: JSON-RPC's code, if the server answered with one.
        """
        from opentelemetry.trace import StatusCode

        said = {SERVER: server, **({"error.type": error} if error else {})}
        for key, value in (*said.items(), *((("rpc.response.status_code", status),) if status else ())):
            self._span.set_attribute(key, value)
        if error:
            self._span.set_status(StatusCode.ERROR)
        self._span.end()
        self._meters.took(time.monotonic() - self._begin, {"mcp.method.name": self._method, **said})


class Spans:
    """Makes spans, and knows which one the calling thread works on. Thread-safe."""

    def __init__(self, tracer: "Tracer", meters: Meters) -> None:
        self._tracer, self._meters = tracer, meters
        self._local = threading.local()

    def begin(self, method: str, target: Mapping[str, str], parent: object) -> Open:
        """A request came.

        Args:
            method: a known one.
            target: gen_ai.tool.name and the like, fit to be shown.
            parent: `_meta.traceparent` as the client wrote it.
        """
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        context = TraceContextTextMapPropagator().extract({PARENT: parent}) if isinstance(parent, str) else None
        name = " ".join([method, *(text for key, text in target.items() if key.endswith(".name"))])
        about = {"mcp.method.name": method, **target}
        if "gen_ai.tool.name" in target:
            about["gen_ai.operation.name"] = "execute_tool"
        span = self._tracer.start_span(name, context, SpanKind.SERVER, about)
        return Open(span, method, self._meters)

    @contextmanager
    def at_work(self, on: Open | None) -> Iterator[None]:
        """What is counted in this thread belongs to a request."""
        before, self._local.on = self.current, on
        try:
            yield
        finally:
            self._local.on = before

    @property
    def current(self) -> Open | None:
        """The request that this thread works on."""
        return getattr(self._local, "on", None)
