"""Views among the leaves of a message: what to search, and what a finding there means for the leaf. No I/O."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from ...types import Finding, Leaf
from ..overlap import resolve
from .offsets import View


def as_leaf(leaf: Leaf, view: View) -> Leaf:
    """A view of a leaf's text as a leaf of its own. Its place says something of it only if it is all of the text."""
    if not view.start and view.end == len(leaf.text):
        return Leaf(view.text, leaf.path, leaf.kind)
    return Leaf(view.text, (), leaf.kind)


def merged(text: str, found: Sequence[Finding], inner: Iterable[tuple[View, Sequence[Finding]]]) -> list[Finding]:
    """Findings of a text together with those of its views, without overlap. `found` is sorted and has none.

    Of the same span, what is said counts, not how it is spelled. A finding in the text that begins within an escape is
    an accident of the spelling (the `n` of a line break, read as a letter) and yields to any in the view.
    """
    ends = [finding.end for finding in found]
    gone: set[int] = set()
    back: list[Finding] = []
    for view, findings in inner:
        for finding in findings:
            if view.only in ("", finding.type):
                read = view.back(finding)
                back += _told(text, read, view, found, ends, gone)
    kept = (finding for index, finding in enumerate(found) if index not in gone)
    return resolve([*back, *kept]) if back else list(found)


def _told(
    text: str, read: Finding, view: View, found: Sequence[Finding], ends: Sequence[int], gone: set[int]
) -> Iterator[Finding]:
    """A finding of a view, if the text itself does not say the same. Adds to `gone` what it makes obsolete."""
    for index in range(bisect_right(ends, read.start), len(found)):
        other = found[index]
        if other.start >= read.end:
            break
        if (other.start, other.end) == (read.start, read.end):
            if read.decoded == text[read.start : read.end]:
                return
            gone.add(index)
        elif view.begins_in_escape(other.start, text):
            gone.add(index)
    yield read
