"""Release policy: may this value go there? Pure: decides from arguments alone, reads nothing. No I/O."""

from typing import Final

from .types import TokenRef

_MINT: Final = object()


class Grant:
    """The policy's permission to release one spelling. Only `decide` makes one; a vault opens nothing without it.

    Attributes:
        scope: set of tokens the identity belongs to.
        ref: which identity and spelling.
        server: fingerprinted identity of the destination server.
        rule: which row of the policy allowed it.
    """

    __slots__ = ("ref", "rule", "scope", "server")

    def __init__(self, mint: object, scope: str, ref: TokenRef, server: str, rule: str) -> None:
        if mint is not _MINT:
            raise TypeError("a Grant comes from policy.decide")
        self.scope, self.ref, self.server, self.rule = scope, ref, server, rule
