"""Trains the tagger of names and writes pii_shield/detect/data/names.model.

    pip install python-crfsuite Faker
    python benchmarks/training/train.py

Everything it learns from is made here: sentences drawn from grammar.txt, word lists of words.txt and common.txt, names
of Faker's provider lists, and the standard library's source as text without names. The seed is fixed; the versions of
Faker and Python count. Takes about two minutes.
"""

import argparse
import random
import re
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
import pycrfsuite
from grammar import Grammar, Sample, vary
from maker import Maker
from names import Names, dictionary

from pii_shield.detect.crf import LABELS, SCALE, Model, pack, write_model
from pii_shield.detect.features import (
    glue_of,
    islands,
    line_kind,
    line_of,
    mark_of,
    near_features,
    own_features,
    place_features,
    runs,
    tokens_of,
)
from pii_shield.detect.lexicon import Word, word_of
from pii_shield.detect.tagger import chunks

TARGET = Path(__file__).resolve().parents[2] / "pii_shield" / "detect" / "data" / "names.model"
SEED = 20260101
SHARES = {
    "text_wiki": 10500,
    "text_news": 5600,
    "text_mail": 5600,
    "text_ticket": 7000,
    "text_chat": 4200,
    "text_tweet": 5600,
    "text_doc": 6300,
    "text_other": 1750,
    "text_code": 4900,
}
NEGATIVE_CHARS = 1_200_000
"""Code points of standard library source that are added as text without names."""
UNKNOWN = 0.35
"""Share of the words of names that a sample's dictionary does not know, so that the model learns to do without."""
UNKNOWN_PLACES = 0.15
"""The same for places: lists of them are nearer to complete than lists of people."""

_Item = tuple[list[list[str]], list[str]]


def samples(rng: random.Random, names: Names, scale: float) -> Iterator[Sample]:
    """All training texts."""
    maker = Maker(names, rng)
    grammar = Grammar(names, maker, rng)
    for section, count in SHARES.items():
        for _ in range(int(count * scale)):
            yield vary(grammar.draw(section), rng)
    for text in negatives(rng, int(NEGATIVE_CHARS * scale)):
        yield Sample(text, [])


# Lines of the standard library that may name a person.
_CREDIT = re.compile(
    r"author|written|contribut|by |thanks|credit|copyright|@|mail|\b[A-Z][a-z]+ (?:[A-Z]\. )?[A-Z][a-z]+\b", re.I
)


def negatives(rng: random.Random, size: int) -> Iterator[str]:
    """Pieces of the standard library's source, without lines that look as if they named somebody."""
    root = Path(sysconfig.get_paths()["stdlib"])
    files = sorted(path for path in root.rglob("*.py") if not {"site-packages", "test", "idlelib"} & set(path.parts))
    rng.shuffle(files)
    for path in files:
        lines = path.read_text("utf8", "replace").splitlines()
        kept = [line for line in lines if line.strip() and (not _CREDIT.search(line) or _SAFE.search(line))]
        start = rng.randrange(max(1, len(kept) - 200))
        for first in range(start, min(start + 200, len(kept)), 20):
            text = "\n".join(kept[first : first + 20])
            size -= len(text)
            yield text
        if size < 0:
            return


_SAFE = re.compile(r"^\s*(?:def|class|raise|return|if|for|import|from|self|assert|[A-Z_]+ =)\b.*[(:=]")
_PEOPLE = str.maketrans("", "", "FfLlO")
_PLACES = str.maketrans("", "", "CcdFfLlO")


def forget(classes: str, token: str, salt: int) -> str:
    """The classes of a word, at times without those that say it is a name."""
    roll = hash_of(token.lower(), salt)
    return classes.translate(_PLACES if roll < UNKNOWN_PLACES else _PEOPLE) if roll < UNKNOWN else classes


