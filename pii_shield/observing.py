"""`mode = "observe"`: what a server says is searched and recorded, and passes as it came. Ends by itself."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final

from .settings import Config, Server
from .vault.base import DAY, Vault

OBSERVE_DAYS: Final = 14
"""Days after which an observed server is protected again."""
MODE: Final = "observe"
_FIRST_USE: Final = "first day of observing "
_EPOCH: Final = date(1970, 1, 1)


def never() -> str:
    """Of a server that is protected."""
    return ""


def either(*reasons: Callable[[], str]) -> Callable[[], str]:
    """The first of several reasons why messages pass unchanged; "" if there is none."""
    return lambda: next(filter(None, (reason() for reason in reasons)), "")


def end(server: Server, first: date) -> date:
    """The first day on which a server is protected again, where observing began on the day `first`."""
    return (server.observe_from or first) + timedelta(days=OBSERVE_DAYS)


def observing(config: Config, name: str, store: Vault, clock: Callable[[], float]) -> Callable[[], str]:
    """Says of a server, at any time, until when nothing of it is protected, in words for people; "" if it is.

    A beginning that the configuration does not name is the first use. It is on record in the vault for good, so that
    neither a restart nor another scope begins it anew.

    Args:
        name: of the server in configuration; "" for one that only has the name of another.
        clock: seconds since the epoch.
    """
    said = config.servers.get(name, Server())
    if said.mode != MODE:
        return never
    today = datetime.fromtimestamp(clock(), UTC).date()
    first = said.observe_from or _first_use(store, name, today)
    last = end(said, first)
    begin, over = ((day - _EPOCH).days * DAY for day in (first, last))
    words = f"{name} is OBSERVED until {last}: what it says is recorded and NOT PROTECTED"
    return lambda: words if begin <= clock() < over else ""


def notices(config: Config, today: date) -> list[str]:
    """A sentence for people about each server that the configuration has observed, without asking the vault."""
    return [
        f"{name} is set to be OBSERVED {_until(said, today)}"
        for name, said in sorted(config.servers.items())
        if said.mode == MODE and (said.observe_from is None or today < end(said, today))
    ]


def _until(said: Server, today: date) -> str:
    if said.observe_from is None:
        return f"for {OBSERVE_DAYS} days from its first use: until then it is NOT PROTECTED"
    return f"until {end(said, today)}: until then it is NOT PROTECTED"


def _first_use(store: Vault, name: str, today: date) -> date:
    return date.fromisoformat(store.bind(Config().scope, _FIRST_USE + name, today.isoformat()))
