"""What the aggregate calls the tools, prompts and resources of its servers: their own names, unless two clash. No I/O.

A name that two servers offer belongs to neither: both are shown with their server's name in front, so that no server
can take the place of another one's tool by naming its own the same. And a name that a client was once shown keeps
meaning what it meant then.
"""

import hashlib
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

MAX_NAME = 64
"""Longest name that we make; models' APIs take no longer ones."""
MAX_LINKED = 20_000
"""Names of one server that it does not list."""
MAX_GIVEN = 200_000
"""Names whose meaning is remembered; the oldest go first."""
URI = "mcp-server:///"
"""What the URI of a resource that two servers offer begins with."""
_FOREIGN = re.compile(r"[^A-Za-z0-9_-]")
_SERVER_PART = 24


class Owned(NamedTuple):
    """Something of one server, by the server's own name for it."""

    server: str
    name: str


Prefixed = Callable[[Owned], str]


def tool(owned: Owned) -> str:
    """`server__name`; cut, and told apart by a hash, where that is too long."""
    server = _FOREIGN.sub("_", owned.server)
    full = f"{server}__{owned.name}"
    if len(full) <= MAX_NAME and server == owned.server:
        return full
    mark = "_" + hashlib.sha256("\0".join(owned).encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{server[:_SERVER_PART]}__{owned.name}"[: MAX_NAME - len(mark)] + mark


def uri(owned: Owned) -> str:
    """`mcp-server:///server/` and the URI."""
    return f"{URI}{owned.server}/{owned.name}"


def of_uri(text: str) -> Owned | None:
    """What `uri` made this from; None if it did not."""
    server, separator, own = text.removeprefix(URI).partition("/")
    return Owned(server, own) if text.startswith(URI) and separator else None


def assign(own: Mapping[str, Iterable[str]], given: Mapping[str, Owned], prefixed: Prefixed) -> dict[Owned, str]:
    """How each is shown. Left out is what could not be told apart.

    Args:
        own: each server's names.
        given: what names mean that were shown before.
    """
    owners: dict[str, list[Owned]] = {}
    for server, names in own.items():
        for name in dict.fromkeys(names):
            owners.setdefault(name, []).append(Owned(server, name))
    clashing = {n for n, who in owners.items() if len(who) > 1 or given.get(n, who[0]) != who[0] or n.startswith(URI)}
    shown: dict[Owned, str] = {}
    left = list(clashing)
    while left:
        for owned in owners[left.pop()]:
            text = shown[owned] = prefixed(owned)
            if text in owners and text not in clashing:  # a server's own name is what we made for another one's
                clashing.add(text)
                left.append(text)
    shown |= {owned: owned.name for name, who in owners.items() if name not in clashing for owned in who}
    counts = Counter(shown.values())
    return {o: text for o, text in shown.items() if counts[text] == 1 and given.get(text, o) == o}


class Names:
    """The names of one kind. Thread-safe: long lists are read beside the event loop."""

    def __init__(self, prefixed: Prefixed) -> None:
        self._lock = threading.RLock()
        self._prefixed = prefixed
        self._listed: dict[str, tuple[str, ...]] = {}
        self._linked: dict[str, dict[str, None]] = {}
        self._given: dict[str, Owned] = {}
        self._shown: dict[Owned, str] = {}
        self._meant: dict[str, Owned] = {}

    def learn(self, server: str, names: Iterable[str]) -> None:
        """What a server lists now. A server that does not answer keeps the names it had."""
        names = tuple(names)
        with self._lock:
            if self._listed.get(server) != names:
                self._listed[server] = names
                self._assign()

    def link(self, server: str, name: str) -> None:
        """A server named something that it does not list. That takes no name away from who has it."""
        owned = Owned(server, name)
        with self._lock:
            if owned in self._shown:
                return
            linked = self._linked.setdefault(server, {})
            linked[name] = None
            self._place(owned)
            if len(linked) > MAX_LINKED:
                self._drop(Owned(server, next(iter(linked))))

    def _place(self, owned: Owned) -> None:
        name = owned.name
        is_free = name not in self._meant and self._given.get(name, owned) == owned and not name.startswith(URI)
        text = name if is_free else self._prefixed(owned)
        if self._meant.get(text, owned) == owned and owned not in self._shown:
            self._shown[owned] = text
            self._meant[text] = owned

    def _drop(self, owned: Owned) -> None:
        del self._linked[owned.server][owned.name]
        if owned.name not in self._listed.get(owned.server, ()):
            self._meant.pop(self._shown.pop(owned, ""), None)

    def _assign(self) -> None:
        listed = {server: self._listed[server] for server in sorted(self._listed)}
        self._shown = assign(listed, self._given, self._prefixed)
        self._meant = {text: owned for owned, text in self._shown.items()}
        for server, names in self._linked.items():
            for name in names:
                self._place(Owned(server, name))

    def shown(self, server: str, name: str) -> str | None:
        """What a client calls it from now on; None: nothing, it must not be shown."""
        owned = Owned(server, name)
        with self._lock:
            text = self._shown.get(owned)
            if text is not None and text not in self._given:
                self._given[text] = owned
                if len(self._given) > MAX_GIVEN:
                    del self._given[next(iter(self._given))]
            return text

    def owner(self, text: str) -> Owned | None:
        """What a client means."""
        return self._given.get(text) or self._meant.get(text)

    def offering(self, name: str) -> list[str]:
        """How those are shown that servers call by a name which clashes."""
        with self._lock:
            return [text for owned, text in self._shown.items() if owned.name == name]

    def of(self, server: str) -> tuple[str, ...]:
        """A server's own names."""
        with self._lock:
            return (*self._listed.get(server, ()), *self._linked.get(server, ()))
