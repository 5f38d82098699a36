"""Ids and progress tokens of messages, so that many clients can share one pipe. No I/O.

Each client numbers its requests as it likes. On a shared pipe they get our numbers, and what comes back gets the
client's again. Nothing else in a message changes, not a byte.
"""

from typing import NamedTuple

from ..errors import WireError
from ..jsontext import Patch, patch
from .members import Member, inner, members

SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId"


class Outline(NamedTuple):
    """What a message is, and where its identifiers stand in its text.

    Attributes:
        method: "" for a response.
        id: None for a notification.
        progress: params._meta.progressToken of a request, params.progressToken of a progress notification.
        cancels: params.requestId of a cancellation.
        subscription: the subscription that a notification or result belongs to.
        failed: error code of a response, or None.
    """

    text: str
    method: str
    id: Member | None
    progress: Member | None
    cancels: Member | None
    subscription: Member | None
    failed: int | None

    @property
    def is_request(self) -> bool:
        """Whether somebody waits for an answer to it."""
        return bool(self.method) and self.id is not None

    def raw(self, member: Member | None) -> str:
        """The raw JSON of an identifier, "" if it is not there."""
        return self.text[member.start : member.end] if member else ""

    def replaced(self, *changes: tuple[Member | None, str]) -> str:
        """The text with other raw JSON in place of some identifiers."""
        return patch(self.text, sorted(Patch(m.start, m.end, new) for m, new in changes if m is not None))


def outline(text: str) -> Outline:
    """Read a message.

    Raises:
        WireError: it is no JSON object.
    """
    found = members(text)
    method = found["method"].value if "method" in found else ""
    if not isinstance(method, str):
        raise WireError("a method is not a text", code="PS501")
    raw_id = found.get("id")
    error = found["error"].value if "error" in found else None
    code = error.get("code") if isinstance(error, dict) else None
    is_progress = method == "notifications/progress"
    holder = "params" if method else "result"
    return Outline(
        text,
        method,
        None if raw_id is None or raw_id.value is None else raw_id,
        inner(text, found, *(("params", "progressToken") if is_progress else ("params", "_meta", "progressToken"))),
        inner(text, found, "params", "requestId") if method == "notifications/cancelled" else None,
        inner(text, found, holder, "_meta", SUBSCRIPTION),
        code if isinstance(code, int) else None,
    )


def id_of(message: bytes) -> str:
    """The raw id of a message, "" if it has none."""
    try:
        seen = outline(message.decode())
    except (WireError, UnicodeDecodeError):
        return ""
    return seen.raw(seen.id)


def addressed(message: bytes, raw_id: str) -> bytes:
    """An error that names no request, as the answer to the one it came back for. Other messages stay as they are."""
    try:
        text = message.decode()
        found = members(text)
    except (WireError, UnicodeDecodeError):
        return message
    named = found.get("id")
    if "error" not in found or (named is not None and named.value is not None):
        return message
    if named is not None:
        return patch(text, [Patch(named.start, named.end, raw_id)]).encode()
    error = found["error"]
    return f'{{"jsonrpc":"2.0","id":{raw_id},"error":{text[error.start : error.end]}}}'.encode()