def hash_of(token: str, salt: int) -> float:
    """A number from 0 to 1 for a word, the same in every run."""
    value = salt
    for char in token:
        value = (value * 1_000_003 + ord(char)) & 0xFFFFFFFF
    return ((value * 2_654_435_761) & 0xFFFFFFFF) / 0x100000000


def items(sample: Sample, classes: dict[str, str], salt: int) -> Iterator[_Item]:
    """Features and labels of each island of a sample."""
    for base, stop in chunks(sample.text):
        yield from _items(sample.text[base:stop], base, sample.spans, classes, salt)


def _items(
    text: str, base: int, spans: list[tuple[int, int, str]], classes: dict[str, str], salt: int
) -> Iterator[_Item]:
    tokens, offsets = tokens_of(text)
    words = [word_of(token, classes) for token in tokens]
    words = [
        Word(word.lower, word.shape, forget(word.classes, word.lower, salt)) if word.classes else word for word in words
    ]
    marks = "".join(map(mark_of, words))
    for start, end in islands(marks):
        line = line_kind(line_of(marks, start))
        inside = runs(words, start, end)
        features, labels = [], []
        for index in range(start, end):
            glue = glue_of(tokens, offsets, index)
            row = own_features(words[index])
            for distance in (-2, -1, 1, 2):
                row += near_features(words[index + distance], distance)
            run = inside.get(index)
            row += place_features(words, index, run, line, glue)
            row += run.shared if run else ()
            features.append(row)
            labels.append(label_at(offsets[index] + base, spans))
        yield features, labels


def label_at(offset: int, spans: list[tuple[int, int, str]]) -> str:
    """The type of the span that holds an offset, or "O"."""
    return next((label for start, end, label in spans if start <= offset < end), "O")


def fit(trainer: pycrfsuite.Trainer, rounds: int) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], float]]:
    """State and transition weights."""
    trainer.set_params(
        {"c1": 0.3, "c2": 0.6, "max_iterations": rounds, "feature.minfreq": 3, "feature.possible_transitions": True}
    )
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "crf")
        trainer.train(path)
        tagger = pycrfsuite.Tagger()
        tagger.open(path)
        info = tagger.info()
        return dict(info.state_features), dict(info.transitions)


def compact(
    states: dict[tuple[str, str], float], steps: dict[tuple[str, str], float], classes: dict[str, str]
) -> Model:
    """Weights against those of O, in small whole numbers; those that round to nothing are left out."""
    rows: dict[str, list[float]] = {}
    for (feature, label), weight in states.items():
        rows.setdefault(feature, [0.0] * len(LABELS))[LABELS.index(label)] = weight
    weights = {}
    for feature, row in rows.items():
        person, location, org = (max(-127, min(127, round((value - row[0]) * SCALE))) for value in row[1:])
        if person or location or org:
            weights[feature] = pack(person, location, org)
    matrix = tuple(tuple(steps.get((before, after), 0.0) for after in LABELS) for before in LABELS)
    return Model(classes, weights, matrix)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the training texts")
    parser.add_argument("--out", type=Path, default=TARGET)
    options = parser.parse_args()
    began = time.perf_counter()
    rng = random.Random(SEED)
    names = Names()
    classes = dictionary(names)
    trainer = pycrfsuite.Trainer(verbose=False)
    count = tokens = 0
    for salt, sample in enumerate(samples(rng, names, options.scale)):
        for features, labels in items(sample, classes, salt):
            trainer.append(features, labels)
            count, tokens = count + 1, tokens + len(labels)
    print(f"{count} islands, {tokens} tokens, {time.perf_counter() - began:.0f} s")
    model = compact(*fit(trainer, options.rounds), classes)
    packed = write_model(model)
    options.out.write_bytes(packed)
    size, seconds = len(packed) / 1e6, time.perf_counter() - began
    print(f"{len(model.weights)} features, {len(classes)} words, {size:.2f} MB, {seconds:.0f} s")


if __name__ == "__main__":
    main()
