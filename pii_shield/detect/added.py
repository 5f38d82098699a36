"""An engine with rules of strangers: they find more, and change nothing that is found without them. No I/O."""

from collections.abc import Sequence
from typing import Any

from ..types import Finding, Leaf
from .engine import Engine
from .recall import Recall


class AddingEngine(Engine):
    """Finds what any engine finds and, in what is left, what the added one finds.

    A project's rules are in a cloned repository: a rule of its own for a password's field, of a milder type or of one
    that nobody protects, must not take the place of ours.
    """

    def __init__(self, *args: Any, added: Engine, **more: Any) -> None:
        super().__init__(*args, **more)
        self._added = added

    def find(self, leaves: Sequence[Leaf], recall: Recall | None = None, server: str = "") -> list[list[Finding]]:
        """See `Engine.find`."""
        found = super().find(leaves, recall, server)
        for index, more in enumerate(self._added.find(leaves)):
            free = [finding for finding in more if all(_apart(finding, other) for other in found[index])]
            if free:
                found[index] = sorted([*found[index], *free], key=lambda finding: finding.start)
        return found


def _apart(one: Finding, other: Finding) -> bool:
    return one.end <= other.start or other.end <= one.start
