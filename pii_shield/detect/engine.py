"""The reference engine: everything that is found in the leaves of one message. No I/O.

Shapes (`patterns`), names (`fields`, `pairs`, `tables`) and known values (`recall`) are asked, also inside encoded runs
(`views`); what one leaf reveals is looked for in its neighbours; overlaps are settled last, on the unmodified text.
"""

from collections.abc import Sequence
from typing import Protocol

from ..checks import checks
from ..rules import RuleSet
from ..types import Finding, Leaf, Path
from .database import Source
from .fields import Names, Place, place_of, words_of
from .memo import Memo
from .overlap import resolve
from .pairs import Pairs
from .patterns import Patterns
from .recall import Recall
from .scanner import Scanner
from .seams import halves
from .shared import mentions
from .tables import Tables
from .views import View, as_leaf, disguised, merged, views

MEMO_TEXT = 2048
"""Longest text whose findings are remembered, in characters."""
SHORTEST = 5
"""Characters: no pattern matches less, and most values of ordinary results are that short."""
MEMO_SIZE = 8192
"""Texts remembered per generation."""


class Detector(Protocol):
    """Something else that finds values: the tagger of names, Presidio, a user's own."""

    def find(self, texts: Sequence[str], names: Sequence[str]) -> list[list[Finding]]:
        """Findings of each text; `names` are the words of the field each text stands in, or ""."""


_Key = tuple[str, Place, str, bool]
"""Text, place, kind of leaf, whether its object is a person's: all that a leaf's own findings depend on."""


