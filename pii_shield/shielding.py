"""Protect and release: plan, ask the vault or the policy, apply. What is revealed was committed before.

Fails by raising `ShieldError`, never by letting something through; `conversation` turns that into an answer.
"""

import contextlib
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from . import blobs, policy
from .detect.engine import Engine
from .errors import PolicyDenied, ShieldError
from .evidence import MAX_NOTES, Notebook
from .known import KnownValues, Token
from .observing import never
from .policy import Grant, Profile, Question, Refusal
from .profiles import NOT_PERSONAL
from .recorder import Item, Names, Recorder
from .roles import Role, format_roles, key_roles, syntax_roles, tool_roles
from .tuning.judge import Judge
from .types import Finding, Leaf, TokenRef, Value
from .vault.base import Row, Vault
from .wire.exchange import NO_REQUEST, Asked, Request
from .wire.methods import is_own_uri
from .wire.protect import Protection
from .wire.release import Known, Release, Use

HOUR = 3600.0
MAX_NEW_VALUES = 200_000
"""Distinct values in one message."""


class Party(NamedTuple):
    """The server of a conversation, and the scope its values live in.

    Attributes:
        server: configured name plus fingerprint of its resolved command or URL, "crm#1a2b3c4d5e6f".
        trusted: whether the human lets other servers' contact and identity data go there.
        name: the configured name; "" for a server that only has the name of another one.
    """

    scope: str
    server: str
    trusted: bool
    name: str = ""


class Shield:
    """One server's values on their way in and out. Thread-safe.

    Args:
        vault: where values live; committed before a token is shown.
        engine: finds values.
        profile: the policy's row in force.
        party: which server, which scope.
        clock: seconds, monotonic.
        recorder: writes the audit log; None: nothing is on record.
        tuned: the engine and what people decided about its findings, as of now; None: the engine alone.
        notebook: keeps where each identity was found last; None: nowhere.
        observing: says why messages pass unchanged; "" for those of a protected server.
    """

    def __init__(
        self,
        vault: Vault,
        engine: Engine,
        profile: Profile,
        party: Party,
        clock: Callable[[], float],
        recorder: Recorder | None = None,
        *,
        tuned: Callable[[], tuple[Engine, Judge]] | None = None,
        notebook: Notebook | None = None,
        observing: Callable[[], str] = never,
    ) -> None:
        self._vault = vault
        self._engine = engine
        self._profile = profile
        self._party = party
        self._clock = clock
        self._known = KnownValues(vault, party.scope, engine.common, clock)
        self._released: deque[float] = deque()
        self._recorder = recorder
        self._tuned = tuned
        self._notebook = notebook
        self.observing = observing
        self._names = Names(self.mask)
        self._named = -1

    def protect(self, plan: Protection, is_clear: Callable[[str], bool], request: Request = NO_REQUEST) -> str | None:
        """The message with tokens, or None if it passes as it came. `request` is what it answers."""
        begin = self._clock()
        self._known.sync()
        if self._recorder and request.method == "initialize":
            self._recorder.met(self._fit_names(), request)
        read, own = blobs.opened(plan.media), len(plan.leaves)
        findings = self._find([*plan.leaves, *(leaf for blob in read for leaf in blob.leaves)], request.tool)
        values = plan.settle(findings[:own], self._known.identify, is_clear)
        within = blobs.searched(read, findings[own:], plan.reading, self._known.identify)
        values = list(dict.fromkeys([*values, *blobs.values(within)])) if within else values
        if plan.changes_nothing and not within:
            return None
        if len(values) > MAX_NEW_VALUES:
            raise PolicyDenied("one message with too many personal values", code="PS507")
        if not self._party.trusted:
            self._known.spend(self._party.server, values)
        tokens = self._known.tokens_of(self._party.server, values)
        if self._notebook:
            self._notebook.note(request.tool, islice(_named(plan, tokens), MAX_NOTES))
        if self.observing():
            self._observed(request, tokens, begin)
            return None
        plan.change(blobs.changes(within, tokens))
        new = plan.apply(tokens)
        if self._recorder and (tokens or plan.withheld):
            self._recorder.protected(self._fit_names(), request, tokens, plan.withheld, self._clock() - begin)
        return new

    def _find(self, leaves: Sequence[Leaf], tool: str) -> list[list[Finding]]:
        """What is found, and counts for people who tuned it."""
        engine, judge = self._tuned() if self._tuned else (self._engine, None)
        found = engine.find(leaves, self._known.recall, self._party.server)
        return judge.settle(leaves, found, tool, self._known.rule_of) if judge else found

    def _observed(self, request: Request, tokens: Mapping[Value, Token], begin: float) -> None:
        if self._recorder and tokens:
            counts = Counter(value.type for value in tokens)
            self._recorder.observed(self._fit_names(), request, counts, self._clock() - begin)

    def mask(self, text: str) -> str:
        """The text with irreversible masks in place of values: for people's logs."""
        self._known.sync()
        (findings,) = self._find([Leaf(text)], "")
        pieces: list[str] = []
        position = 0
        for finding in findings:
            pieces += (text[position : finding.start], f"[{finding.type}]")
            position = finding.end
        return "".join((*pieces, text[position:]))

    def release(self, plan: Release, asked: Asked) -> str | None:
        """The message with values, or None if no token in it counts.

        Raises:
            UnknownToken, PolicyDenied, WireError: nothing may be sent on.
            AuditError: the release could not be put on record: nothing may be sent on.
        """
        begin = self._clock()
        uses, rows, grants = self._granted(plan, asked)
        if not uses:
            return None
        secrets = dict(zip(grants, self._vault.open(list(grants.values())), strict=True))
        unquoted = frozenset(ref for ref, grant in grants.items() if grant.unquoted_only)
        new = plan.apply(secrets, uses, unquoted)
        if self._recorder:
            names, about = self._fit_names(), asked.request if asked.request.method else _answering(asked)
            items = [item for use in uses for item in self._items(plan, use, rows)]
            self._recorder.released(names, about, items, self._clock() - begin)
        return new

    def check(self, plan: Release, asked: Asked) -> None:
        """Raise what `release` would, for tokens that are released later; nothing is opened and nothing recorded.

        Raises:
            UnknownToken, PolicyDenied: nothing may be released.
        """
        self._granted(plan, asked)

    def _granted(
        self, plan: Release, asked: Asked
    ) -> tuple[list[Use], dict[TokenRef, Row | None], dict[TokenRef, Grant]]:
        """What counts as a token, what the vault knows of it, and the permission to release it."""
        refs = plan.refs
        rows = dict(zip(refs, self._vault.look(self._party.scope, refs), strict=True))
        uses = plan.resolve({ref: Known(row.label, row.expired) if row else None for ref, row in rows.items()})
        return uses, rows, self._decide(plan, uses, rows, asked)

    def failed(self, direction: str, request: Request, error: ShieldError) -> None:
        """Put on record that a message was not passed on. What cannot be put on record was not passed on all the same.

        `direction` is "in" from the server, "out" to it.
        """
        if self._recorder is None:
            return
        with contextlib.suppress(ShieldError, ValueError):
            if isinstance(error, PolicyDenied):
                items = error.items if isinstance(error, Denied) else []
                self._recorder.denied(self._fit_names(), request, direction, error.code, items)
            else:
                self._recorder.failed(self._fit_names(), request, direction, error.code)

    def close(self) -> None:
        """No message comes any more."""
        if self._notebook:
            self._notebook.close()
        if self._recorder:
            self._recorder.close()

    def _fit_names(self) -> Names:
        if self._named != self._known.version:
            self._named = self._known.version
            self._names.forget()
        return self._names

    def _items(self, plan: Release, use: Use, rows: dict[TokenRef, Row | None]) -> list[Item]:
        """What the log says of one use."""
        row = rows[use.match.ref]
        if row is None:
            return []
        start = len(_ARGUMENTS) if use.path[: len(_ARGUMENTS)] == _ARGUMENTS else 0
        to = self._fit_names().pointer(use.path[start:], len(plan.declared(use)) - start)
        return [Item(use.match.ref, row, to, use.whole)]

    def _decide(
        self, plan: Release, uses: Sequence[Use], rows: dict[TokenRef, Row | None], asked: Asked
    ) -> dict[TokenRef, Grant]:
        """One grant per token; every use of it must be allowed."""
        grants: dict[TokenRef, Grant] = {}
        leaving: set[TokenRef] = set()
        in_hour = self._released_in_hour()
        for use in uses:
            ref, row = use.match.ref, rows[use.match.ref]
            if row is None:
                continue
            others = len(leaving - {ref})
            question = self._question(plan, use, row, asked)._replace(
                released_in_call=others, released_in_hour=in_hour + others
            )
            decision = policy.decide(self._profile, question)
            if isinstance(decision, Refusal):
                raise Denied(row, decision, self._items(plan, use, rows) if self._recorder else [])
            if not question.to_sole_origin:
                leaving.add(ref)
            if ref not in grants or decision.unquoted_only:
                grants[ref] = decision
        self._released.extend([self._clock()] * len(leaving))
        return grants

    def _question(self, plan: Release, use: Use, row: Row, asked: Asked) -> Question:
        match = use.match
        return Question(
            self._party.scope,
            match.ref,
            row.type,
            row.origins,
            self._party.server,
            self._party.trusted,
            _roles(use, asked) | format_roles(plan.formats(use)),
            frozenset() if use.whole else syntax_roles(use.text, match.start, match.end),
            use.whole,
        )

    def _released_in_hour(self) -> int:
        horizon = self._clock() - HOUR
        while self._released and self._released[0] < horizon:
            self._released.popleft()
        return len(self._released)


