"""One text, many findings: which of those that overlap stay. No I/O."""

from collections.abc import Iterable

from ..types import Finding

# These hold other values inside them; what is inside says more.
_WIDE = frozenset({"URL", "DATE", "UUID"})
# The end of a password and the host after it can look like an e-mail address.
_FIRST = frozenset({"SECRET", "PASSWORD"})


def resolve(findings: Iterable[Finding]) -> list[Finding]:
    """Sorted findings without overlap. Of overlapping ones the longest stays (it hides most), then the highest score;
    what sticks out of the others stays as a finding of its own.

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
    """The findings of one connected group that stay, in order, and what sticks out of those that yield."""
    if len(group) < 2:
        return group
    kept: list[Finding] = []
    taken: set[int] = set()
    guarded: set[int] = set()
    for finding in sorted(group, key=_rank):
        staying: list[Finding] = []
        if taken.isdisjoint(range(finding.start, finding.end)):
            staying = [finding]
        elif finding.type not in _WIDE and guarded.isdisjoint(range(finding.start, finding.end)):
            staying = _remains(finding, taken)
        kept += staying
        places = [place for stays in staying for place in range(stays.start, stays.end)]
        taken.update(places)
        if finding.type in _FIRST:
            guarded.update(places)
    return sorted(kept, key=_by_place)


def _remains(finding: Finding, taken: set[int]) -> list[Finding]:
    """The parts of a finding that no other hides: half a value is a value."""
    free = [place for place in range(finding.start, finding.end) if place not in taken]
    runs: list[Finding] = []
    for place in free:
        if runs and runs[-1].end == place:
            runs[-1] = runs[-1]._replace(end=place + 1)
        else:
            runs.append(finding._replace(start=place, end=place + 1, decoded=""))
    return [run for run in runs if run.end - run.start >= SHORTEST_REST]


SHORTEST_REST = 3
"""Characters: a shorter rest is punctuation or white space."""
