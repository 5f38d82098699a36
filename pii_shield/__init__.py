"""pii_shield: the privacy layer between an AI agent and its MCP servers.

The model sees tokens, the tools get the values. Importing this package imports nothing else:
`pii-shield run` is started once per server at every client start, and each import would be paid there.

    from pii_shield import shield                   # one transport:   Client(shield(stdio_client(params)))
    import pii_shield; pii_shield.instrument()      # every session of this process, whatever framework opens it
    pii_shield.shield_config({"mcpServers": ...})   # a configuration that starts its servers behind the shield
    pii_shield.PiiShield()                          # protect and release by hand, in a loop of your own
    pii_shield.reveal(text)                         # for the person at the screen
"""

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .client.instrument import instrument as instrument
    from .client.instrument import uninstrument as uninstrument
    from .client.servers import shield_config as shield_config
    from .client.standing import reveal as reveal
    from .client.standing import reveal_stream as reveal_stream
    from .client.transport import shield as shield
    from .client.values import PiiShield as PiiShield
    from .errors import ConfigError as ConfigError
    from .errors import PolicyDenied as PolicyDenied
    from .errors import ShieldError as ShieldError
    from .errors import UnknownToken as UnknownToken

_HOMES = {
    "ConfigError": "errors",
    "PiiShield": "client.values",
    "PolicyDenied": "errors",
    "ShieldError": "errors",
    "UnknownToken": "errors",
    "instrument": "client.instrument",
    "reveal": "client.standing",
    "reveal_stream": "client.standing",
    "shield": "client.transport",
    "shield_config": "client.servers",
    "uninstrument": "client.instrument",
}
"""Where each public name comes from, at its first use."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
