"""A linear-chain CRF: its weights, their packed form, and the probabilities of labels. No I/O."""

import zlib
from array import array
from collections.abc import Sequence
from math import exp
from typing import NamedTuple

LABELS = ("O", "PERSON", "LOCATION", "ORG")
SCALE = 32.0
"""Weights are stored as whole numbers of 1/SCALE."""

Scores = tuple[int, int, int]
"""Sums of weights for PERSON, LOCATION, ORG, against O, in units of 1/SCALE."""
Packed = int
"""Scores in one number, so that adding three costs as much as adding one; see `pack`."""
Chances = tuple[float, float, float, float]
"""Probabilities of LABELS."""
Odds = tuple[Chances, Chances, Chances, Chances]
"""exp of the weight of label j after label i, by i then j."""


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


def odds_of(steps: Sequence[Sequence[float]]) -> Odds:
    """The odds of a model's steps."""
    one, two, three, four = ((exp(a), exp(b), exp(c), exp(d)) for a, b, c, d in steps)
    return one, two, three, four


def marginals(scores: list[Scores], odds: Odds) -> list[Chances]:
    """Probability of each label for each token, by the forward-backward algorithm.

    Args:
        scores: of each token; at least one.
        odds: exp of the weight of label j after label i, by i then j.
    """
    local = [_exponentials(score) for score in scores]
    forward = [_normal(*local[0])]
    for factors in local[1:]:
        forward.append(_step(forward[-1], factors, odds))
    # Label by label, not in loops: this is half of the tagger's time where there are names.
    (oo, op, ol, og), (po, pp, pl, pg), (lo, lp, ll, lg), (go, gp, gl, gg) = odds
    none = person = location = group = 1.0
    result = [_normal(*forward[-1])]
    for place in range(len(scores) - 1, 0, -1):
        a, b, c, d = local[place]
        a, b, c, d = none * a, person * b, location * c, group * d
        none, person, location, group = _normal(
            oo * a + op * b + ol * c + og * d,
            po * a + pp * b + pl * c + pg * d,
            lo * a + lp * b + ll * c + lg * d,
            go * a + gp * b + gl * c + gg * d,
        )
        a, b, c, d = forward[place - 1]
        result.append(_normal(a * none, b * person, c * location, d * group))
    result.reverse()
    return result


def _exponentials(score: Scores) -> Chances:
    person, location, group = score
    top = max(0, person, location, group)
    return (
        exp(-top / SCALE),
        exp((person - top) / SCALE),
        exp((location - top) / SCALE),
        exp((group - top) / SCALE),
    )


def _step(before: Chances, factors: Chances, odds: Odds) -> Chances:
    a, b, c, d = before
    none, person, location, group = factors
    (oo, op, ol, og), (po, pp, pl, pg), (lo, lp, ll, lg), (go, gp, gl, gg) = odds
    return _normal(
        none * (a * oo + b * po + c * lo + d * go),
        person * (a * op + b * pp + c * lp + d * gp),
        location * (a * ol + b * pl + c * ll + d * gl),
        group * (a * og + b * pg + c * lg + d * gg),
    )


def _normal(none: float, person: float, location: float, group: float) -> Chances:
    total = none + person + location + group
    return none / total, person / total, location / total, group / total


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
