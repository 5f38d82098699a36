"""Names of people, places and organisations in prose: a small linear-chain CRF, trained in advance. No I/O but `load`.

Only stretches around capitalised words and known names are looked at. The model ships with the package; how it is made
is in benchmarks/training/train.py.
"""

from collections.abc import Iterator
from functools import cache
from math import log
from typing import NamedTuple

from ..types import Finding
from .crf import LABELS, SCALE, Chances, Model, Scores, marginals, odds_of, read_model
from .features import islands, line_kind, line_of
from .lexicon import Word, word_of
from .seats import Places, Reader
from .weighing import Known, Weighing

CHUNK = 16_384
"""Longest stretch of text looked at in one go, in code points."""


class Mode(NamedTuple):
    """How sure the tagger has to be, as probabilities.

    Attributes:
        full: for a person by a first name that lists know, and more.
        part: for a person by one word that lists know as a name.
        odd: for a person by one word that no list of names knows, or that also means something else.
        odds: the same for several words.
        other: for a place or an organisation.
        extend: for each token of a name; the others are for its best token.
        repeat: for a word that is part of a person's name found elsewhere in the text.
    """

    full: float
    part: float
    odd: float
    odds: float
    other: float
    extend: float
    repeat: float

    def hopes(self, scores: list[Scores]) -> bool:
        """Whether an island with such scores can hold anything that counts."""
        if len(scores) > 1:
            return max(map(max, scores)) >= _HOPELESS
        # Alone, a score's chance is at most what it would be without the others; a bit more for what is rounded off.
        person, location, organisation = scores[0]
        return person >= _least(min(self.repeat, self.extend)) or max(location, organisation) >= _least(self.extend)


@cache
def _least(chance: float) -> float:
    """The score that a chance asks for at least."""
    return log(chance / (1.001 - chance)) * SCALE - 1


PRECISE = Mode(full=0.5, part=0.85, odd=0.9, odds=0.85, other=0.8, extend=0.5, repeat=0.1)
GREEDY = Mode(full=0.35, part=0.5, odd=0.6, odds=0.6, other=0.5, extend=0.35, repeat=0.02)


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


class Tagger:
    """Finds names in prose. Safe to use from several threads at once."""

    def __init__(self, model: Model) -> None:
        self._classes = model.classes
        self._weighing = Weighing(model.weights)
        self._odds = odds_of(model.steps)
        self._reader: Reader[Known] = Reader(model.classes, self._weighing.look)

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
        row = self._reader.read(text)
        seats = row.seats
        places = Places(text, row)
        for start, end in islands(row.marks):
            scores = self._weighing.scores(seats, row.marks, line_kind(line_of(row.marks, start)), start, end)
            if not mode.hopes(scores):
                continue
            chances = marginals(scores, self._odds)
            for name in names_in(chances, mode.extend):
                first, last = start + name.first, start + name.last
                words = [seat.known.word for seat in seats[first : last + 1]]
                if name.chance >= self._needed(name.type, words, mode):
                    begin, stop = base + places.of(first), base + places.of(last) + len(seats[last].text)
                    found.append(Finding(name.type, begin, stop, name.chance, _RULES[name.type]))
            for place, chance in enumerate(chances, start):
                if chance[_PERSON] >= mode.repeat and seats[place].known.word.shape in _REPEATED:
                    mentions.append(_Mention(seats[place].text, base + places.of(place), chance[_PERSON]))

    @staticmethod
    def _needed(kind: str, words: list[Word], mode: Mode) -> float:
        """Probability that a name must reach, by what is known of its words."""
        if kind != "PERSON":
            return mode.other
        first, last = words[0], words[-1]
        if len(words) > 1:
            sure = not _FIRST.isdisjoint(first.classes) and "w" not in first.classes
            return mode.full if sure and _OTHERWISE.isdisjoint(last.classes) else mode.odds
        if first.shape not in _REPEATED:
            return _SHOUTED
        sure = first.shape == "Aa" and not _LISTED.isdisjoint(first.classes) and _OTHERWISE.isdisjoint(first.classes)
        return mode.part if sure else mode.odd

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
# Below this best score of an island nothing in it can become likely enough for any mode.
_HOPELESS = -4 * SCALE
# Classes of first names, of any names, and of words that often mean something else.
_FIRST = frozenset("Ff")
_LISTED = frozenset("FfLl")
_OTHERWISE = frozenset("wmhCO")
_REPEATED = frozenset(("Aa", "Ab"))
_SHOUTED = 0.995
"""Probability that one word in capitals alone must reach: nearly all are abbreviations."""
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