_ARGUMENTS = ("params", "arguments")
_SAMPLING = "sampling/createMessage"


def _roles(use: Use, asked: Asked) -> frozenset[Role]:
    """The role that the place in the message tells."""
    request, path = asked.request, use.path
    if asked.answers == _SAMPLING or (
        path[:2] == ("params", "inputResponses") and asked.asked(str(path[2])) == _SAMPLING
    ):
        return frozenset({Role.SAMPLING})
    if is_own_uri(request.method, path):
        # An identifier that goes back to the server that published it; elsewhere its syntax says URL.
        return frozenset({Role.TEXT})
    if path[:2] == ("params", "arguments"):
        return key_roles(path[2:]) | tool_roles(request.tool)
    # params.inputResponses.KEY.content... or result.content...: the server chose the key, not the arguments' names.
    return key_roles(path[4:] if path[:2] == ("params", "inputResponses") else path[2:])


def _named(plan: Protection, tokens: Mapping[Value, Token]) -> Iterator[tuple[str, Leaf, Finding]]:
    """Token id, leaf and finding of each value in a message."""
    for leaf, finding, value in plan.places():
        if finding.type not in NOT_PERSONAL:
            yield tokens[value][1].id, leaf, finding


def _answering(asked: Asked) -> Request:
    return NO_REQUEST._replace(method=asked.answers)


class Denied(PolicyDenied):
    """The policy's refusal of one token. `items` is what the log says of it."""

    def __init__(self, row: Row, refusal: Refusal, items: list[Item]) -> None:
        message = f"policy does not release this {row.label} token here, since {refusal.reason}"
        super().__init__(message, code=refusal.code, fix=refusal.fix)
        self.items = items
