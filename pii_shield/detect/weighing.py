"""The tagger's sums: what the weights of a token's features come to, each part of it worked out once per word. No I/O.

`features` says which features there are; this adds up the same weights without naming each feature at each place. All
weights are whole numbers, so the sums are the same whatever the order.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from .crf import Packed, Scores, unpack
from .features import ENDS, LINKS, near_features, own_features
from .lexicon import Word
from .seats import Seat

TRIPLES_KEPT = 50_000
"""Neighbourhoods whose weights are remembered."""


class _BySize(dict[int, Packed]):
    """Sums of some features by the size of a run, each worked out when it is first asked for."""

    def __init__(self, total: Callable[[int], Packed]) -> None:
        self._total = total

    def __missing__(self, size: int) -> Packed:
        self[size] = total = self._total(size)
        return total


class Known:
    """A word, and the sums of the weights that it decides: each worked out when it is first asked for.

    Attributes:
        word: it.
        kind: a number that words of the same shape and classes share.
    """

    def __init__(self, word: Word, kind: int, weights: Mapping[str, Packed], heads: frozenset[str]) -> None:
        self.word = word
        self.kind = kind
        self._weights = weights
        self._heads = heads

    @cached_property
    def own(self) -> Packed:
        """Of the token itself."""
        return self._total(*own_features(self.word))

    @cached_property
    def near(self) -> tuple[Packed, ...]:
        """Of the tokens around it: one sum for each of the distances -2, -1, 1, 2."""
        return tuple(self._total(*near_features(self.word, distance)) for distance in (-2, -1, 1, 2))

    @cached_property
    def before(self) -> _BySize:
        """Of a run that it stands before."""
        lower = self.word.lower
        return _BySize(lambda size: self._total("r" + lower, f"R{lower}|{size}"))

    @cached_property
    def after(self) -> _BySize:
        """Of a run that it stands behind."""
        lower = self.word.lower
        return _BySize(lambda size: self._total("t" + lower, f"T{lower}|{size}"))

    @cached_property
    def last(self) -> _BySize:
        """Of a run that it ends."""
        lower, _, classes = self.word
        return _BySize(lambda size: self._total("B" + lower, f"C{classes}|{size}", f"q{size}"))

    @cached_property
    def first(self) -> Packed:
        """Of a run that it begins."""
        return self._total("A" + self.word.lower)

    @cached_property
    def left(self) -> Packed:
        """Of a run of which it is the next lower-case word before it."""
        return self._total("u" + self.word.lower)

    @cached_property
    def right(self) -> Packed:
        """Of a run of which it is the next lower-case word behind it."""
        return self._total("v" + self.word.lower)

    @cached_property
    def alone(self) -> Packed:
        """All that it decides of itself where it is a run alone."""
        return self.own + self.first + self.last[1] + self._total("p00|" + self.word.classes)

    @cached_property
    def before_one(self) -> Packed:
        """Of a run of one that it stands before."""
        return self.near[1] + self.before[1]

    @cached_property
    def after_one(self) -> Packed:
        """Of a run of one that it stands behind."""
        return self.near[2] + self.after[1]

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """Beginnings of the features that it has together with another word, "" where none of them has a weight."""
        heads = (f"{kind}{self.word.lower}{joint}" for kind, joint in _JOINTS.items())
        return tuple(head if head in self._heads else "" for head in heads)

    def _total(self, *features: str) -> Packed:
        get = self._weights.get
        return sum([get(feature, 0) for feature in features])


_E, _U, _V, _BEFORE, _AFTER = range(5)
_JOINTS = {"E": "|", "U": " ", "V": " ", "e": "|", "f": "|"}


class Weighing:
    """Adds up weights. Safe to use from several threads at once."""

    def __init__(self, weights: Mapping[str, Packed]) -> None:
        self._weights = weights
        self._heads = frozenset(head for feature in weights if feature[0] in _JOINTS for head in _heads(feature))
        # Of shapes that stand in no feature (rare signs) none makes a difference.
        self._shapes = ENDS | {"|"} | {part for name in weights if name[0] in "dh" for part in name[1:].split("|")}
        self._kinds: dict[tuple[str, str], int] = {}
        # Of a run with no word before or behind it.
        self._edges = weights.get("u", 0), weights.get("v", 0)
        self._triples: dict[int, Packed] = {}
        self._patterns: dict[int, Packed] = {}
        self._alones: dict[int, Packed] = {}

    def look(self, word: Word) -> Known:
        """What is known of a word."""
        shape = word.shape if word.shape in self._shapes else _RARE
        kind = self._kinds.setdefault((shape, word.classes), len(self._kinds))
        return Known(word, kind, self._weights, self._heads)

    def scores(self, seats: Sequence[Seat[Known]], marks: str, line: str, start: int, end: int) -> list[Scores]:
        """Scores of the tokens of an island on a line of some kind, see `features.line_kind`."""
        if end - start == 1 and marks[start] in _RUNS:
            return [unpack(self._alone(seats, marks, line, start))]
        result: list[Scores] = []
        index = start
        while index < end:
            stop = _run_end(seats, marks, index, end)
            if stop == index:
                result.append(unpack(self._place(seats, index, line)))
                index += 1
                continue
            begin = index + 1 if stop - index > 1 and _opens_sentence(seats, index) else index
            if begin > index:
                result.append(unpack(self._place(seats, index, line)))
            shared = self._run(seats, marks, begin, stop)
            for place in range(begin, stop):
                where = f"p{min(place - begin, 3)}{min(stop - 1 - place, 3)}|{seats[place].known.word.classes}"
                result.append(unpack(shared + self._weights.get(where, 0) + self._place(seats, place, line)))
            index = stop
        return result

    def _alone(self, seats: Sequence[Seat[Known]], marks: str, line: str, index: int) -> Packed:
        """Of a token that is a run alone, as most are: the same as `_place` and `_run`, with fewer sums."""
        two_before, before, known, after, two_after = [seat.known for seat in seats[index - 2 : index + 3]]
        key = (((before.kind << _KIND_BITS | known.kind) << _KIND_BITS) | after.kind) << _KIND_BITS | two_after.kind
        kinds = self._alones.get(key)
        if kinds is None:
            kinds = self._triple(before, known, after) + self._pattern(known, after, two_after, 1)
            _remember(self._alones, key, kinds)
        total = kinds + known.alone + before.before_one + after.after_one + two_before.near[0] + two_after.near[3]
        total += self._around(seats, marks, index, index + 1)
        return total + self._beside(seats[index], before, after, line)

    def _place(self, seats: Sequence[Seat[Known]], index: int, line: str) -> Packed:
        """Of a token in its place, but for what its run shares."""
        seat = seats[index]
        before, known, after = seats[index - 1].known, seat.known, seats[index + 1].known
        total = known.own + seats[index - 2].known.near[0] + before.near[1] + after.near[2]
        total += seats[index + 2].known.near[3] + self._triple(before, known, after)
        return total + self._beside(seat, before, after, line)

    def _beside(self, seat: Seat[Known], before: Known, after: Known, line: str) -> Packed:
        """Of a token together with its neighbours and its line."""
        total, word = 0, seat.known.word
        if head := before.heads[_BEFORE]:
            total += self._weights.get(head + word.classes, 0)
        if head := after.heads[_AFTER]:
            total += self._weights.get(head + word.classes, 0)
        if line:
            total += self._weights.get(f"k{line}{word.shape}", 0) + self._weights.get(f"l{line}{word.classes}", 0)
        if seat.glue:
            total += self._weights.get("o" + seat.glue, 0)
        return total

    def _triple(self, before: Known, known: Known, after: Known) -> Packed:
        """Of three neighbours by their kinds."""
        key = (before.kind << _KIND_BITS | known.kind) << _KIND_BITS | after.kind
        total = self._triples.get(key)
        if total is None:
            (_, left, one), (_, shape, two), (_, right, three) = before.word, known.word, after.word
            features = [f"a{one}|{two}|{three}", f"b{one}|{two}", f"c{two}|{three}", f"d{left}|{shape}|{right}"]
            if left in ENDS:
                features.append(f"h{two}|{shape}")
            total = _remember(self._triples, key, sum([self._weights.get(feature, 0) for feature in features]))
        return total

    def _run(self, seats: Sequence[Seat[Known]], marks: str, start: int, end: int) -> Packed:
        """What the tokens of a run share."""
        size, before, after = min(end - start, 5), seats[start - 1].known, seats[end].known
        one, two, three = [seat.known for seat in seats[start : start + 3]]
        total = before.before[size] + after.after[size] + one.first + seats[end - 1].known.last[size]
        return total + self._pattern(one, two, three, size) + self._around(seats, marks, start, end)

    def _around(self, seats: Sequence[Seat[Known]], marks: str, start: int, end: int) -> Packed:
        """Of a run's surroundings, whatever its length: the next words, and neighbours together."""
        left, right = self._edges
        for place in range(start - 1, max(start - 5, 0), -1):
            if marks[place] in _LOW:
                left = seats[place].known.left
                break
        for place in range(end, min(end + 4, len(seats))):
            if marks[place] in _LOW:
                right = seats[place].known.right
                break
        total = left + right
        before, after = seats[start - 1].known, seats[end].known
        if head := before.heads[_E]:
            total += self._weights.get(head + after.word.lower, 0)
        if head := seats[start - 2].known.heads[_U]:
            total += self._weights.get(head + before.word.lower, 0)
        if head := after.heads[_V]:
            total += self._weights.get(head + seats[end + 1].known.word.lower, 0)
        return total

    def _pattern(self, one: Known, two: Known, three: Known, size: int) -> Packed:
        key = ((one.kind << _KIND_BITS | two.kind) << _KIND_BITS | three.kind) << 3 | size
        known = self._patterns.get(key)
        if known is None:
            feature = f"D{one.word.classes}.{two.word.classes}.{three.word.classes}|{size}"
            known = _remember(self._patterns, key, self._weights.get(feature, 0))
        return known


