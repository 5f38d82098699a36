"""Names in running text: the tagger, asked where there is something to read. No I/O."""

from collections.abc import Sequence

from ..types import Finding
from .tagger import PRECISE, Mode, Tagger

TAGGED = frozenset({"PERSON", "LOCATION", "ORG"})
SHORTEST = 8
"""Characters: a shorter string is a label, not prose."""


class Prose:
    """A detector of people (and places and organisations, if the engine wants them) in strings of several words."""

    def __init__(self, tagger: Tagger, mode: Mode = PRECISE) -> None:
        self._tagger = tagger
        self._mode = mode

    def find(self, texts: Sequence[str], names: Sequence[str]) -> list[list[Finding]]:
        """See `engine.Detector`. In a named field only a sentence is read, and only for full names."""
        return [
            self._read(text, name) if _is_prose(text, name) else [] for text, name in zip(texts, names, strict=True)
        ]

    def _read(self, text: str, name: str) -> list[Finding]:
        found = self._tagger.tag(text, self._mode)
        return [f for f in found if " " in text[f.start : f.end]] if name else found


def _is_prose(text: str, name: str) -> bool:
    spaces = text.count(" ") + text.count("\n")
    return len(text) >= SHORTEST and spaces > (3 if name else 0) and not _is_table(text)


def _is_table(text: str) -> bool:
    """Lines of cells: what a cell holds its column's name tells better."""
    first, _, rest = text[:4096].partition("\n")
    second = rest.partition("\n")[0]
    return any(first.count(sign) >= 2 and first.count(sign) == second.count(sign) for sign in ",\t;|")
