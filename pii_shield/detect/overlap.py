"""One text, many findings: which of those that overlap stay. No I/O."""

from collections.abc import Iterable

from ..types import Finding

# These hold other values inside them; what is inside says more.
_WIDE = frozenset({"URL", "DATE", "UUID"})
# The end of a password and the host after it can look like an e-mail address.
_FIRST = frozenset({"SECRET", "PASSWORD"})


def resolve(findings: Iterable[Finding]) -> list[Finding]:
    """Sorted findings without overlap. Of overlapping ones the longest stays (it hides most), then the highest score.

    Findings whose type merely contains others (a URL with an e-mail address in its query) yield to any other.
    Takes n log n time: only findings that touch are compared.
    """
    ordered = sorted(findings, key=_by_place)
    result: list[Finding] = []
    group: list[Finding] = []
    reach = -1
    for finding in ordered:
        if group and finding.start >= reach:
            result += _settle(group)
            group = []
        group.append(finding)
        reach = max(reach, finding.end) if len(group) > 1 else finding.end
    return result + _settle(group)


def _by_place(finding: Finding) -> tuple[int, int]:
    return finding.start, -finding.end


def _rank(finding: Finding) -> tuple[bool, bool, int, float, str, str]:
    return (
        finding.type in _WIDE,
        finding.type not in _FIRST,
        finding.start - finding.end,
        -finding.score,
        finding.type,
        finding.rule,
    )


def _settle(group: list[Finding]) -> list[Finding]:
    """The findings of one connected group that stay, in order."""
    if len(group) < 2:
        return group
    kept: list[Finding] = []
    taken: set[int] = set()
    for finding in sorted(group, key=_rank):
        # A kept finding is at least as long unless it is of another breed, so its ends or ours lie inside the other.
        places = range(finding.start, finding.end)
        if taken.isdisjoint(places):
            taken.update(places)
            kept.append(finding)
    return sorted(kept, key=_by_place)
