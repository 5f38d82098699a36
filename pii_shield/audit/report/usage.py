"""Whether values that a tool gave out were ever needed: followed token by token, in bounded memory. No I/O.

Ids of tokens are random, so those below a limit are a fair sample of all. With more tokens than fit the limit is
halved, and what is then counted is a share that stands for the whole.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

MAX_TOKENS: Final = 20_000
"""Tokens that are followed at most."""
_ALL: Final = "~"

Place = tuple[str, str, str]
"""Server, tool, entity type."""


class Use(NamedTuple):
    """What became of the distinct values of one type at one tool.

    Attributes:
        all: how many were followed.
        later: how many were asked for (given out), or seen again (released).
    """

    all: int
    later: int


class Usage:
    """Follows tokens through the rows, which must come in their order.

    Attributes:
        share: which share of all tokens is followed.
    """

    def __init__(self, most: int = MAX_TOKENS) -> None:
        self._most = most
        self._limit = _ALL
        self.share = 1.0
        # Token -> (places that gave it out -> asked for since, places it was released to -> seen since).
        self._tokens: dict[str, tuple[dict[Place, bool], dict[Place, bool]]] = {}

    def given(self, server: str, tool: str, counts: dict[str, int], tokens: Sequence[str]) -> None:
        """A tool's answer held these tokens, type by type."""
        limit = self._limit
        picked = [at for at, token in enumerate(tokens) if token < limit]
        if not picked:
            return
        types = [kind for kind, count in counts.items() for _ in range(min(count, len(tokens)))]
        for at in picked:
            if at < len(types):
                sources, places = self._record(tokens[at].partition("~")[0])
                _mark(places)
                sources.setdefault((server, tool, types[at]), False)
        self._shrink()

    def asked(self, server: str, tool: str, items: Iterable[tuple[str, str]], *, released: bool) -> None:
        """Tokens (with their types) were to go to a tool, and were released to it or not."""
        limit = self._limit
        picked = {token.partition("~")[0]: kind for token, kind in items if token < limit}
        for token, kind in picked.items():
            sources, places = self._record(token)
            _mark(sources)
            _mark(places)
            if released:
                places.setdefault((server, tool, kind), False)
        if picked:
            self._shrink()

    def given_out(self) -> dict[Place, Use]:
        """Values that tools gave out, and how many of them any call asked for later."""
        return _summed(sources for sources, _ in self._tokens.values())

    def released(self) -> dict[Place, Use]:
        """Values that were released to tools, and how many of them were ever seen again."""
        return _summed(places for _, places in self._tokens.values())

    def _record(self, token: str) -> tuple[dict[Place, bool], dict[Place, bool]]:
        record = self._tokens.get(token)
        if record is None:
            record = self._tokens[token] = ({}, {})
        return record

    def _shrink(self) -> None:
        while len(self._tokens) > self._most:
            many = len(self._tokens)
            self._limit = sorted(self._tokens)[many // 2]
            self._tokens = {token: record for token, record in self._tokens.items() if token < self._limit}
            self.share *= len(self._tokens) / many


def _mark(places: dict[Place, bool]) -> None:
    for place in places:
        places[place] = True


def _summed(records: Iterable[dict[Place, bool]]) -> dict[Place, Use]:
    sums: dict[Place, list[int]] = {}
    for record in records:
        for place, later in record.items():
            both = sums.setdefault(place, [0, 0])
            both[0] += 1
            both[1] += later
    return {place: Use(*both) for place, both in sums.items()}
