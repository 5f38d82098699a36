"""A linear-chain CRF: its weights, their packed form, and the probabilities of labels. No I/O."""

import zlib
from array import array
from math import exp
from typing import NamedTuple

LABELS = ("O", "PERSON", "LOCATION", "ORG")
SCALE = 32.0
"""Weights are stored as whole numbers of 1/SCALE."""

Scores = tuple[int, int, int]
"""Sums of weights for PERSON, LOCATION, ORG, against O, in units of 1/SCALE."""
Packed = int
"""Scores in one number, so that adding three costs as much as adding one; see `pack`."""
Chances = tuple[float, ...]
"""Probabilities of LABELS."""


class Model(NamedTuple):
    """A trained model.

    Attributes:
        classes: word, lower case -> classes of the dictionary.
        weights: feature -> its weights.
        steps: weight of label j after label i, by i then j.
    """

    classes: dict[str, str]
    weights: dict[str, Packed]
    steps: tuple[tuple[float, ...], ...]


_BITS = 24
_HALF = 1 << (_BITS - 1)
_MASK = (1 << _BITS) - 1


def pack(person: int, location: int, org: int) -> Packed:
    """Scores as one number. Sums of packed scores are packed sums, while each stays within 23 bits."""
    return person + (location << _BITS) + (org << 2 * _BITS)


def unpack(packed: Packed) -> Scores:
    """The scores that were packed."""
    person = ((packed + _HALF) & _MASK) - _HALF
    packed = (packed - person) >> _BITS
    location = ((packed + _HALF) & _MASK) - _HALF
    return person, location, (packed - location) >> _BITS


def marginals(scores: list[Scores], odds: tuple[Chances, ...]) -> list[Chances]:
    """Probability of each label for each token, by the forward-backward algorithm.

    Args:
        scores: of each token; at least one.
        odds: exp of the weight of label j after label i, by i then j.
    """
    local = [_exponentials(score) for score in scores]
    forward = [_normal(local[0])]
    for factors in local[1:]:
        forward.append(_step(forward[-1], factors, odds))
    ahead: Chances = (1.0,) * len(LABELS)
    result = [_normal(forward[-1])]
    for place in range(len(scores) - 1, 0, -1):
        back = [a * b for a, b in zip(ahead, local[place], strict=True)]
        ahead = _normal(tuple(sum(f * back[j] for j, f in enumerate(row)) for row in odds))
        result.append(_normal(tuple(a * b for a, b in zip(forward[place - 1], ahead, strict=True))))
    result.reverse()
    return result


def _exponentials(score: Scores) -> Chances:
    top = max(0, *score)
    return (exp(-top / SCALE), *(exp((value - top) / SCALE) for value in score))


def _step(before: Chances, factors: Chances, odds: tuple[Chances, ...]) -> Chances:
    return _normal(tuple(f * sum(b * odds[i][j] for i, b in enumerate(before)) for j, f in enumerate(factors)))


def _normal(values: Chances) -> Chances:
    total = sum(values)
    return tuple(value / total for value in values)


def read_model(packed: bytes) -> Model:
    """A model from the bytes that `write_model` made."""
    head, words, names, numbers = zlib.decompress(packed).split(b"\0", 3)
    steps = [float(value) for value in head.decode().split()]
    classes = {}
    for line in words.decode().split("\n"):
        kind, _, members = line.partition(" ")
        classes.update(dict.fromkeys(members.split(" "), kind))
    values = iter(array("b", numbers))
    weights = dict(zip(names.decode().split("\1"), map(pack, values, values, values), strict=True))
    width = len(LABELS)
    return Model(classes, weights, tuple(tuple(steps[row * width : (row + 1) * width]) for row in range(width)))


def write_model(model: Model) -> bytes:
    """The bytes of a model, packed."""
    by_kind: dict[str, list[str]] = {}
    for word, kind in sorted(model.classes.items()):
        by_kind.setdefault(kind, []).append(word)
    head = " ".join(f"{step:.4f}" for row in model.steps for step in row)
    words = "\n".join(f"{kind} {' '.join(members)}" for kind, members in sorted(by_kind.items()))
    names = sorted(model.weights)
    numbers = array("b", (value for name in names for value in unpack(model.weights[name])))
    return zlib.compress(b"\0".join((head.encode(), words.encode(), "\1".join(names).encode(), numbers.tobytes())), 9)
