"""Numbers for Prometheus. Labels are configured names and fixed words only, so no value can get into one. No I/O."""

import threading
from collections import Counter

from ... import __version__

HELP = {
    "requests_total": "HTTP requests by server and status.",
    "messages_total": "Messages by server, direction and what became of them.",
    "upstream_errors_total": "Servers that could not be reached, or broke off.",
    "refused_total": "Requests refused before they were read, by reason.",
    "sessions": "Open sessions by server.",
    "streams": "Open event streams by server.",
    "think_seconds_total": "Time spent on messages, by server and direction.",
    "ship_lag_rows": "Rows of the audit log that a receiver has not got yet.",
    "ship_lag_seconds": "Age of the oldest row that a receiver has not got yet.",
}
Labels = tuple[tuple[str, str], ...]


class Metrics:
    """Counters and gauges. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, Counter[Labels]] = {name: Counter() for name in HELP}

    def add(self, metric: str, amount: float = 1, **labels: str) -> None:
        """Count; a gauge goes down with a negative amount."""
        with self._lock:
            self._values[metric][tuple(labels.items())] += amount  # type: ignore[assignment]

    def set(self, metric: str, value: float, **labels: str) -> None:
        """What a gauge stands at."""
        with self._lock:
            self._values[metric][tuple(labels.items())] = value  # type: ignore[assignment]

    def text(self, *, ready: bool) -> str:
        """All numbers in Prometheus' text format."""
        lines = [
            "# TYPE pii_shield_info gauge",
            f'pii_shield_info{{version="{__version__}"}} 1',
            "# TYPE pii_shield_ready gauge",
            f"pii_shield_ready {int(ready)}",
        ]
        with self._lock:
            for name, values in self._values.items():
                kind = "counter" if name.endswith("_total") else "gauge"
                lines += [f"# HELP pii_shield_{name} {HELP[name]}", f"# TYPE pii_shield_{name} {kind}"]
                lines += [f"pii_shield_{name}{_labels(labels)} {value:g}" for labels, value in sorted(values.items())]
        return "\n".join(lines) + "\n"


def _labels(labels: Labels) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels) + "}" if labels else ""
