"""How long to wait for a server. No I/O.

A server that is only starting gets longer. One that did not answer in time costs every list that long, so the next time
it gets less.
"""

from collections.abc import Callable

FIRST_SECONDS, SECONDS, LESS_SECONDS = 20.0, 8.0, 0.5
FORGIVEN_AFTER = 60.0


class Patience:
    """With the servers of one principal.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._late: dict[str, float] = {}
        self._missed: set[str] = set()
        self._known: set[str] = set()

    def with_(self, server: str) -> float:
        """Seconds to wait."""
        late = self._late.get(server)
        if late is not None and self._clock() - late <= FORGIVEN_AFTER:
            return LESS_SECONDS
        return SECONDS if server in self._known else FIRST_SECONDS

    def answered(self, server: str) -> None:
        """In time."""
        self._known.add(server)
        self._late.pop(server, None)
        self._missed.discard(server)

    def was_late(self, server: str) -> None:
        """Not in time."""
        self._late[server] = self._clock()

    @property
    def missing(self) -> list[str]:
        """Servers that did not answer when they were asked last."""
        return sorted(self._missed)

    def is_news(self, server: str) -> bool:
        """Whether nobody was told yet that it is missing. Once it answers, its next absence is news again."""
        is_first = server not in self._missed
        self._missed.add(server)
        return is_first
