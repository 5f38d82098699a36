"""Messages that the shield itself writes: refusals and errors. They carry an id, a code and plain words. No I/O."""

import re

from .. import jsontext
from ..errors import ShieldError
from .exchange import Envelope, Request

REFUSED, BLOCKED, GONE = -32050, -32051, -32052
"""JSON-RPC error codes: refused by policy, blocked because it could not be checked, the server is gone."""


def refusal(head: Envelope, request: Request, error: ShieldError) -> str:
    """The answer to a request that may not go on. A tool call fails as a tool, so that the model can read why."""
    text = f"pii_shield refused this call ({error.code}): {error}. Nothing was sent to the server.{_for_human(error)}"
    if request.method != "tools/call":
        return _error(head.id, REFUSED, text)
    result: dict[str, object] = {"content": [{"type": "text", "text": text}], "isError": True}
    if request.is_modern:
        result["resultType"] = "complete"
    return f'{{"jsonrpc":"2.0","id":{head.id},"result":{jsontext.dumps(result)}}}'


def blocked(raw_id: str | None, error: ShieldError) -> str:
    """An error in place of a message that could not be made safe; holds nothing of it."""
    text = f"pii_shield blocked a message that could not be checked for personal data ({error.code}): {error}."
    return _error(raw_id, BLOCKED, text + _for_human(error))


def gone(raw_id: str) -> str:
    """The answer to a request that the server will never answer."""
    return _error(raw_id, GONE, "the MCP server ended before it answered")


def _for_human(error: ShieldError) -> str:
    return f" For the human: {error.fix}." if error.fix else ""


def _error(raw_id: str | None, code: int, text: str) -> str:
    return f'{{"jsonrpc":"2.0","id":{raw_id},"error":{{"code":{code},"message":{jsontext.quote(text)}}}}}'


_ID = re.compile(r'"id"\s*:\s*("(?:[^"\\]|\\.){0,200}"|-?\d{1,40})')


def ids_in(fragment: str) -> list[str]:
    """Raw ids that a fragment of an unreadable message may carry."""
    return [match[1] for match in _ID.finditer(fragment)]
