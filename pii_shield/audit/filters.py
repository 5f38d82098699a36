"""Which rows of a log somebody wants to see. No I/O."""

from typing import Any, NamedTuple


class Filter(NamedTuple):
    """Which rows; "" and empty sets mean any.

    Attributes:
        since, until: RFC 3339 times as the log writes them; until is exclusive.
        servers: names with or without their fingerprint.
        types: types of rows, or entity types in them.
        direction: "in" or "out".
    """

    since: str = ""
    until: str = ""
    servers: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    direction: str = ""
    tool: str = ""
    token: str = ""

    def passes(self, row: dict[str, Any]) -> bool:
        """Whether a row is one of them."""
        server = str(row.get("server", ""))
        return (
            (not self.since or str(row.get("at", "")) >= self.since)
            and (not self.until or str(row.get("at", "")) < self.until)
            and (not self.servers or server in self.servers or server.partition("#")[0] in self.servers)
            and (not self.types or not self.types.isdisjoint(kinds_of(row)))
            and (not self.direction or row.get("direction") == self.direction)
            and (not self.tool or row.get("tool") == self.tool)
            and (not self.token or self.token in tokens_of(row))
        )


def kinds_of(row: dict[str, Any]) -> set[str]:
    """The type of a row and the entity types in it."""
    return {str(row.get("type")), *row.get("counts", ()), *(item["type"] for item in row.get("items", ()))}


def tokens_of(row: dict[str, Any]) -> set[str]:
    """The ids of tokens in a row, without the number of their spelling."""
    found = [*row.get("tokens", ()), *(item["token"] for item in row.get("items", ())), row.get("token", "")]
    return {token.partition("~")[0] for token in found if token}
