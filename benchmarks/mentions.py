"""Every mention: of all mentions of an identity that was found once in a record, how many are covered, by type.

    python benchmarks/mentions.py [--records FILE.jsonl ...] [--json] [--missed TYPE]

Records are JSON lines {"text", "spans": [{"start", "end", "type", "value"}]}, offsets in code points; without any,
made-up texts are used. Mentions are the labelled ones, and every other place of the record where one of the identity's
labelled spellings stands as whole words. Shown are identities with at least two mentions: others cannot be missed.
"""

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from recall import MAKERS, PROSE

from pii_shield import entities, rules
from pii_shield.detect.engine import Engine
from pii_shield.detect.identity import identity
from pii_shield.detect.scan import scan

TARGET = 0.98
SEED = 20260101
Span = tuple[int, int]


class Tally(NamedTuple):
    """Counts by type (of labelled mentions with a * behind it), and the missed ones as (type, words around)."""

    all: Counter[str]
    covered: Counter[str]
    missed: list[tuple[str, str]]


def made_up(count: int) -> Iterator[dict[str, Any]]:
    """Prose in which each of some values stands three to five times, in different company."""
    random_ = random.Random(SEED)
    for _ in range(count):
        text, spans = "", []
        for type_, value in [random_.choice(MAKERS)(random_) for _ in range(4)] * random_.randint(3, 5):
            words = " ".join(random_.choices(PROSE, k=20))
            cue = {"PERSON": "Customer: ", "PASSPORT": "passport no. "}.get(type_, "") if value not in text else ""
            text += f"{words} {cue}"
            spans.append({"start": len(text), "end": len(text) + len(value), "type": type_, "value": value})
            text += f"{value}{random_.choice('.;,')} "
        yield {"text": text, "spans": spans}


def mentions(record: dict[str, Any]) -> dict[tuple[str, str], set[Span]]:
    """All mentions of each identity."""
    text: str = record["text"]
    found: dict[tuple[str, str], set[Span]] = {}
    for span in record["spans"]:
        spelling = text[span["start"] : span["end"]]
        places = found.setdefault((span["type"], identity(span["type"], spelling)), set())
        places.add((span["start"], span["end"]))
        places |= {m.span() for m in re.finditer(rf"(?<![^\W_]){re.escape(spelling)}(?![^\W_])", text, re.IGNORECASE)}
    return found


def count(records: Iterable[dict[str, Any]], engine: Engine) -> Tally:
    """What of the mentions is covered."""
    tally = Tally(Counter(), Counter(), [])
    for record in records:
        text = record["text"]
        hidden = bytearray(len(text))
        for finding in scan(text, engine):
            hidden[finding.start : finding.end] = b"\x01" * (finding.end - finding.start)
        labelled = {(span["start"], span["end"]) for span in record["spans"]}
        for (type_, _), places in mentions(record).items():
            for name, chosen in ((type_, places), (type_ + "*", places & labelled)):
                if len(chosen) > 1 and any(all(hidden[start:end]) for start, end in chosen):
                    _add(tally, name, chosen, hidden, text)
    return tally


def _add(tally: Tally, type_: str, places: set[Span], hidden: bytearray, text: str) -> None:
    for start, end in sorted(places):
        tally.all[type_] += 1
        if all(hidden[start:end]):
            tally.covered[type_] += 1
        else:
            around = f"{text[max(0, start - 40) : start]}«{text[start:end]}»{text[end : end + 20]}"
            tally.missed.append((type_, around.replace("\n", "|")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=Path, nargs="*", default=[])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--missed", metavar="TYPE", help="show what was missed of a type, or of ALL")
    arguments = parser.parse_args()
    engine = Engine(rules.load(), frozenset(entities.TYPES), all_rules=True)
    lines = (line for path in arguments.records for line in path.read_text("utf-8").splitlines())
    tally = count(map(json.loads, lines) if arguments.records else made_up(200), engine)
    rows = {type_: (tally.covered[type_], tally.all[type_]) for type_ in sorted(tally.all)}
    for mark in ("", "*"):
        mine = [type_ for type_ in tally.all if type_.endswith("*") is bool(mark)]
        rows[f"ALL{mark}"] = (sum(tally.covered[type_] for type_ in mine), sum(tally.all[type_] for type_ in mine))
    if arguments.json:
        print(json.dumps({type_: {"covered": covered, "mentions": all_} for type_, (covered, all_) in rows.items()}))
    else:
        for type_, (covered, all_) in rows.items():
            print(f"{type_:16}{covered:7} of {all_:7}  {covered / max(1, all_):.4f}")
        print(f"goal: {TARGET}; * only labelled mentions")
    for type_, around in tally.missed:
        if arguments.missed in (type_, "ALL"):
            print(type_, around)


if __name__ == "__main__":
    main()
