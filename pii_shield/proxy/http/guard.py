"""What a request must say of itself before anything looks inside: Host and Origin that are ours. No I/O.

A page in a browser can make a name of its own resolve to the loopback (DNS rebinding) and then talk to us as if it were
the same site. It cannot lie about Host and Origin.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_loopback(host: str) -> bool:
    """Whether an address to listen on can be reached from this machine only."""
    return host in LOOPBACK or (host.startswith("127.") and host.replace(".", "").isdigit())


class Guard:
    """Knows our names.

    Args:
        host: the address that we listen on.
        names: further names that clients may call us by; "*" for any.
    """

    def __init__(self, host: str, names: Iterable[str] = ()) -> None:
        self._names = frozenset({*LOOPBACK, host, *(name.lower() for name in names)})

    def objection(self, host: str | None, origin: str | None) -> str:
        """Why a request is refused, "" if it is not."""
        if "*" in self._names:
            return ""
        if host is None or _name(f"//{host}") not in self._names:
            return "Host is not a name of this server"
        if origin is not None and (not origin.startswith(("http://", "https://")) or _name(origin) not in self._names):
            return "Origin is not a name of this server"
        return ""


def _name(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
