"""The reference engine: everything that is found in the leaves of one message. No I/O.

Shapes (`patterns`), names (`fields`, `pairs`, `tables`) and known values (`recall`) are asked, what one leaf reveals is
looked for in its neighbours, and overlaps are settled last, on the unmodified text.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ..checks import checks
from ..rules import RuleSet
from ..types import Finding, Leaf, Path
from .fields import Names, Place, place_of, words_of
from .overlap import resolve
from .pairs import Pairs
from .patterns import SEPARATOR, Patterns
from .recall import Recall
from .tables import Tables
from .views import views
from .words import Index, fold

THRESHOLD = 0.5
"""Findings with a lower score do not count."""
MEMO_TEXT = 2048
"""Longest text whose findings are remembered, in characters."""
MEMO_SIZE = 8192
"""Texts remembered per generation; two generations are kept."""

_NO_PLACE: Place = ()


class _Key(NamedTuple):
    text: str
    place: Place
    kind: str
    personal: bool


class Engine:
    """Finds values. Safe to use from several threads at once.

    Args:
        rules: frozen rules, see `rules.load`.
        types: entity types to look for (`entities.DEFAULT_TYPES` to protect, all of `entities.TYPES` to scan).
        all_rules: whether rules that are not for protecting by default (no-reply addresses, ...) are used too.
    """

    def __init__(self, rules: RuleSet, types: frozenset[str], all_rules: bool = False) -> None:
        self.types = types
        known = checks(rules.words)
        wanted = [rule for rule in rules.patterns if rule.type in types and (all_rules or rule.by_default)]
        self._patterns = Patterns(wanted, known, THRESHOLD)
        self._names = Names(rules.fields, known)
        self._pairs = Pairs(self._names)
        self._tables = Tables(self._names)
        self.common = frozenset().union(*rules.words.values())
        self._young: dict[_Key, list[Finding]] = {}
        self._old: dict[_Key, list[Finding]] = {}

    def find(self, leaves: Sequence[Leaf], recall: Recall | None = None, server: str = "") -> list[list[Finding]]:
        """Findings of each leaf, sorted, without overlap, offsets in code points into `leaf.text`.

        Args:
            leaves: all leaves of one message: neighbours explain each other, and what is found in one by its field's
                name is found in the others too.
            recall: known values of the scope.
            server: name of the server that sends the message, or would receive it.
        """
        encoded = [
            (index, view) for index, leaf in enumerate(leaves) if leaf.kind != "number" for view in views(leaf.text)
        ]
        inner = [Leaf(view.text, leaves[index].path, leaves[index].kind) for index, view in encoded]
        found = self._find([*leaves, *inner], recall, server)
        for (index, view), findings in zip(encoded, found[len(leaves) :], strict=True):
            if findings:
                back = [view.back(finding) for finding in findings]
                spans = {(finding.start, finding.end) for finding in back}
                found[index] = resolve([*back, *(f for f in found[index] if (f.start, f.end) not in spans)])
        return found[: len(leaves)]

    def _find(self, leaves: Sequence[Leaf], recall: Recall | None, server: str) -> list[list[Finding]]:
        found = self._intrinsic(leaves)
        texts = [leaf.text for leaf in leaves]
        extra = self._shared(texts, found)
        if recall is not None and len(recall) and recall.touches(SEPARATOR.join(texts)):
            for index, text in enumerate(texts):
                if hits := recall.find(text, server):
                    extra.setdefault(index, []).extend(hits)
        return [self._settled(findings, extra.get(index)) for index, findings in enumerate(found)]

    def _settled(self, findings: list[Finding], extra: list[Finding] | None) -> list[Finding]:
        if extra:
            findings = resolve([*findings, *extra])
        return [finding for finding in findings if finding.type in self.types] if findings else []

    def _intrinsic(self, leaves: Sequence[Leaf]) -> list[list[Finding]]:
        """What each leaf's own text and place reveal, settled; remembered."""
        keys = self._keys(leaves)
        result: list[list[Finding]] = []
        missing: dict[_Key, list[int]] = {}
        for index, key in enumerate(keys):
            known = self._young.get(key)
            if known is None:
                known = self._old.get(key)
                if known is None:
                    missing.setdefault(key, []).append(index)
                    known = []
                else:
                    self._remember(key, known)
            result.append(known)
        for key, findings in zip(missing, self._search(list(missing)), strict=True):
            self._remember(key, findings)
            for index in missing[key]:
                result[index] = findings
        return result

    def _keys(self, leaves: Sequence[Leaf]) -> list[_Key]:
        personal: dict[Path, bool] | None = None
        keys = []
        for leaf in leaves:
            place = place_of(leaf.path) if leaf.kind != "key" else _NO_PLACE
            near = False
            if place and any(rule.siblings for rule in self._names.rules_for(place)):
                personal = self._personal(leaves) if personal is None else personal
                near = personal.get(_object_of(leaf.path), False)
            keys.append(_Key(leaf.text, place, leaf.kind, near))
        return keys

    def _personal(self, leaves: Sequence[Leaf]) -> dict[Path, bool]:
        """Which objects have a field that only a person has, by path."""
        result: dict[Path, bool] = {}
        for leaf in leaves:
            if leaf.kind != "key" and leaf.path and isinstance(leaf.path[-1], str):
                parent = leaf.path[:-1]
                result[parent] = result.get(parent, False) or self._names.is_personal(leaf.path[-1])
        return result

    def _remember(self, key: _Key, findings: list[Finding]) -> None:
        if len(key.text) > MEMO_TEXT:
            return
        if len(self._young) >= MEMO_SIZE:
            self._old, self._young = self._young, {}
        self._young[key] = findings

    def _search(self, keys: list[_Key]) -> list[list[Finding]]:
        found = self._patterns.find([key.text for key in keys], lambda index: _name(keys[index].place))
        for key, findings in zip(keys, found, strict=True):
            if key.kind == "key":
                continue
            by_name = self._names.find(key.text, key.place, key.personal, key.kind == "number") if key.place else None
            if by_name is not None:
                findings.append(by_name)
            elif key.kind == "string":
                findings += self._pairs.find(key.text)
                findings += self._tables.find(key.text)
        return [resolve(findings) if len(findings) > 1 else findings for findings in found]

    def _shared(self, texts: Sequence[str], found: Sequence[Sequence[Finding]]) -> dict[int, list[Finding]]:
        """What one leaf reveals by a name or a cue, found in the other leaves (and elsewhere in its own)."""
        index: Index[Finding] = Index()
        for text, findings in zip(texts, found, strict=True):
            for finding in findings:
                if finding.type in _SHARED and self._worth_sharing(finding, text[finding.start : finding.end]):
                    index.add(text[finding.start : finding.end], finding)
        extra: dict[int, list[Finding]] = {}
        if not len(index) or not index.touches(fold(SEPARATOR.join(texts))):
            return extra
        for number, text in enumerate(texts):
            for start, end, origin in index.find(fold(text)):
                if _shareable(text, start, end, origin):
                    extra.setdefault(number, []).append(Finding(origin.type, start, end, SHARED_SCORE, origin.rule))
        return extra

    def _worth_sharing(self, finding: Finding, spelling: str) -> bool:
        if finding.type not in self.types or len(spelling) < 3:
            return False
        if finding.type in {"PERSON", "USERNAME"} and " " not in spelling:
            return fold(spelling) not in self.common
        return len(spelling) >= _SHARED[finding.type]


