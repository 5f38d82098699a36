"""What a client's POST holds: which messages, of which era."""

from typing import Any

from ... import jsontext
from ...errors import WireError
from ...wire import headers as wire_headers
from ...wire.renumber import outline
from .caller import Caller

MODERN_ERRORS = (-32020, -32021, -32022)
PARSE_ERROR, INVALID_PARAMS, METHOD_NOT_FOUND, HEADER_MISMATCH = -32700, -32602, -32601, -32020
FIRST_STATELESS = "2026-07-28"
IN_MESSAGE = "message"


def modern_version(caller: Caller, message: Any) -> str:
    """Where a request says that it is stateless, "" if it does not."""
    if wire_headers.version_of(message) >= FIRST_STATELESS:
        return IN_MESSAGE
    return "header" if caller.headers.get("MCP-Protocol-Version", "") >= FIRST_STATELESS else ""


def split(body: bytes) -> list[tuple[bytes, Any]]:
    """The messages of a body, raw and parsed.

    Raises:
        WireError, UnicodeDecodeError: it holds none.
    """
    text = body.decode()
    parsed = jsontext.loads(text)
    if not isinstance(parsed, list):
        outline(text)
        return [(body, parsed)]
    if not parsed:
        raise WireError("a batch without a message", code="PS501")
    ordinals = [node.ordinal for node in jsontext.walk(parsed) if len(node.path) == 1 and not node.is_key]
    where = jsontext.spans(text, frozenset(ordinals))
    return [(text[slice(*where[o])].encode(), message) for o, message in zip(ordinals, parsed, strict=True)]
