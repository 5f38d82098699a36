"""Release policy: may this value go there? Pure: decides from its arguments alone and reads nothing. No I/O.

A question is judged column by column (where it goes, what role the argument plays, how sensitive the type is, how much
has gone already) and the strictest verdict wins: an origin never overrides a role, since a private repository and a
public pull request, or a mailbox and its attacker, are both "back to the origin".
"""

from collections.abc import Iterator
from enum import IntEnum
from typing import Final, NamedTuple

from .entities import TYPES, Sensitivity
from .roles import WAYS_OUT, Role
from .types import TokenRef

_MINT: Final = object()


class Grant:
    """The policy's permission to release one spelling. Only `decide` makes one; a vault opens nothing without it.

    Attributes:
        scope: set of tokens the identity belongs to.
        ref: which identity and spelling.
        server: fingerprinted identity of the destination server.
        unquoted_only: the value must hold no character with a meaning to shells, markup or query languages.
    """

    __slots__ = ("ref", "scope", "server", "unquoted_only")

    def __init__(self, mint: object, scope: str, ref: TokenRef, server: str, unquoted_only: bool) -> None:
        if mint is not _MINT:
            raise TypeError("a Grant comes from policy.decide")
        self.scope, self.ref, self.server, self.unquoted_only = scope, ref, server, unquoted_only


class Verdict(IntEnum):
    """Ordered by strictness, so that `max` combines columns."""

    GRANT = 0
    ASK = 1
    DENY = 2


class Question(NamedTuple):
    """One release that a message asks for.

    Attributes:
        scope, ref: which spelling of which identity.
        type: its entity type, from the vault.
        origins: fingerprinted identities of the servers that sent it.
        server: fingerprinted identity of the destination.
        trusted: whether the human marked the destination as trusted.
        roles: what names and schema say of the argument.
        syntax: what the text around the token says.
        whole: whether the token fills the whole argument.
        released_in_call, released_in_hour: how many values went to servers other than their sole origin so far.
    """

    scope: str
    ref: TokenRef
    type: str
    origins: frozenset[str]
    server: str
    trusted: bool
    roles: frozenset[Role]
    syntax: frozenset[Role]
    whole: bool
    released_in_call: int = 0
    released_in_hour: int = 0

    @property
    def to_sole_origin(self) -> bool:
        """Whether the value goes back to the only server it ever came from."""
        return self.origins == {self.server}


class Refusal(NamedTuple):
    """Why not.

    Attributes:
        verdict: ASK or DENY. Asking a human is refused as long as nobody can be asked.
        code: stable identifier, "PS6xx".
        reason: half a sentence for the model; names no value.
        fix: what a person can change, with no command that an agent could run by itself.
    """

    verdict: Verdict
    code: str
    reason: str
    fix: str


class Profile(NamedTuple):
    """One row of the policy's table.

    Attributes:
        sole_origin: verdict for plain text to the sole origin; a whole argument there is always granted.
        trusted: verdict at a trusted server for contact and identity types.
        other: verdict at any other server, and at a trusted one for other classes.
        way_out: verdict for roles that carry data away.
        recipients: whether a whole argument may name a recipient at a trusted server or the sole origin.
        sensitive_sole, sensitive_other: verdicts for secrets, financial and government ids, at the sole origin and
            elsewhere.
        per_call, per_hour: caps on values that go to servers other than their sole origin.
    """

    sole_origin: Verdict
    trusted: Verdict
    other: Verdict
    way_out: Verdict
    recipients: bool
    sensitive_sole: Verdict
    sensitive_other: Verdict
    per_call: int
    per_hour: int


_YES, _ASK, _NO = Verdict.GRANT, Verdict.ASK, Verdict.DENY
_UNLIMITED = 2**62
PROFILES: dict[str, Profile] = {
    "open": Profile(_YES, _YES, _YES, _YES, True, _YES, _YES, _UNLIMITED, _UNLIMITED),
    "balanced": Profile(_YES, _YES, _ASK, _ASK, True, _YES, _ASK, 200, 2000),
    "strict": Profile(_NO, _ASK, _NO, _NO, False, _ASK, _ASK, 20, 100),
}
STRICTNESS: tuple[str, ...] = ("open", "balanced", "strict")
"""Profiles from lax to strict: what may only tighten moves right."""

