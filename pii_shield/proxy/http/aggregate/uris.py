"""Whose a resource is. No I/O.

A URI belongs to the server that listed it or linked to it; one that nobody did, to the only server whose templates or
whose scheme it fits. Where that is not clear, to nobody: a server must not see what was meant for another one.
"""

import re
from collections.abc import Iterable

from .names import Names, Owned, of_uri, uri

_EXPRESSION = re.compile(r"\{[^{}]*\}")


class Uris:
    """The resources of all servers."""

    def __init__(self) -> None:
        self._names = Names(uri)
        self._templates = Names(uri)

    def learn(self, server: str, listed: Iterable[str]) -> None:
        """The resources that a server lists."""
        self._names.learn(server, listed)

    def learn_templates(self, server: str, templates: Iterable[str]) -> None:
        """The templates that a server lists."""
        self._templates.learn(server, templates)

    def link(self, server: str, text: str) -> str:
        """A server's result names a resource; what a client calls it."""
        self._names.link(server, text)
        return self.shown(server, text)

    def shown(self, server: str, text: str) -> str:
        """What a client calls a resource."""
        return self._names.shown(server, text) or uri(Owned(server, text))

    def shown_template(self, server: str, text: str) -> str:
        """What a client calls a template."""
        return self._templates.shown(server, text) or uri(Owned(server, text))

    def owner(self, text: str, servers: Iterable[str]) -> Owned | None:
        """What a client means, among these servers."""
        servers = tuple(servers)
        named = of_uri(text)
        if named is not None and named.server in servers:
            return named
        owned = self._names.owner(text) or self._templates.owner(text)
        if owned is not None:
            return owned if owned.server in servers else None
        if self._names.offering(text) or self._templates.offering(text):
            return None
        for fits in (self._fits_template, self._fits_scheme):
            found = [server for server in servers if fits(server, text)]
            if found:
                return Owned(found[0], text) if len(found) == 1 else None
        return Owned(servers[0], text) if len(servers) == 1 else None

    def _fits_template(self, server: str, text: str) -> bool:
        return any(matches(template, text) for template in self._templates.of(server))

    def _fits_scheme(self, server: str, text: str) -> bool:
        scheme = text.partition(":")[0].lower()
        known = (*self._names.of(server), *self._templates.of(server))
        return any(known_uri.partition(":")[0].lower() == scheme for known_uri in known)


def matches(template: str, text: str) -> bool:
    """Whether a URI can be one of a template's (RFC 6570). Only what stands between the expressions is compared, in
    linear time: a server writes the template."""
    first, *rest = _EXPRESSION.split(template)
    if not rest:
        return text == first
    *middle, last = rest
    at = len(first)
    end = len(text) - len(last)
    if not text.startswith(first) or not text.endswith(last):
        return False
    for part in middle:
        at = text.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return at <= end
