"""What tuning makes of the findings of one server's messages. No I/O.

Strictest first: a deny list outranks every allow list. Where a denied span overlaps a finding, both become one.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from ..detect.identity import identity
from ..detect.recall import RULE as RECALLED
from ..entities import TYPES
from ..types import Finding, Leaf, Path
from .entries import MAX_ENTRIES, Entry, Thresholds, Tuning

RULE = "deny"
"""Rule of findings that a deny list makes."""
DEFAULT_TYPE = "SECRET"
"""What a denied value is where nobody said: the class that is released least."""
MAX_PATTERN = 512
"""Longest value that an allowed pattern is tried on, in characters."""
_DOMAIN = re.compile(r"(?:.*(?:@|%40)|\w+://(?:[^/?#]*@)?)([^/:?#@]+)", re.DOTALL)
_HAVE_DOMAIN = frozenset({"EMAIL", "URL"})

Digest = Callable[[str], str]
"""Keyed digest of a canonical form, 32 hex digits."""
RuleOf = Callable[[str, str], str]
"""The rule that first found an identity: type and canonical form -> rule, "" if unknown."""


class _Set(NamedTuple):
    """What holds in the messages of one tool."""

    allow: tuple[Entry, ...]
    deny: tuple[Entry, ...]
    thresholds: Thresholds

    @property
    def is_idle(self) -> bool:
        return not (self.allow or self.deny or self.thresholds)


class Judge:
    """Tuning as it applies to one server. Safe to use from several threads at once.

    Args:
        server: its name in configuration; "" for one that only has the name of another.
        digest: for entries that hold a digest in place of a value.
    """

    def __init__(self, tuning: Tuning, server: str, digest: Digest) -> None:
        self._tuning = tuning
        self._server = server
        self._digest = digest
        self._sets: dict[str, _Set] = {}

    def types(self, base: frozenset[str]) -> frozenset[str]:
        """The entity types to look for, where `base` says so without tuning."""
        denied = {entry.type for entry in self._tuning.deny if _is_type(entry) and entry.server in ("", self._server)}
        return self._tuning.types.get(self._server, base) | denied

    def settle(
        self, leaves: Sequence[Leaf], found: list[list[Finding]], tool: str, rule_of: RuleOf
    ) -> list[list[Finding]]:
        """The findings that count, one list a leaf as `Engine.find` gives them.

        Args:
            tool: whose result the leaves are; "" for other messages.
            rule_of: asked about values that were recognised again, since a rule's exemption covers those too.
        """
        mine = self._set(tool)
        if mine.is_idle:
            return found
        kept = [
            [finding for finding in findings if self._counts(mine, leaf, finding, rule_of)] if findings else findings
            for leaf, findings in zip(leaves, found, strict=True)
        ]
        for index, spans in _denied(mine, leaves).items():
            kept[index] = _united([*kept[index], *spans])
        return kept

    def exempting(self, leaf: Leaf, finding: Finding, tool: str, rule_of: RuleOf) -> str:
        """Why a finding does not count, in words for people; "" if it counts."""
        mine = self._set(tool)
        if finding.score < _threshold(mine.thresholds, finding):
            return f"its score is below your threshold of {_threshold(mine.thresholds, finding):g}"
        return "" if self._counts(mine, leaf, finding, rule_of) else "your allow list lets it through"

    def _set(self, tool: str) -> _Set:
        if tool not in self._sets:
            allow, deny = (
                tuple(e for e in entries if e.server in ("", self._server) and e.tool in ("", tool))
                for entries in (self._tuning.allow, self._tuning.deny)
            )
            scores: dict[str, float] = {}
            for place in (("", ""), (self._server, ""), (self._server, tool)):
                scores |= self._tuning.thresholds.get(place, {})
            self._sets[tool] = _Set(allow, deny, scores)
        return self._sets[tool]

    def _counts(self, mine: _Set, leaf: Leaf, finding: Finding, rule_of: RuleOf) -> bool:
        if any(_is_type(entry) and entry.type == finding.type for entry in mine.deny):
            return True
        if finding.score < _threshold(mine.thresholds, finding):
            return False
        return not any(self._covers(entry, leaf, finding, rule_of) for entry in mine.allow)

    def _covers(self, entry: Entry, leaf: Leaf, finding: Finding, rule_of: RuleOf) -> bool:
        """Whether all that an entry says holds for a finding; what is cheap is asked first."""
        if (entry.type and entry.type != finding.type) or (entry.path and not _below(entry.path, leaf.path)):
            return False
        spelling = finding.decoded or leaf.text[finding.start : finding.end]
        return (
            (not entry.rule or entry.rule in (finding.rule, _first_rule(finding, spelling, rule_of)))
            and (not entry.domain or _has_domain(entry.domain, finding.type, spelling))
            and (not entry.value or identity(finding.type, spelling) == identity(finding.type, entry.value))
            and (not entry.digest or self._digest(identity(finding.type, spelling)) in entry.digest)
            and (entry.pattern is None or _is_all(entry.pattern, spelling))
        )


def digests(value: str, digest: Digest) -> list[str]:
    """Digests of every canonical form that a value has, whatever its entity type turns out to be."""
    return sorted({digest(identity(type_, value)) for type_ in TYPES})


def _is_type(entry: Entry) -> bool:
    return bool(entry.type) and not any((entry.path, entry.value, entry.domain, entry.pattern))


def _threshold(thresholds: Thresholds, finding: Finding) -> float:
    for name in (finding.rule, finding.type, "all"):
        if name in thresholds:
            return thresholds[name]
    return 0.0


def _first_rule(finding: Finding, spelling: str, rule_of: RuleOf) -> str:
    return rule_of(finding.type, identity(finding.type, spelling)) if finding.rule == RECALLED else finding.rule


def _below(pattern: tuple[str, ...], path: Path) -> bool:
    return len(pattern) <= len(path) and all(
        want in ("*", str(have)) for want, have in zip(pattern, path, strict=False)
    )


def _has_domain(domain: str, type_: str, spelling: str) -> bool:
    match = _DOMAIN.match(spelling) if type_ in _HAVE_DOMAIN else None
    return match is not None and f".{match[1].lower()}".endswith(f".{domain}")


def _is_all(pattern: re.Pattern[str], spelling: str) -> bool:
    return len(spelling) <= MAX_PATTERN and pattern.fullmatch(spelling) is not None


def _denied(mine: _Set, leaves: Sequence[Leaf]) -> dict[int, list[Finding]]:
    """Spans that a deny list protects, by index of the leaf."""
    spans: dict[int, list[Finding]] = {}
    searched = [entry for entry in mine.deny if not _is_type(entry)]
    for index, leaf in enumerate(leaves) if searched else ():
        for entry in searched:
            if not entry.path or _below(entry.path, leaf.path):
                spans.setdefault(index, []).extend(_spans(entry, leaf))
    return {index: found for index, found in spans.items() if found}


def _spans(entry: Entry, leaf: Leaf) -> list[Finding]:
    shape = _shape(entry)
    if shape is not None:
        return [_finding(entry, m.start(), m.end()) for m in shape.finditer(leaf.text) if m.end() > m.start()]
    whole = leaf.kind != "key" and leaf.text.strip()
    return [_finding(entry, 0, len(leaf.text))] if whole else []


@lru_cache(maxsize=MAX_ENTRIES)
def _shape(entry: Entry) -> re.Pattern[str] | None:
    if entry.domain:
        return re.compile(
            rf"[\w.+%'-]{{1,64}}@(?:[\w-]{{1,63}}\.){{0,8}}{re.escape(entry.domain)}(?![\w-]|\.\w)", re.IGNORECASE
        )
    if entry.value:
        words = r"\s{1,8}".join(map(re.escape, entry.value.split()))
        return re.compile(rf"(?<!\w){words}(?!\w)" if entry.value[:1].isalnum() else words, re.IGNORECASE)
    return entry.pattern


def _finding(entry: Entry, start: int, end: int) -> Finding:
    return Finding(entry.type or ("EMAIL" if entry.domain else DEFAULT_TYPE), start, end, 1.0, RULE)


def _united(findings: list[Finding]) -> list[Finding]:
    """Sorted, and without overlap: what a denied span touches is protected with it, as one."""
    united: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (f.start, -f.end)):
        if united and finding.start < united[-1].end:
            last = united.pop()
            if last.end >= finding.end and last.decoded:
                united.append(last)  # a disguised run is replaced as a whole already
                continue
            named = finding if finding.rule == RULE and last.rule != RULE else last
            finding = named._replace(start=last.start, end=max(last.end, finding.end), decoded="")
        united.append(finding)
    return united
