"""OpenTelemetry: metrics and spans of what the shield does. Off unless configured; this file is all that loads then."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from ..errors import ConfigError
from ..settings import Config

if TYPE_CHECKING:
    from .providers import Telemetry

_PACKAGES = {"opentelemetry.sdk": "opentelemetry-sdk", "opentelemetry.exporter.otlp.proto.http": "its OTLP exporter"}


def is_on(config: Config) -> bool:
    """Whether anything is told to anybody."""
    return config.otlp is not None or config.application_telemetry


def need(config: Config) -> None:
    """Refuse at once what could not be built later.

    Raises:
        ConfigError: PS334 a package is missing.
    """
    for module, name in _PACKAGES.items() if config.otlp else ():
        if not _is_there(module):
            raise ConfigError(f"[telemetry.otlp] needs {name}", code="PS334", fix='pip install "pii-shield-mcp[otel]"')


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def build(config: Config) -> "Telemetry":
    """What is told to whom. Imports the SDK, if it is ours to set up.

    Raises:
        ConfigError: PS335 the SDK refuses its own settings.
    """
    from . import providers

    try:
        return providers.application() if config.otlp is None else providers.otlp(config.otlp)
    except (ValueError, TypeError, OSError) as error:
        raise ConfigError(
            f"OpenTelemetry cannot be set up: {type(error).__name__}", code="PS335", fix="check its OTEL_* variables"
        ) from None