SHARED_SCORE = 0.6
# Types shared between the leaves of one message, and how long such a value must be.
_SHARED = {
    "PERSON": 3,
    "USERNAME": 4,
    "ADDRESS": 8,
    "DOB": 8,
    "NATIONAL_ID": 7,
    "TAX_ID": 7,
    "PASSPORT": 7,
    "DRIVER_LICENSE": 7,
    "HEALTH_ID": 7,
    "BANK_ACCOUNT": 7,
    "US_SSN": 9,
    "CREDIT_CARD": 12,
    "PHONE": 7,
    "SECRET": 8,
    "PASSWORD": 6,
}
_PATH_SIGNS = "/@\\.:_-#="


def _shareable(text: str, start: int, end: int, origin: Finding) -> bool:
    """Whether a mention is one: single names keep their capital, user names are not parts of a path or address."""
    spelling = text[start:end]
    if " " in spelling or origin.type not in {"PERSON", "USERNAME"}:
        return True
    around = text[start - 1 : start] + text[end : end + 1]
    if origin.type == "USERNAME":
        return not any(char in _PATH_SIGNS for char in around)
    return spelling[:1].isupper() and not any(char in "/@\\_" for char in around)


def _object_of(path: Path) -> Path:
    return path[:-1]


def _name(place: Place) -> str:
    return " ".join(word for name in place[:2] for word in words_of(name))
