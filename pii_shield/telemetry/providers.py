"""Whom OpenTelemetry's spans and metrics go to: a collector of the configuration, or what the application set up."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from .. import __version__
from .meters import Meters
from .spans import Spans

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

    from ..otlp import Otlp

NAME: Final = "pii_shield"
TIMEOUT: Final = 5.0
"""Seconds for one export."""
END_SECONDS: Final = 2.0
"""That an ending process waits for the last export."""


class Telemetry:
    """A tracer and meters. Thread-safe.

    Args:
        end: brings out what waits, and ends the providers if they are ours.
    """

    def __init__(
        self, tracers: "TracerProvider", meters: "MeterProvider", end: Callable[[], None] | None = None
    ) -> None:
        self.meters = Meters(meters.get_meter(NAME, __version__))
        self.spans = Spans(tracers.get_tracer(NAME, __version__), self.meters)
        self._end = end

    def close(self) -> None:
        """Bring out what waits; a collector that does not answer is not waited for."""
        end, self._end = self._end, None
        if end is not None:
            thread = threading.Thread(target=end, name="telemetry", daemon=True)
            thread.start()
            thread.join(END_SECONDS)


def application() -> Telemetry:
    """What the program that uses this library has set up for all its parts."""
    from opentelemetry import metrics, trace

    return Telemetry(trace.get_tracer_provider(), metrics.get_meter_provider())


def otlp(to: "Otlp") -> Telemetry:
    """Providers of our own, which send to a collector. OTEL_* variables say what the configuration does not."""
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    headers = {name: text.reveal() for name, text in to.headers.items()}
    resource = Resource.create({"service.name": "pii-shield", "service.version": __version__})
    tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
    spans = OTLPSpanExporter(f"{to.url}/v1/traces", headers=headers, timeout=TIMEOUT)
    tracers.add_span_processor(BatchSpanProcessor(spans))
    numbers = OTLPMetricExporter(f"{to.url}/v1/metrics", headers=headers, timeout=TIMEOUT)
    reader = PeriodicExportingMetricReader(numbers)
    meters = MeterProvider([reader], resource=resource, shutdown_on_exit=False)

    def end() -> None:
        tracers.shutdown()
        meters.shutdown()

    return Telemetry(tracers, meters, end)