_RARE = "\0"
_KIND_BITS = 20
"""A number of a kind has at most so many: there are some hundred shapes, times some hundred sets of classes."""


def _remember(known: dict[int, Packed], key: int, total: Packed) -> Packed:
    if len(known) >= TRIPLES_KEPT:
        known.clear()
    known[key] = total
    return total


_HIGH, _LOW, _FREE, _RUNS = "AC", "nfa", "nf", "ACnf"
"""Marks of words with a capital, of others, of those of them that no list knows as something else than a name, and of
all that a run can be made of."""


def _run_end(seats: Sequence[Seat[Known]], marks: str, index: int, end: int) -> int:
    """Where the run ends that begins at a token; there, if none does. See `features.runs`."""
    capital = marks[index] in _HIGH
    kind = _HIGH if capital else _FREE
    while index < end and (
        marks[index] in kind
        or (capital and index + 1 < end and marks[index + 1] in _HIGH and seats[index].known.word.lower in LINKS)
    ):
        index += 1
    return index


def _opens_sentence(seats: Sequence[Seat[Known]], index: int) -> bool:
    classes = seats[index].known.word.classes
    return ("w" in classes or "h" in classes) and "F" not in classes and seats[index - 1].known.word.shape in ENDS


def _heads(feature: str) -> list[str]:
    """Every way in which a feature of two words may begin, up to the second one."""
    return [feature[: place + 1] for place, char in enumerate(feature) if char == _JOINTS[feature[0]]]
