"""Numbers of what went into the audit log. Labels are entity types, codes and configured names, never more."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter

_COUNTERS: Final = {
    "tokens": ("{token}", "Values that became tokens."),
    "releases": ("{token}", "Tokens that became values."),
    "observed": ("{value}", "Values that passed as they are, since their server is observed."),
    "denials": ("{message}", "Messages that the policy refused."),
    "errors": ("{message}", "Messages that were blocked for another reason."),
}
Labels = Mapping[str, str]


class Meters:
    """The instruments. Thread-safe."""

    def __init__(self, meter: "Meter") -> None:
        self._counters = {
            name: meter.create_counter(f"pii_shield.{name}", unit, about) for name, (unit, about) in _COUNTERS.items()
        }
        self._duration = meter.create_histogram(
            "mcp.server.operation.duration", "s", "From a client's request to the answer that it gets."
        )

    def count(self, name: str, number: int, labels: Labels) -> None:
        """Add to a counter."""
        self._counters[name].add(number, labels)

    def took(self, seconds: float, labels: Labels) -> None:
        """One request."""
        self._duration.record(seconds, labels)
