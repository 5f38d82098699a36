"""Texts made to keep regular expressions busy, against every rule of ours and every harvested pattern of Presidio.

    python -m benchmarks.pumping [--size 200000] [--limit 50] [--every-country]

Prints what takes longer than the limit (CPU milliseconds for one rule in one text) and exits with 1 if anything does.
"""

import argparse
import inspect
import logging
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

from pii_shield import compiled, entities, rules
from pii_shield.checks import checks
from pii_shield.detect import patterns
from pii_shield.detect.joined import Joined
from pii_shield.detect.patterns import Patterns

UNITS = [
    *(
        "a",
        "1",
        "a.",
        "a-",
        "1-",
        "1 ",
        "1.",
        "a@",
        "@a.",
        "A1",
        "A ",
        "Aa ",
        "Jane ",
        "Jane D ",
        "Jane Doe ",
        "Suite 1 ",
    ),
    *(
        "1 Main St ",
        "://a:",
        "http://a.",
        "eyJ",
        "eyJa.",
        "-----BEGIN ",
        "user ",
        "Bearer aaaa",
        "curl -u a:",
        "card 1",
    ),
    *("DE89 3704 ", "AA00 AAAA ", "1234 1234 ", "4111 1111 1111 111", "(1)", "+1", "+49 ", "00:", "::", "0x", "Dear A"),
    *(
        "Regards,\nA",
        "born 1.1.",
        "passport A1",
        "%40",
        "a%40",
        "=",
        "\n",
        "\t",
        " ",
        "é",
        "é ",
        "٣",
        "'\"",
        ";",
        "<a@",
    ),
    *(
        '"A B" <a@',
        "A. ",
        "A-",
        "1/1/",
        "12:34:56:",
        "key=",
        "password=",
        "née ",
        "19",
        "2024-01-01 ",
        "电",
        "я ",
        "\x01",
    ),
]


def units(rows: tuple[rules.Rule, ...]) -> list[str]:
    """What to repeat: the list above, and every anchor with and without something behind it."""
    anchors = {anchor for row in rows for anchor in row.anchors}
    return [*UNITS, *sorted(anchors), *sorted(f"{anchor}1a " for anchor in anchors)]


def slow_rules(folder: Path, size: int, limit: float) -> Iterator[tuple[str, str, str, float]]:
    """(engine, unit, rule, milliseconds) of each rule of ours over the limit, with and without the scanner."""
    known = rules.load()
    for name in ("reference", "scanner"):
        engine = Patterns(known, frozenset(entities.TYPES), True, checks(known.words))
        if name == "scanner":
            scanner = compiled.build(engine.sources(), folder)
            if scanner is None:
                return
            engine.use(scanner)
        for unit in units(known.patterns):
            joined = Joined([(unit * (size // len(unit) + 1))[:size]])
            for rule, windows in engine._windows(joined):
                _ = rule.pattern, rule.reach
                started = time.process_time()
                for _match in patterns._matches(rule, joined.text, windows):
                    pass
                spent = (time.process_time() - started) * 1e3
                if spent > limit:
                    yield name, unit, rule.row.id, spent


def slow_harvested(folder: Path, size: int, limit: float, every: bool) -> Iterator[tuple[str, str, str, float]]:
    """The same for Presidio's recognisers, harvested: one at a time."""
    from presidio_analyzer import PatternRecognizer, RecognizerRegistry, predefined_recognizers

    from pii_shield.detect.presidio.harvest import Harvest

    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    chosen = registry.recognizers
    if every:
        kinds = [kind for _, kind in inspect.getmembers(predefined_recognizers, inspect.isclass)]
        chosen = [kind() for kind in kinds if issubclass(kind, PatternRecognizer)]
    for recognizer in chosen:
        harvest = Harvest([recognizer])
        if not harvest.recognizers:
            continue
        scanner = compiled.build(harvest.sources(), folder)
        if scanner is None:
            return
        harvest.use(scanner)
        for unit in UNITS:
            text = (unit * (size // len(unit) + 1))[:size]
            started = time.process_time()
            try:
                harvest.find([text])
                note = ""
            except TimeoutError:
                note = ", refused"
            spent = (time.process_time() - started) * 1e3
            if spent > limit:
                yield "harvested", unit, recognizer.name + note, spent


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=200_000)
    parser.add_argument("--limit", type=float, default=50)
    parser.add_argument("--every-country", action="store_true")
    parser.add_argument("--ours-only", action="store_true")
    said = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    found = 0
    with tempfile.TemporaryDirectory() as folder:
        slow = [slow_rules(Path(folder), said.size, said.limit)]
        if not said.ours_only:
            slow.append(slow_harvested(Path(folder), said.size, said.limit, said.every_country))
        for rows in slow:
            for engine, unit, rule, spent in rows:
                found += 1
                print(f"{engine:12}{unit!r:24}{rule:36}{spent:10.0f} ms", flush=True)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
