"""Requests to one HTTP server: our credentials, never the client's, and no redirect is followed."""

from collections.abc import Mapping, Sequence

import aiohttp
from yarl import URL

from ... import __version__
from ...wire.headers import Header
from ..lines import ENDS, MAX_MESSAGE
from .sse import Oversized

CONNECT_SECONDS = 30.0
KEPT_SECONDS = 4.0
"""How long an unused connection is kept: less than servers do, or a request could meet one that is just closing."""
FIELD_BYTES = 64 * 1024
"""Longest header, as it may carry an argument."""
_HOP = "mcp-session-id"
_PASSED = frozenset({"accept", "last-event-id"})
_PREFIX = "mcp-"


class Unusable(Exception):
    """The server answered in a way that must not go on; the text, without values, says how."""


class Link:
    """The connections to one server. Must be made inside the event loop.

    Args:
        url: its endpoint.
        headers: ours for it, credentials among them. They win over the client's.
    """

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._url = URL(url, encoded=True)
        self._headers = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",  # a compressor on the way would hold events back
            "User-Agent": f"pii-shield/{__version__}",
            **headers,
        }
        self._own = frozenset(name.lower() for name in self._headers)
        self._client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_SECONDS),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            max_field_size=FIELD_BYTES,
        )

    def request(
        self,
        method: str,
        headers: Sequence[Header],
        session: str,
        body: bytes | None = None,
        credentials: Mapping[str, str] | None = None,
    ) -> "aiohttp.client._RequestContextManager":
        """Begin a request.

        Args:
            headers: what goes on of the client's, from `passed`.
            session: the server's own session id, or "".
            credentials: of the principal, for this server.
        """
        sent = [(name, value) for name, value in headers if name.lower() not in self._own]
        if session:
            sent.append(("Mcp-Session-Id", session))
        sent += {**self._headers, **(credentials or {})}.items()
        return self._client.request(method, self._url, data=body, headers=sent, allow_redirects=False)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()


def passed(headers: Sequence[Header]) -> list[Header]:
    """What goes on of a client's headers: none of its credentials, cookies, origin or identity."""
    return [(name, value) for name, value in headers if _goes_on(name.lower())]


def _goes_on(name: str) -> bool:
    return name in _PASSED or (name.startswith(_PREFIX) and name != _HOP)


def check(answer: aiohttp.ClientResponse) -> None:
    """Refuse what is an affair between us and the server.

    Raises:
        Unusable: a redirect, or a demand for credentials: a client would take that as said to itself.
    """
    if answer.status in (301, 302, 303, 307, 308):
        raise Unusable("the MCP server redirects; put the address it redirects to into the configuration")
    if answer.status in (401, 407):
        raise Unusable("the MCP server does not accept the credentials in pii_shield's configuration")


async def read(content: aiohttp.StreamReader) -> bytes | Oversized:
    """A whole body, or the ends of one beyond the limit."""
    parts: list[bytes] = []
    size = 0
    head = b""
    while chunk := await content.readany():
        parts.append(chunk)
        size += len(chunk)
        if size > MAX_MESSAGE:
            joined = b"".join(parts)
            head = head or joined[:ENDS]
            parts = [joined[-ENDS:]]
    body = b"".join(parts)
    return Oversized(head, body) if head else body
