"""Names of people, places and organisations in prose: a small linear-chain CRF, trained in advance. No I/O but `load`.

Only stretches around capitalised words and known names are looked at. The model ships with the package; how it is made
is in benchmarks/training/train.py.
"""

from collections.abc import Iterable, Iterator
from math import exp
from typing import NamedTuple

from ..types import Finding
from .crf import LABELS, SCALE, Chances, Model, Packed, Scores, marginals, read_model, unpack
from .features import (
    Run,
    glue_of,
    islands,
    line_kinds,
    near_features,
    own_features,
    place_features,
    runs,
    tokens_of,
)
from .lexicon import Word, word_of

CHUNK = 16_384
"""Longest stretch of text looked at in one go, in code points."""
WORDS_KEPT = 20_000
"""Words whose weights are remembered."""
WORD_KEPT = 40
"""Longest word whose weights are remembered, in code points."""


class Mode(NamedTuple):
    """How sure the tagger has to be, as probabilities.

    Attributes:
        full: for a person by a first name that lists know, and more.
        part: for a person by one word that lists know as a name.
        odd: for a person by words that no list of names knows, or that also mean something else.
        other: for a place or an organisation.
        extend: for each token of a name; the others are for its best token.
        repeat: for a word that is part of a person's name found elsewhere in the text.
    """

    full: float
    part: float
    odd: float
    other: float
    extend: float
    repeat: float


PRECISE = Mode(full=0.5, part=0.85, odd=0.95, other=0.8, extend=0.5, repeat=0.1)
GREEDY = Mode(full=0.35, part=0.5, odd=0.6, other=0.5, extend=0.35, repeat=0.02)


class _Known(NamedTuple):
    """A word and the sums of the weights that it decides alone: for itself, and for the tokens around it (`_NEAR`)."""

    word: Word
    own: Packed
    near: tuple[Packed, Packed, Packed, Packed]


class _Name(NamedTuple):
    """A name in an island: tokens, last included, and the probability of the surest one."""

    type: str
    first: int
    last: int
    chance: float


class _Mention(NamedTuple):
    """A token that is not sure enough to be a name, but may repeat one."""

    word: str
    start: int
    chance: float


class _Chunk(NamedTuple):
    """A stretch of text, taken apart."""

    tokens: list[str]
    offsets: list[int]
    known: list[_Known]
    words: list[Word]