class Engine:
    """Finds values. Safe to use from several threads at once.

    Args:
        rules: frozen rules, see `rules.load`.
        types: entity types to look for (`entities.DEFAULT_TYPES` to protect, all of `entities.TYPES` to scan).
        all_rules: whether rules that are not for protecting by default (no-reply addresses, ...) are used too.
        detectors: what else to ask about strings.
    """

    def __init__(
        self, rules: RuleSet, types: frozenset[str], all_rules: bool = False, detectors: Sequence[Detector] = ()
    ) -> None:
        self.types = types
        self._detectors = detectors
        known = checks(rules.words)
        self._patterns = Patterns(rules, types, all_rules, known)
        self._names = Names(rules.fields, known)
        self._pairs = Pairs(self._names)
        self._tables = Tables(self._names)
        self.common: frozenset[str] = frozenset().union(*rules.words.values())
        self._found: Memo[_Key, list[Finding]] = Memo(MEMO_SIZE)
        self._views: Memo[str, tuple[View, ...]] = Memo(MEMO_SIZE)

    def sources(self) -> list[Source]:
        """What a scanner must look for, so that this engine can `use` it."""
        return self._patterns.sources()

    def use(self, scanner: Scanner) -> None:
        """Find candidates with a scanner from now on: the findings are the same, and sooner there."""
        self._patterns.use(scanner)

    @property
    def has_scanner(self) -> bool:
        """Whether a scanner is used."""
        return self._patterns.has_scanner

    def find(self, leaves: Sequence[Leaf], recall: Recall | None = None, server: str = "") -> list[list[Finding]]:
        """Findings of each leaf, sorted, without overlap, offsets in code points into `leaf.text`.

        Args:
            leaves: all leaves of one message: neighbours explain each other, and what is found in one by its field's
                name is found in the others too.
            recall: known values of the scope.
            server: name of the server that sends the message, or would receive it.
        """
        encoded = self._encoded(leaves)
        found = self._find([*leaves, *(as_leaf(leaves[index], view) for index, view in encoded)], recall, server)
        inner: dict[int, list[tuple[View, list[Finding]]]] = {}
        for (index, view), findings in zip(encoded, found[len(leaves) :], strict=True):
            if findings:
                inner.setdefault(index, []).append((view, findings))
        for index, read in inner.items():
            found[index] = merged(leaves[index].text, found[index], read)
        for index, half in halves(leaves, found, self._intrinsic):
            found[index] = resolve([*found[index], half])
        return found[: len(leaves)]

    def _encoded(self, leaves: Sequence[Leaf]) -> list[tuple[int, View]]:
        """The disguised parts of texts, with the index of the leaf; remembered. Numbers have none."""
        known = [() if leaf.kind == "number" else self._views.get(leaf.text) for leaf in leaves]
        new = [index for index, parts in enumerate(known) if parts is None]
        may = {new[number] for number in disguised([leaves[index] for index in new])} if new else ()
        for index in new:
            text = leaves[index].text
            known[index] = tuple(views(text)) if index in may else ()
            if len(text) <= MEMO_TEXT:
                self._views.put(text, known[index] or ())
        return [(index, view) for index, parts in enumerate(known) for view in parts or ()]

    def _find(self, leaves: Sequence[Leaf], recall: Recall | None, server: str) -> list[list[Finding]]:
        found = self._intrinsic(leaves)
        texts = [leaf.text for leaf in leaves]
        extra = mentions(texts, found, self.common)
        if recall is not None:
            for index, hits in recall.find_all(texts, server).items():
                extra.setdefault(index, []).extend(hits)
        return [self._settled(findings, extra.get(index)) for index, findings in enumerate(found)]

    def _settled(self, findings: list[Finding], extra: list[Finding] | None) -> list[Finding]:
        if extra:
            there = {(finding.type, finding.start, finding.end) for finding in findings}
            more = [finding for finding in extra if (finding.type, finding.start, finding.end) not in there]
            findings = resolve([*findings, *more]) if more else findings
        return [finding for finding in findings if finding.type in self.types] if findings else []

    def _intrinsic(self, leaves: Sequence[Leaf]) -> list[list[Finding]]:
        """What each leaf's own text and place reveal, settled; remembered. The lists are not to be changed."""
        result: list[list[Finding]] = []
        missing: dict[_Key, list[int]] = {}
        for index, key in enumerate(self._keys(leaves)):
            known = self._found.get(key)
            if known is None:
                missing.setdefault(key, []).append(index)
                known = []
            result.append(known)
        for key, findings in zip(missing, self._search(list(missing)), strict=True):
            if len(key[0]) <= MEMO_TEXT:
                self._found.put(key, findings)
            for index in missing[key]:
                result[index] = findings
        return result

    def _keys(self, leaves: Sequence[Leaf]) -> list[_Key]:
        personal: dict[Path, bool] | None = None
        keys = []
        for leaf in leaves:
            place = place_of(leaf.path) if leaf.kind != "key" else ()
            near = False
            if place and self._names.asks_siblings(place):
                personal = self._personal(leaves) if personal is None else personal
                near = personal.get(leaf.path[:-1], False)
            keys.append((leaf.text, place, leaf.kind, near))
        return keys

    def _personal(self, leaves: Sequence[Leaf]) -> dict[Path, bool]:
        """Which objects have a field that only a person has, by path."""
        result: dict[Path, bool] = {}
        for leaf in leaves:
            if leaf.kind != "key" and leaf.path and isinstance(leaf.path[-1], str):
                parent = leaf.path[:-1]
                result[parent] = result.get(parent, False) or self._names.is_personal(leaf.path[-1])
        return result

    def _search(self, keys: list[_Key]) -> list[list[Finding]]:
        found: list[list[Finding]] = [[] for _ in keys]
        long = [index for index, key in enumerate(keys) if len(key[0]) >= SHORTEST]
        shapes = self._patterns.find([keys[i][0] for i in long], lambda i: _name(keys[long[i]][1]))
        for index, findings in zip(long, shapes, strict=True):
            found[index] = findings
        for (text, place, kind, personal), findings in zip(keys, found, strict=True):
            if kind == "key":
                continue
            by_name = self._names.find(text, place, personal, kind == "number") if place else None
            if by_name is not None:
                findings.append(by_name)
            elif kind == "string":
                findings += self._pairs.find(text)
                findings += self._tables.find(text)
        self._ask(keys, found)
        return [resolve(findings) if len(findings) > 1 else findings for findings in found]

    def _ask(self, keys: list[_Key], found: list[list[Finding]]) -> None:
        """What further detectors say of the strings. Their errors are not caught: what is unchecked must not pass."""
        strings = [index for index, key in enumerate(keys) if key[2] == "string"]
        texts, names = [keys[i][0] for i in strings], [_name(keys[i][1]) for i in strings]
        for detector in self._detectors:
            for index, findings in zip(strings, detector.find(texts, names), strict=True):
                found[index] += findings


def _name(place: Place) -> str:
    return " ".join(word for name in place[:2] for word in words_of(name))
