"""The SDK's messages as JSON text and back, for mcp 1.x and 2.x alike. No I/O.

mcp 1.x wraps each message in a model with a `root`, 2.x does not; beyond that both have the same four classes.
"""

import dataclasses
import json
from typing import Any

from .. import jsontext
from ..wire import headers as wire_headers

SessionMessage = Any
"""`mcp.shared.message.SessionMessage`: `message` and `metadata`."""


def text_of(item: SessionMessage) -> bytes:
    """The JSON of a message. One that cannot be written gives broken JSON that still names its id."""
    message = getattr(item.message, "root", item.message)
    try:
        return str(message.model_dump_json(by_alias=True, exclude_unset=True)).encode()
    except ValueError:  # lone surrogates
        return f'{{"id":{json.dumps(getattr(message, "id", None))}'.encode()


def changed(item: SessionMessage, text: bytes) -> SessionMessage:
    """The same item with another message in it."""
    return dataclasses.replace(item, message=_message(text))


def new(text: bytes) -> SessionMessage:
    """An item of our own."""
    from mcp.shared.message import SessionMessage

    return SessionMessage(message=_message(text))


def _message(text: bytes) -> Any:
    from mcp import types

    tree = json.loads(text)
    message = getattr(types, _class_name(tree)).model_validate(tree)
    wrapper: Any = types.JSONRPCMessage
    return wrapper(message) if hasattr(wrapper, "model_validate") else message


def _class_name(tree: dict[str, Any]) -> str:
    if "method" in tree:
        return "JSONRPCRequest" if "id" in tree else "JSONRPCNotification"
    return "JSONRPCError" if "error" in tree else "JSONRPCResponse"


def follow(item: SessionMessage, before: bytes) -> SessionMessage:
    """The item with HTTP headers that agree with its message, after a release changed it.

    Args:
        before: the message with tokens.
    """
    headers = getattr(item.metadata, "headers", None)
    if not headers:
        return item
    old, released = jsontext.loads(before.decode()), jsontext.loads(text_of(item).decode())
    followed, _ = wire_headers.follow(list(headers.items()), old, released)
    return dataclasses.replace(item, metadata=dataclasses.replace(item.metadata, headers=dict(followed)))
