"""`shield_config`: the servers of a configuration, started behind the shield. Pure: a new object of the same shape.

A server's command line gets the shield's words in front, a remote server is reached by the shield instead. What may
hold a credential (environment, headers, the URL) never comes into a command line: all users of the machine can read it.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from ..errors import ConfigError
from .installers import wrapper

T = TypeVar("T")
_SERVERS: Final = ("mcpServers", "servers", "context_servers")
_URLS: Final = ("url", "serverUrl", "httpUrl")
_REMOTE_ONLY: Final = frozenset((*_URLS, "headers", "type", "transport"))
_STDIO: Final = frozenset(("stdio",))


def shield_config(config: T, *, scope: str = "default", launcher: Sequence[str] = ()) -> T:
    """The same configuration, with every server behind `pii-shield run`. Servers that are already stay as they are.

    Args:
        config: `{"mcpServers": {NAME: SERVER}}` (or `servers`), the inner `{NAME: SERVER}` as LangChain's connections,
            or one `StdioServerParameters`. SERVER has `command` and `args`, or `url` and `headers`.
        scope: the set of tokens that these servers share.
        launcher: the command that starts pii-shield; default: this Python's.

    Raises:
        ConfigError: something in it is no server that could be put behind the shield.
    """
    start = tuple(launcher) or (sys.executable, "-P", "-m", wrapper.MODULE)
    shielded: T = _Rewriting(start, scope).config(config)
    return shielded


class _Rewriting:
    def __init__(self, launcher: tuple[str, ...], scope: str) -> None:
        self._launcher = launcher
        self._scope = scope

    def config(self, config: Any) -> Any:
        if not isinstance(config, Mapping):
            return self._parameters(config)
        key = next((key for key in _SERVERS if isinstance(config.get(key), Mapping)), None)
        if key is None:
            return self._all(config)
        return {**config, key: self._all(config[key])}

    def _all(self, servers: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._server(name, said) for name, said in servers.items()}

    def _server(self, name: str, said: Any) -> Any:
        if not isinstance(said, Mapping):
            return self._parameters(said, name)
        command, args = said.get("command"), said.get("args") or ()
        if isinstance(command, str) and command and not isinstance(args, str):
            argv = self._words(name, (command, *args))
            return {**said, "command": argv[0], "args": argv[1:]}
        url = next((said[key] for key in _URLS if isinstance(said.get(key), str)), None)
        if url is None:
            raise ConfigError(f'server "{name}" has neither a command nor a url', code="PS320")
        return self._remote(name, said, url)

    def _words(self, name: str, argv: tuple[str, ...]) -> list[str]:
        # With --url nothing follows; the wrapper looks for the command behind a "--".
        wrap = wrapper.find((*argv, "--", "") if "--url" in argv and "--" not in argv else argv)
        return list(argv) if wrap and wrap.is_ours else [*wrapper.words(self._launcher, name, self._scope), *argv]

    def _remote(self, name: str, said: Mapping[str, Any], url: str) -> dict[str, Any]:
        """A server on stdio that leads there. Its environment holds what its command line must not."""
        words = list(wrapper.words(self._launcher, name, self._scope)[:-1])
        env = {**(said.get("env") or {}), "MCP_SERVER_URL": url}
        words += ["--url", "${MCP_SERVER_URL}"]
        for header, value in (said.get("headers") or {}).items():
            variable = "MCP_HEADER_" + re.sub(r"[^A-Za-z0-9]", "_", header).upper()
            env[variable] = value
            words += ["--header", f"{header}=${{{variable}}}"]
        kept = {key: value for key, value in said.items() if key not in _REMOTE_ONLY}
        kind = {key: "stdio" for key in ("type", "transport") if key in said}
        return {**kept, **kind, "command": words[0], "args": words[1:], "env": env}

    def _parameters(self, parameters: Any, name: str = "") -> Any:
        """`StdioServerParameters` of any mcp."""
        command, copy = getattr(parameters, "command", None), getattr(parameters, "model_copy", None)
        if not isinstance(command, str) or copy is None:
            raise ConfigError("this is no configuration of MCP servers", code="PS320")
        from ..naming import default_name

        argv = (command, *(parameters.args or ()))
        words = self._words(name or default_name(argv), argv)
        return copy(update={"command": words[0], "args": words[1:]})
