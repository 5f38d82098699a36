"""Addresses cut in two by the border between neighbouring texts: blocks of one answer, lines in an array. No I/O."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ..types import Finding, Leaf, Path

RULE = "seam"
REACH = 96
"""How much of either text is looked at, in characters."""
_UNFINISHED = re.compile(r"[\w.+-]@[\w.-]{0,63}\Z")
_GOES_ON = re.compile(r"[\w.-]{2}")


class Seam(NamedTuple):
    """Two texts, the end of the first and the beginning of the second as one."""

    first: int
    second: int
    text: str
    cut: int


def seams(leaves: Sequence[Leaf], found: Sequence[Sequence[Finding]]) -> list[Seam]:
    """The borders at which an address may go on in the next text. `found`: by leaf, in order, as many or more."""
    begun = [index for index, leaf in enumerate(leaves) if "@" in leaf.text[-64:] and _is_open(leaf, found[index])]
    if not begun:
        return []
    places = {leaf.path: index for index, leaf in enumerate(leaves) if leaf.kind == "string"}
    return [seam for index in begun for seam in _seam(leaves, index, places)]


def _is_open(leaf: Leaf, findings: Sequence[Finding]) -> bool:
    closed = bool(findings) and findings[-1].end == len(leaf.text)
    return leaf.kind == "string" and not closed and bool(_UNFINISHED.search(leaf.text[-REACH:]))


def _seam(leaves: Sequence[Leaf], index: int, places: dict[Path, int]) -> Iterator[Seam]:
    following = _next(leaves[index].path)
    other = places.get(following) if following else None
    if other is not None and _GOES_ON.match(leaves[other].text):
        tail = leaves[index].text[-REACH:]
        yield Seam(index, other, tail + leaves[other].text[:REACH], len(tail))


def _next(path: Path) -> Path | None:
    """The same place in the next element of the innermost array."""
    for depth in range(len(path) - 1, -1, -1):
        step = path[depth]
        if isinstance(step, int):
            return (*path[:depth], step + 1, *path[depth + 1 :])
    return None


def halves(
    leaves: Sequence[Leaf], found: Sequence[Sequence[Finding]], find: Callable[[list[Leaf]], list[list[Finding]]]
) -> Iterator[tuple[int, Finding]]:
    """(index of the leaf, finding) of both halves of each address that is cut.

    Half an address is nobody's: a half is hidden as what it is, characters that mean nothing alone (OPAQUE), and so is
    never looked for elsewhere.
    """
    cut = seams(leaves, found)
    for seam, findings in zip(cut, find([Leaf(seam.text) for seam in cut]) if cut else [], strict=True):
        for finding in findings:
            if finding.type == "EMAIL" and finding.start < seam.cut < finding.end:
                end = len(leaves[seam.first].text)
                start = end - (seam.cut - finding.start)
                yield seam.first, Finding("OPAQUE", start, end, finding.score, RULE)
                yield seam.second, Finding("OPAQUE", 0, finding.end - seam.cut, finding.score, RULE)
