"""The bare pass-through pipe: the product's own proxy around a conversation that looks at nothing.

python benchmarks/pipe.py CMD ARGS...
"""

import os
import sys
from typing import NamedTuple

from pii_shield.proxy import stdio


class Forwarded(NamedTuple):
    """Everything as it came."""

    forward: bytes | None
    replies: tuple[bytes, ...] = ()
    notice: str = ""
    is_response: bool = True


class PassThrough:
    """Forwards every line."""

    def from_client(self, line: bytes) -> Forwarded:
        """The line."""
        return Forwarded(line)

    def from_server(self, line: bytes) -> Forwarded:
        """The line."""
        return Forwarded(line)

    def oversized(self, _from_server: bool, _head: bytes, _tail: bytes) -> Forwarded:
        """Nothing."""
        return Forwarded(None)

    def server_gone(self) -> tuple[bytes, ...]:
        """Nothing: it does not know what is open."""
        return ()

    def mask(self, text: str) -> str:
        """The text."""
        return text


if __name__ == "__main__":
    sys.exit(stdio.run(sys.argv[1:], lambda _: PassThrough(), os.environ))
