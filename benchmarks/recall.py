"""How fast known values are found, and what they take: MB/s over neutral and mixed text, build time and memory.

    python benchmarks/recall.py [--values 1000 100000 1000000] [--megabytes 10] [--json]

Processor time, so that other work on the machine counts little; the best of three. Neutral text is prose without any
known value in it, or data (JSON leaves of records of other people); mixed text has a known value every 115 characters.
"""

import argparse
import gc
import json
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pii_shield import rules
from pii_shield.detect.guards import Known
from pii_shield.detect.identity import identity
from pii_shield.detect.recall import Recall

SEED = 20260101
SERVERS = tuple(f"crm{number}#0123456789ab" for number in range(4))
TARGET_SPEED, TARGET_MEMORY = 25.0, 100.0
_SYLLABLES = "an bel cor dan el far gus hol in jor kal lem mor nev ost pel quin ros sen tor ul ver wes yar zin".split()
_FIRST = "Jane John Maria Peter Anna Luis Chloé Jürgen Zsófia Omar Mei Ravi Olga Tom Eva Noah Ida Max Lea Ben".split()
_STREETS = ("Street", "Road", "Avenue", "Lane", "Way", "Drive")
PROSE = (
    "the of and to in is that for it as was with be by on not he this are or his from at which but have an had they "
    "you were there one all we can her has been if more when will would who so no said what up its about into them "
    "than only other new some could time these two may then do first any my now such like our over man me even most "
    "made after also did many before must through years where much your way well down should because each just those "
    "people how too little state good very make world still own see men work long get here between both life being "
    "under never day same another know while last might us great old year off come since against go came right used "
    "take three states himself few house use during without again place around however home small found thought went "
    "say part once general high upon school every system server request response value function return number string"
).split()


def word(random_: random.Random, least: int = 2) -> str:
    """A made-up word: none of them means anybody."""
    return "".join(random_.choice(_SYLLABLES) for _ in range(random_.randint(least, 4)))


def person(random_: random.Random) -> tuple[str, str]:
    return "PERSON", f"{random_.choice(_FIRST)} {word(random_).title()}"


def mail(random_: random.Random) -> tuple[str, str]:
    name = f"{random_.choice(_FIRST).lower()}.{word(random_)}{random_.randrange(1000)}"
    return "EMAIL", f"{name}@{word(random_, 1)}.example"


def phone(random_: random.Random) -> tuple[str, str]:
    return "PHONE", f"+1 {random_.randrange(200, 999)}-{random_.randrange(200, 999)}-{random_.randrange(10_000):04}"


def address(random_: random.Random) -> tuple[str, str]:
    return "ADDRESS", f"{random_.randrange(1, 2000)} {word(random_).title()} {random_.choice(_STREETS)}"


def number(random_: random.Random) -> tuple[str, str]:
    return "PASSPORT", f"{random_.choice('CFGHJK')}{random_.randrange(10**7, 10**8)}"


MAKERS: tuple[Callable[[random.Random], tuple[str, str]], ...] = (person, mail, mail, phone, person, address, number)


def values(random_: random.Random, count: int) -> Iterator[Known]:
    """`count` values of all kinds that four servers sent, hardly any of them twice."""
    for made in range(count):
        type_, spelling = random_.choice(MAKERS)(random_)
        servers = frozenset({random_.choice(SERVERS)})
        owner = f"{made:09}"
        yield Known(type_, spelling, identity(type_, spelling), f"{type_.lower()}.x", servers, frozenset(), owner)


def prose(random_: random.Random, size: int) -> list[str]:
    """One long text of ordinary words; one in twenty is rare, and of these one in ten is somebody's name."""
    rare = ["".join(random_.choices("etaoinshrdlu", k=random_.randint(4, 10))) for _ in range(18_000)]
    rare += [word(random_) for _ in range(2_000)]
    chosen = random_.choices(PROSE, k=size // 5)
    for place in range(0, len(chosen), 20):
        chosen[place] = random_.choice(rare)
    for place in range(7, len(chosen), 60):
        chosen[place] = str(random_.randrange(10 ** random_.randint(1, 9)))
    return [" ".join(chosen)[:size]]


def repository(size: int) -> list[str]:
    """Real text that names nobody: this project's own source, over and over."""
    files = sorted((Path(__file__).parents[1] / "pii_shield").rglob("*.py"))
    text = "\n".join(file.read_text("utf-8") for file in files)
    return [(text * (size // len(text) + 1))[:size]]


def records(random_: random.Random, size: int, known: list[str], share: float) -> list[str]:
    """Leaves of records; a share of the values are known ones."""
    leaves: list[str] = []
    total = 0
    while total < size:
        value = random_.choice(known) if random_.random() < share else random_.choice(MAKERS)(random_)[1]
        status = random_.choice(("active", "pending", "closed", "2026-03-04T11:22:33Z"))
        new = [value, status, " ".join(random_.choices(PROSE, k=12)), f"ord_{random_.randrange(10**9)}"]
        leaves += new
        total += sum(map(len, new))
    return leaves


def speed(recall: Recall, leaves: list[str]) -> tuple[float, int]:
    """MB of text a second of processor time, and how many values were found."""
    size = sum(len(leaf.encode()) for leaf in leaves) / 1e6
    best, hits = float("inf"), 0
    for _ in range(3):
        started = time.thread_time()
        found = recall.find_all(leaves, SERVERS[0])
        best = min(best, time.thread_time() - started)
        hits = sum(map(len, found.values()))
    return size / best, hits


def resident() -> float:
    """MB of memory of this process."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def measure(count: int, size: int) -> dict[str, float]:
    """One row of the table."""
    random_ = random.Random(SEED)
    common = frozenset[str]().union(*rules.load().words.values())
    sample = [value.spelling for value in values(random.Random(SEED + 1), min(count, 50_000))]
    texts = {
        "prose": prose(random_, size),
        "source": repository(size),
        "records of others": records(random_, size, sample, 0.0),
        "mixed records": records(random_, size, sample, 0.5),
    }
    before = resident()
    recall = Recall(common)
    spent = 0.0
    batch: list[Known] = []
    for value in values(random.Random(SEED + 1), count):
        batch.append(value)
        if len(batch) == 1000:
            started = time.thread_time()
            recall.learn(batch)
            spent += time.thread_time() - started
            batch.clear()
    recall.learn(batch)
    row = {"values": count, "build s": spent, "index MB": recall.memory / 1e6}
    seen: dict[str, float] = {}
    row["resident MB"] = resident() - before
    for name, leaves in texts.items():
        seen[f"{name} MB/s"], hits = speed(recall, leaves)
        seen[f"{name} hits"] = hits
    return {**row, **seen}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--values", type=int, nargs="*", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--megabytes", type=float, default=10)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    rows = [measure(count, int(arguments.megabytes * 1e6)) for count in arguments.values]
    if arguments.json:
        print(json.dumps(rows, indent=2))
        return
    for name in rows[0]:
        print(f"{name:28}" + "".join(f"{row[name]:14,.1f}" for row in rows))
    print(f"goal at 1,000,000 values: {TARGET_SPEED} MB/s, {TARGET_MEMORY} MB")


if __name__ == "__main__":
    main()
