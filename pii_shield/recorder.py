"""What one server's shield has to say, as rows of the audit log: names masked, values nowhere. No I/O of its own."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from .audit.event import MAX_NAME, MAX_TOKENS, bucket, chunks
from .tuning.label import NOTHING
from .types import Path, TokenRef, Value
from .vault.base import Row
from .wire.exchange import Request
from .wire.methods import KNOWN_METHODS, RESULTS

MAX_NAMES: Final = 4096
_METHODS: Final = KNOWN_METHODS | RESULTS.keys()
_RELEASE: Final = re.compile(r"v?[0-9]{1,4}(?:\.[0-9]{1,4}){1,3}\Z")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_$@][A-Za-z0-9_.:/$-]{0,99}\Z")
_LONG_NUMBER: Final = re.compile(r"[0-9]{5}|(?:[0-9][_.:/-]?){8}")
_VERSION: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
MAX_WORDS: Final = 6
UNNAMED: Final = "*"
"""Stands for an array index, and for a name that may be data: not declared, or not shaped like a name."""


class Writer(Protocol):
    """The part of `audit.log.Log` that is used here."""

    def report(self, type_: str, **fields: object) -> None:
        """A row soon."""

    def commit(self, type_: str, **fields: object) -> None:
        """A row now; raises if it is not on disk."""

    def watch(self, what: str, value: str, type_: str, usual: str = "", /, **fields: object) -> None:
        """A row if `what` has another value than last time; the first time, than `usual`."""

    def close(self) -> None:
        """The last row."""


class Names:
    """Names that others chose (tools, argument keys), made fit for the log. Remembers what it has seen.

    Args:
        mask: replaces values in a text by irreversible masks.
    """

    def __init__(self, mask: Callable[[str], str]) -> None:
        self._mask = mask
        self._seen: dict[str, str] = {}

    def forget(self) -> None:
        """New values became known: look again."""
        self._seen.clear()

    def name(self, text: str) -> str:
        """The name, if it looks like one and holds no value."""
        known = self._seen.get(text)
        if known is None:
            if len(self._seen) >= MAX_NAMES:
                self._seen.clear()
            known = self._seen[text] = self._fit(text)
        return known

    def _fit(self, text: str) -> str:
        if not _IDENTIFIER.match(text) or _LONG_NUMBER.search(text):
            return UNNAMED
        return text if self._mask(text) == text else UNNAMED

    def server(self, server: str) -> str:
        """The name of a server with its fingerprint."""
        name, mark, fingerprint = server.partition("#")
        return f"{self.name(name.removeprefix('?'))}{mark}{fingerprint}"

    def pointer(self, path: Path, declared: int) -> str:
        """A JSON pointer of names alone: /to, /people/*/email. So many first steps of it are declared by a schema."""
        steps = [self.name(step) if isinstance(step, str) else UNNAMED for step in path[:declared]]
        steps += [UNNAMED] * (len(path) - declared)
        text = "/" + "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)
        return text if len(text) <= MAX_NAME else text[: MAX_NAME - 1] + UNNAMED


class Item(NamedTuple):
    """One token that is, or is not, released.

    Attributes:
        ref, row: the token and what the vault knows of it.
        to: pointer of the place it would go to.
        whole: whether it is the whole argument.
    """

    ref: TokenRef
    row: Row
    to: str
    whole: bool


class Recorder:
    """Writes rows of one server in one scope.

    Args:
        log: where to.
        names: makes names of servers fit, without knowing what became known since: they must stay the same.
        scope: masked name.
        server: configured name and fingerprint, as the vault has it.
        policy: profile and hash of what is in force.
    """

    def __init__(self, log: Writer, names: Names, scope: str, server: str, policy: str) -> None:
        self._log = log
        self._servers = names
        self._where: dict[str, object] = {"scope": scope, "server": names.server(server)}
        self._policy = policy

    def started(self, program: str) -> None:
        """The shield is up; whether its policy is another one than last time."""
        self._log.report("start", **self._where, policy=self._policy, program=program)
        what = f"policy {self._where['scope']} {self._where['server']}"
        self._log.watch(what, self._policy, "policy", **self._where)

    def tuned(self, label: str) -> None:
        """What people let through, or have found always, right now; whether it is something else than last time."""
        what = f"tuning {self._where['scope']} {self._where['server']}"
        self._log.watch(what, label, "policy", NOTHING, **self._where)

    def met(self, names: Names, request: Request) -> None:
        """A client introduced itself."""
        params = request.params if isinstance(request.params, dict) else {}
        info = params.get("clientInfo")
        info = info if isinstance(info, dict) else {}
        words = [names.name(word) for word in str(info.get("name", "")).split()[:MAX_WORDS]]
        client = " ".join([*words, _like(_RELEASE, info.get("version"))])[:MAX_NAME]
        protocol = _like(_VERSION, params.get("protocolVersion"))
        self._log.report("client", **self._where, client=client, protocol=protocol)

    def protected(
        self,
        names: Names,
        request: Request,
        tokens: Mapping[Value, tuple[str, TokenRef]],
        withheld: int,
        seconds: float,
    ) -> None:
        """Values of a message of the server became tokens."""
        about = self._about(names, request, "in")
        about["took"] = bucket(seconds)
        if withheld:
            about["withheld"] = withheld
        found = _in_order(tokens)
        for start in range(0, max(len(found), 1), MAX_TOKENS):
            counts: dict[str, int] = {}
            for kind, _ in found[start : start + MAX_TOKENS]:
                counts[kind] = counts.get(kind, 0) + 1
            ids = [token for _, token in found[start : start + MAX_TOKENS]]
            self._log.report("protect", **about, counts=counts, tokens=ids)
            about.pop("withheld", None)

    def observed(self, names: Names, request: Request, counts: Mapping[str, int], seconds: float) -> None:
        """Values of a message were found and passed on as they are: the user observes this server."""
        about = self._about(names, request, "in")
        self._log.report("observe", **about, counts=dict(counts), took=bucket(seconds))

    def released(self, names: Names, request: Request, items: Sequence[Item], seconds: float) -> None:
        """Tokens of a message of the client are about to become values. On record when this returns.

        Raises:
            AuditError: they are not, and must not.
        """
        about = self._about(names, request, "out")
        for part in chunks(items):
            said = [self._said(item) for item in part]
            self._log.commit("release", **about, items=said, policy=self._policy, took=bucket(seconds))

    def denied(self, names: Names, request: Request, direction: str, code: str, items: Sequence[Item]) -> None:
        """The policy refused a message."""
        about = self._about(names, request, direction)
        said = [self._said(item) for item in items]
        self._log.report("denial", **about, code=code, items=said, policy=self._policy)

    def failed(self, names: Names, request: Request, direction: str, code: str) -> None:
        """A message was blocked."""
        self._log.report("error", **self._about(names, request, direction), code=code)

    def _said(self, item: Item) -> dict[str, object]:
        return {
            "token": token_text(item.ref),
            "type": item.row.type,
            "from": sorted(map(self._servers.server, item.row.origins)),
            "to": item.to,
            "whole": item.whole,
        }

    def close(self) -> None:
        """Nothing more to say."""
        self._log.close()

    def _about(self, names: Names, request: Request, direction: str) -> dict[str, object]:
        about = {**self._where, "direction": direction}
        if request.method:
            about["method"] = request.method if request.method in _METHODS else UNNAMED
        if request.tool:
            about["tool"] = names.name(request.tool)
        return about


def _in_order(tokens: Mapping[Value, tuple[str, TokenRef]]) -> list[tuple[str, str]]:
    """Type and id of each token, sorted. Type by type: one sort of them all would hold up other threads."""
    by_type: dict[str, list[str]] = {}
    for value, (_, ref) in tokens.items():
        by_type.setdefault(value.type, []).append(token_text(ref))
    return [(kind, token) for kind in sorted(by_type) for token in sorted(by_type[kind])]


def token_text(ref: TokenRef) -> str:
    """A token's id, and the number of its spelling after the first."""
    return ref.id if ref.spelling == 1 else f"{ref.id}~{ref.spelling}"


def _like(pattern: re.Pattern[str], value: object) -> str:
    return value if isinstance(value, str) and pattern.match(value) else UNNAMED
