"""What the rows about changes mean: of the policy, of exemptions, of servers that were switched off. No I/O."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from .collect import Event

_OFF: Final = re.compile(r"off until (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z\Z")
_TUNED: Final = re.compile(r"nothing tuned\Z|\d+ allowed, \d+ denied")


class Off(NamedTuple):
    """A time in which a server was switched off: from when, and until when it was to be."""

    server: str
    begin: str
    end: str


def kind_of(event: Event) -> str:
    """The kind of an event; of rows of type policy: "policy", "tuning" or "off"."""
    if event.kind != "policy":
        return event.kind
    both = (event.what.get("was", ""), event.what.get("now", ""))
    if any(map(_OFF.match, both)):
        return "off"
    return "tuning" if any(map(_TUNED.match, both)) else "policy"


def off_times(events: Iterable[Event]) -> list[Off]:
    """Every time in which a server was off, the last known end of each: people switch on again before it is over."""
    found: list[Off] = []
    running: dict[str, int] = {}
    for event in events:
        if kind_of(event) != "off":
            continue
        server = event.what.get("server", "")
        at = running.pop(server, None)
        if at is not None and event.at < found[at].end:
            found[at] = found[at]._replace(end=event.at)
        until = _OFF.match(event.what.get("now", ""))
        if until:
            running[server] = len(found)
            found.append(Off(server, event.at, f"{until[1]}.000000Z"))
    return found
