"""Opaque strings of a server on their way through a client: task ids, request states. No I/O.

Whoever brings one back may have changed it, or got it elsewhere. So each says whose it is, and proves that we said so:
a MAC over the principal, the kind, the server and the string. Nothing is stored, so any worker can read what another
one wrote.
"""

import base64
import hmac
import json
from typing import NamedTuple

_MARK = "ps1"
_MAC_BYTES = 15


class Handles:
    """Those of one principal.

    Args:
        key: 32 bytes, the same in every worker.
        principal: whose they are; another one's are nobody's.
    """

    def __init__(self, key: bytes, principal: str) -> None:
        self._key = key
        self._principal = principal

    def wrap(self, kind: str, server: str, text: str) -> str:
        """The handle of a string. The same for the same, so that a task has one id."""
        return f"{_MARK}.{self._mac(kind, server, text)}.{server}:{text}"

    def unwrap(self, kind: str, handle: str) -> "Held | None":
        """What is in a handle; None if we never made it for this principal and kind."""
        mark, _, rest = handle.partition(".")
        mac, _, rest = rest.partition(".")
        server, separator, text = rest.partition(":")
        if mark != _MARK or not separator:
            return None
        is_ours = hmac.compare_digest(mac.encode("utf-8", "replace"), self._mac(kind, server, text).encode())
        return Held(server, text) if is_ours else None

    def _mac(self, kind: str, server: str, text: str) -> str:
        said = json.dumps([self._principal, kind, server, text]).encode()
        return base64.urlsafe_b64encode(hmac.digest(self._key, said, "sha256")[:_MAC_BYTES]).decode()


class Held(NamedTuple):
    """A server's string."""

    server: str
    text: str
