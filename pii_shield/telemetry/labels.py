"""The words of metrics and spans: from closed lists, or names that hold no value. No I/O."""

from collections.abc import Mapping
from typing import Any, Final

from ..recorder import UNNAMED as MASKED
from ..recorder import Names
from ..wire.exchange import Request
from ..wire.methods import KNOWN_METHODS, RESULTS

SERVER: Final = "pii_shield.server"
ENTITY: Final = "pii_shield.entity"
UNNAMED: Final = "unnamed"
"""In place of a server's name that is not configured, or not fit to be shown."""
OTHER: Final = "_OTHER"
"""What the conventions have for everything that is in no list."""
_METHODS: Final = KNOWN_METHODS | RESULTS.keys()
_JSONRPC: Final = range(-32_768, -31_999)
"""Codes that JSON-RPC and MCP reserve. All others are a server's own numbers, which could say anything."""


def method(request: Request) -> str:
    """A known method, or `OTHER`."""
    return request.method if request.method in _METHODS else OTHER


def target(request: Request, names: Names) -> dict[str, str]:
    """The tool or prompt of a request, if its name is fit to be shown."""
    params = request.params if isinstance(request.params, dict) else {}
    said = {"gen_ai.tool.name": request.tool, "gen_ai.prompt.name": params.get("name")}
    wanted = {"tools/call": "gen_ai.tool.name", "prompts/get": "gen_ai.prompt.name"}.get(request.method, "")
    name = said.get(wanted)
    fit = names.name(name) if isinstance(name, str) and name else MASKED
    return {} if fit == MASKED else {wanted: fit}


def parent(request: Request) -> Any:
    """`_meta.traceparent` of a request."""
    params = request.params if isinstance(request.params, dict) else {}
    meta = params.get("_meta")
    return meta.get("traceparent") if isinstance(meta, dict) else None


def failure(message: Mapping[str, Any]) -> tuple[str, str]:
    """Kind of failure and JSON-RPC code of an answer; "" and "" for a good one."""
    error, result = message.get("error"), message.get("result")
    if isinstance(error, dict):
        code = _code(error.get("code"))
        return code, code if code != OTHER else ""
    return ("tool_error" if isinstance(result, dict) and result.get("isError") is True else ""), ""


def _code(value: Any) -> str:
    try:
        return str(int(value)) if int(value) in _JSONRPC else OTHER
    except (TypeError, ValueError):
        return OTHER


def server(name: str) -> str:
    """A server's name as the log has it, without its fingerprint."""
    said = name.partition("#")[0]
    return UNNAMED if said in ("", MASKED) else said