class Tagger:
    """Finds names in prose. Safe to use from several threads at once."""

    def __init__(self, model: Model) -> None:
        self._classes = model.classes
        self._weights = model.weights
        self._odds = tuple(tuple(exp(step) for step in row) for row in model.steps)
        self._known: dict[str, _Known] = {}

    @classmethod
    def load(cls) -> "Tagger":
        """The tagger with the model that ships with the package."""
        from importlib import resources

        return cls(read_model((resources.files(__package__) / "data" / "names.model").read_bytes()))

    def tag(self, text: str, mode: Mode = PRECISE) -> list[Finding]:
        """Names in a text: PERSON, LOCATION, ORG; sorted, without overlap; the score is the probability."""
        found: list[Finding] = []
        mentions: list[_Mention] = []
        for start, end in chunks(text):
            self._tag(text[start:end], start, mode, found, mentions)
        if mentions and found:
            found += self._repeated(text, found, mentions, mode)
            found.sort(key=lambda finding: finding.start)
        return found

    def _tag(self, text: str, base: int, mode: Mode, found: list[Finding], mentions: list[_Mention]) -> None:
        tokens, offsets = tokens_of(text)
        known = [self._look(token) for token in tokens]
        chunk = _Chunk(tokens, offsets, known, [entry.word for entry in known])
        places = islands(chunk.words)
        lines = line_kinds(chunk.words) if places else []
        for start, end in places:
            scores = self._scores(chunk, lines, start, end)
            if max(map(max, scores)) < _HOPELESS:
                continue
            chances = marginals(scores, self._odds)
            for name in names_in(chances, mode.extend):
                first, last = start + name.first, start + name.last
                if name.chance >= self._needed(name.type, chunk.words[first : last + 1], mode):
                    stop = base + offsets[last] + len(tokens[last])
                    found.append(Finding(name.type, base + offsets[first], stop, name.chance, _RULES[name.type]))
            for place, row in enumerate(chances, start):
                if row[_PERSON] >= mode.repeat and chunk.words[place].shape in _REPEATED:
                    mentions.append(_Mention(tokens[place], base + offsets[place], row[_PERSON]))

    @staticmethod
    def _needed(kind: str, words: list[Word], mode: Mode) -> float:
        """Probability that a name must reach, by what is known of its words."""
        if kind != "PERSON":
            return mode.other
        first, last = words[0], words[-1]
        if not _OTHERWISE.isdisjoint(last.classes):
            return mode.odd
        if len(words) > 1:
            return mode.full if not _FIRST.isdisjoint(first.classes) and "w" not in first.classes else mode.odd
        return mode.part if first.shape == "Aa" and not _LISTED.isdisjoint(first.classes) else mode.odd

    def _scores(self, chunk: _Chunk, lines: list[str], start: int, end: int) -> list[Scores]:
        result = []
        inside = runs(chunk.words, start, end)
        known, get = chunk.known, self._weights.get
        shared: Packed = 0
        last: Run | None = None
        for index in range(start, end):
            run = inside.get(index)
            if run is not last:
                shared, last = self._sum(run.shared) if run else 0, run
            total = shared + known[index].own + known[index - 2].near[0] + known[index - 1].near[1]
            total += known[index + 1].near[2] + known[index + 2].near[3]
            glue = glue_of(chunk.tokens, chunk.offsets, index)
            total += sum([get(feature, 0) for feature in place_features(chunk.words, index, run, lines[index], glue)])
            result.append(unpack(total))
        return result

    def _look(self, token: str) -> _Known:
        entry = self._known.get(token)
        if entry is None:
            entry = self._learn(token)
            if len(self._known) >= WORDS_KEPT:
                self._known = {}
            if len(token) <= WORD_KEPT:
                self._known[token] = entry
        return entry

    def _learn(self, token: str) -> _Known:
        word = word_of(token, self._classes)
        one, two, three, four = (self._sum(near_features(word, distance)) for distance in _NEAR)
        return _Known(word, self._sum(own_features(word)), (one, two, three, four))

    def _sum(self, features: Iterable[str]) -> Packed:
        get = self._weights.get
        return sum([get(feature, 0) for feature in features])

    def _repeated(self, text: str, found: list[Finding], mentions: list[_Mention], mode: Mode) -> Iterator[Finding]:
        """Single words that are part of a person's name found elsewhere in the text."""
        names = {
            part
            for finding in found
            if finding.type == "PERSON"
            for part in text[finding.start : finding.end].split()
            if len(part) > 2 and _OTHERWISE.isdisjoint(word_of(part, self._classes).classes)
        }
        taken = {place for finding in found for place in range(finding.start, finding.end)}
        again = [mention for mention in mentions if mention.word in names and mention.start not in taken]
        groups: list[list[_Mention]] = []
        for mention in again:
            if groups and groups[-1][-1].start + len(groups[-1][-1].word) + 1 == mention.start:
                groups[-1].append(mention)
            else:
                groups.append([mention])
        for group in groups:
            score = round(max(group[0].chance, mode.extend), 3)
            end = group[-1].start + len(group[-1].word)
            yield Finding("PERSON", group[0].start, end, score, _RULES["PERSON"])


_PERSON = LABELS.index("PERSON")
_NAMES = range(1, len(LABELS))
_RULES = {kind: f"tagger.{kind.lower()}" for kind in LABELS}
# A neighbour's distance, in the order of `_Known.near`.
_NEAR = (-2, -1, 1, 2)
# Below this best score of an island nothing in it can become likely enough for any mode.
_HOPELESS = -4 * SCALE
# Classes of first names, of any names, and of words that often mean something else.
_FIRST = frozenset("Ff")
_LISTED = frozenset("FfLl")
_OTHERWISE = frozenset("wmhCO")
_REPEATED = frozenset(("Aa", "Ab"))
_NOTHING: Chances = (1.0, 0.0, 0.0, 0.0)


def chunks(text: str) -> Iterator[tuple[int, int]]:
    """Stretches of a text, at most CHUNK long each, cut at line breaks, else at sentences, else at spaces."""
    start, size = 0, len(text)
    while size - start > CHUNK:
        limit = start + CHUNK
        cut = max(text.rfind("\n", start, limit), text.rfind(". ", start, limit))
        cut = cut if cut > start else text.rfind(" ", start, limit)
        cut = cut + 1 if cut > start else limit
        yield start, cut
        start = cut
    if start < size:
        yield start, size


def names_in(chances: list[Chances], extend: float) -> Iterator[_Name]:
    """Names of an island: neighbouring tokens with the same likeliest type."""
    start = current = 0
    for place, row in enumerate([*chances, _NOTHING]):
        label = max(_NAMES, key=row.__getitem__)
        if row[label] < extend:
            label = 0
        if label != current:
            if current:
                yield _Name(
                    LABELS[current], start, place - 1, round(max(row[current] for row in chances[start:place]), 3)
                )
            start, current = place, label