_SENSITIVE = frozenset({Sensitivity.SECRET, Sensitivity.FINANCIAL, Sensitivity.GOVERNMENT})
_SHAREABLE = frozenset({Sensitivity.CONTACT, Sensitivity.IDENTITY})
_NOT_PERSONAL = "LITERAL"

_TRUST_FIX = "mark the destination as trusted in the user configuration: [servers.NAME] trusted = true"


def decide(profile: Profile, question: Question) -> Grant | Refusal:
    """Judge one release.

    Returns a Grant, or the Refusal of the strictest column.
    """
    if question.type == _NOT_PERSONAL:
        return Grant(_MINT, question.scope, question.ref, question.server, False)
    worst = max(_columns(profile, question), key=lambda column: column.verdict)
    if worst.verdict is not Verdict.GRANT:
        return worst
    escaping_known = question.whole or Role.TEXT in question.roles or profile.way_out is Verdict.GRANT
    return Grant(_MINT, question.scope, question.ref, question.server, not escaping_known)


def _columns(profile: Profile, question: Question) -> Iterator[Refusal]:
    yield _destination(profile, question)
    yield _role(profile, question)
    yield _sensitivity(profile, question)
    yield _caps(profile, question)


def _destination(profile: Profile, question: Question) -> Refusal:
    if question.to_sole_origin:
        verdict = Verdict.GRANT if question.whole else profile.sole_origin
        return Refusal(
            verdict, "PS601", "a value may return to its server only as a whole argument", "use a laxer profile"
        )
    if question.trusted and TYPES[question.type].sensitivity in _SHAREABLE:
        return Refusal(
            profile.trusted,
            "PS602",
            "values of other servers are not released under this profile",
            "use a laxer profile",
        )
    reason = "the value came from another server" if question.origins else "the value's origin is unknown"
    return Refusal(profile.other, "PS603", f"{reason} and this one is not trusted with it", _TRUST_FIX)


def _role(profile: Profile, question: Question) -> Refusal:
    roles = question.roles | _telling_syntax(question)
    ways_out = sorted(role.value for role in roles & WAYS_OUT)
    if Role.SAMPLING in roles:
        return Refusal(
            Verdict.DENY, "PS605", "an answer to a sampling request releases no value", "nothing: this is by design"
        )
    if ways_out:
        fix = "have the tool take the value as an argument of its own, or use another tool"
        return Refusal(
            profile.way_out, "PS604", f"the argument is a {ways_out[0]}, which could carry the value away", fix
        )
    if Role.RECIPIENT in roles:
        known = profile.recipients and question.whole and (question.trusted or question.to_sole_origin)
        verdict = Verdict.GRANT if known else profile.way_out
        return Refusal(verdict, "PS606", "a recipient must be a whole argument at a trusted server", _TRUST_FIX)
    return Refusal(Verdict.GRANT, "PS604", "", "")


def _telling_syntax(question: Question) -> frozenset[Role]:
    """A document may hold links and paths; it tells nothing new when it returns to where they came from."""
    if question.to_sole_origin and Role.TEXT in question.roles and not question.roles & WAYS_OUT:
        return frozenset()
    return question.syntax


def _sensitivity(profile: Profile, question: Question) -> Refusal:
    verdict = Verdict.GRANT
    if TYPES[question.type].sensitivity in _SENSITIVE:
        verdict = profile.sensitive_sole if question.to_sole_origin else profile.sensitive_other
    return Refusal(
        verdict,
        "PS607",
        "secrets, financial and government ids stay with the server they came from",
        "use the server they came from",
    )


def _caps(profile: Profile, question: Question) -> Refusal:
    used_up = question.released_in_call >= profile.per_call or question.released_in_hour >= profile.per_hour
    verdict = Verdict.ASK if used_up and not question.to_sole_origin else Verdict.GRANT
    return Refusal(
        verdict, "PS608", "too many values would leave their servers at once", "send fewer values per call or per hour"
    )


_METACHARACTERS = frozenset("\"'`$<\\")


def has_metacharacters(value: str) -> bool:
    """Whether a value holds quotes, controls or characters with a meaning to shells and markup."""
    return any(c in _METACHARACTERS or not c.isprintable() for c in value)
