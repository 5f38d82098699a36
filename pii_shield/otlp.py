"""Where OpenTelemetry goes, as the configuration says it. No I/O."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from . import reading
from .types import Secret


class Otlp(NamedTuple):
    """A collector that takes OTLP over HTTP.

    Attributes:
        url: without /v1/traces and /v1/metrics.
        headers: never shown.
    """

    url: str
    headers: Mapping[str, Secret] = {}

    def resolved(self, environ: Mapping[str, str]) -> "Otlp":
        """With what its headers take from the environment; ValueError if that is not there."""
        return self._replace(headers=reading.filled(self.headers, environ))


def read(value: Any) -> Otlp:
    """The table [telemetry.otlp]; ValueError says what is wrong with it."""
    if not isinstance(value, dict) or not value.keys() <= {"url", "headers"} or "url" not in value:
        raise ValueError("must be a table with url, and headers if the collector wants some")
    return Otlp(_url(value["url"]), reading.headers(value.get("headers", {})))


def _url(value: Any) -> str:
    from urllib.parse import urlsplit

    url = reading.text(value)
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine or parts.username or parts.query or parts.fragment or not url.isprintable():
        raise ValueError("url must be http or https, without user, query and fragment: http://127.0.0.1:4318")
    return url.rstrip("/")
