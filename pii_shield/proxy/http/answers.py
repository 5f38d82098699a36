"""What we say over HTTP ourselves."""

from collections.abc import Mapping, Sequence

from aiohttp import web

from ... import jsontext
from ...errors import WireError
from ...wire.answers import GONE
from ...wire.exchange import envelope

INVALID = -32600
STREAM_HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",  # proxies like nginx would hold events back
}


def error(
    status: int, text: str, /, *, code: int = INVALID, id: str = "null", headers: Mapping[str, str] = {}
) -> web.Response:
    """A JSON-RPC error of ours; `id` is the raw id of the request that it answers."""
    return json_response(failure(id, text, code), status, headers)


def json_response(body: bytes, status: int = 200, headers: Mapping[str, str] = {}) -> web.Response:
    """One message, or a batch."""
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)


def several(messages: Sequence[bytes], is_batch: bool) -> bytes:
    """The body of an answer with these messages."""
    return b"[" + b",".join(messages) + b"]" if is_batch else messages[0]


def failures(body: bytes, text: str) -> list[bytes]:
    """An error for each request in a client's body: nobody waits for ever for a server that cannot be asked."""
    try:
        parsed = jsontext.loads(body.decode())
    except (UnicodeDecodeError, WireError):
        return []
    heads = map(envelope, parsed if isinstance(parsed, list) else [parsed])
    return [failure(head.id, text) for head in heads if head.id is not None and head.method]


def failure(raw_id: str, text: str, code: int = GONE) -> bytes:
    """An error for one request."""
    message = f'{{"jsonrpc":"2.0","id":{raw_id},"error":{{"code":{code},"message":{jsontext.quote(text)}}}}}'
    return message.encode()


def is_batch(body: bytes) -> bool:
    """Whether a body holds a JSON array."""
    return body.lstrip()[:1] == b"["
