"""Sessions of 2025-11-25 and before: each bound to its principal. No I/O.

The ids are ours, random, and say nothing: a server's own id may be guessable, may hold a value, and may be another
server's too.
"""

import secrets
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from .auth import Principal

T = TypeVar("T")

MAX_ALIASES = 1024
"""Event ids of a session that are kept back; the oldest go first."""


class Session(Generic[T]):
    """One client's session with one server.

    Attributes:
        id: what the client calls it.
        content: what there is to it: a conversation, a place at a process.
        upstream_id: what the server calls it; "" on stdio.
        streams: open event streams. A session with one is not idle.
    """

    __slots__ = ("_aliases", "content", "id", "last_used", "principal", "streams", "upstream_id")

    def __init__(self, prefix: str, principal: Principal, content: T, upstream_id: str, now: float) -> None:
        self.id = prefix + secrets.token_hex(16)
        self.principal = principal
        self.content = content
        self.upstream_id = upstream_id
        self.last_used = now
        self.streams = 0
        self._aliases: dict[bytes, bytes] = {}

    def alias(self, event_id: bytes) -> bytes:
        """A name for an event id that the client must not see."""
        alias = b"ps-" + secrets.token_hex(8).encode()
        self._aliases[alias] = event_id
        if len(self._aliases) > MAX_ALIASES:
            del self._aliases[next(iter(self._aliases))]
        return alias

    def event_id(self, said: str) -> str:
        """The server's own event id behind what the client says."""
        real = self._aliases.get(said.encode("utf-8", "replace"))
        return said if real is None else real.decode("utf-8", "replace")


class Sessions(Generic[T]):
    """The open sessions with one server.

    Args:
        clock: seconds, monotonic.
        idle: seconds without a request or stream after which a session ends.
        limit: sessions of one principal; the longest unused one gives way.
        prefix: what their ids begin with, which says whose they are among several workers.
        count: is told of each that begins (1) and ends (-1).
    """

    def __init__(
        self,
        clock: Callable[[], float],
        idle: float,
        limit: int,
        prefix: str = "",
        count: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._count = count
        self._prefix = prefix
        self._clock = clock
        self.idle = idle
        self._limit = limit
        self._sessions: dict[str, Session[T]] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    def __iter__(self) -> Iterator[Session[T]]:
        return iter(list(self._sessions.values()))

    def open(self, principal: Principal, content: T, upstream_id: str = "") -> tuple[Session[T], list[Session[T]]]:
        """A new session, and those that had to give way to it."""
        session = Session(self._prefix, principal, content, upstream_id, self._clock())
        self._sessions[session.id] = session
        self._count(1)
        own = [s for s in self._sessions.values() if s.principal == principal]
        ended = sorted(own, key=lambda s: (s.streams > 0, s.last_used))[: max(0, len(own) - self._limit)]
        ended = [s for s in ended if s is not session]
        for old in ended:
            self.close(old)
        return session, ended

    def find(self, session_id: str, principal: Principal) -> Session[T] | None:
        """The session, if it is this principal's."""
        session = self._sessions.get(session_id)
        if session is None or session.principal != principal:
            return None
        session.last_used = self._clock()
        return session

    def close(self, session: Session[T]) -> None:
        """Forget it; a second time is fine."""
        if self._sessions.pop(session.id, None) is not None:
            self._count(-1)

    def expire(self) -> list[Session[T]]:
        """End those that are idle; returns them."""
        horizon = self._clock() - self.idle
        ended = [s for s in self._sessions.values() if not s.streams and s.last_used < horizon]
        for session in ended:
            self.close(session)
        return ended
