"""What the audit log costs and how fast it reads.

    python benchmarks/audit.py [--rows 1000000] [--messages 400] [--json FILE]

Fills a log with rows like real ones, then verifies, exports and reports on it; measures a row's cost beside the message
that it is about. Prints a table with limits.
"""

import argparse
import io
import json
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pii_shield import assemble, tokens
from pii_shield.audit import chain, event, export, read
from pii_shield.audit.event import Event
from pii_shield.audit.examine import examine
from pii_shield.audit.filters import Filter
from pii_shield.audit.log import Log, Pace
from pii_shield.audit.report import page
from pii_shield.audit.report.around import Around
from pii_shield.audit.report.gather import gather
from pii_shield.audit.report.report import Report
from pii_shield.config import Config
from pii_shield.conversation import Conversation

BATCH = 20_000
SERVERS = ("crm#1a2b3c4d5e6f", "mailer#0f0f0f0f0f0f", "github#aabbccddeeff")


def bodies(rows: int) -> Iterator[str]:
    """Rows as a busy house writes them: two thirds protects, a third releases."""
    chance, at = random.Random(1), 1_780_000_000.0
    for number in range(rows):
        at += chance.random()
        ids = [tokens.mint_id(8, chance.randrange) for _ in range(chance.randint(1, 4))]
        common = {"scope": "default", "server": chance.choice(SERVERS), "method": "tools/call", "tool": "get_customer"}
        if number % 3:
            fields = {**common, "direction": "in", "counts": {"EMAIL": len(ids)}, "tokens": ids, "took": "10ms"}
            yield event.body(Event("protect", fields, at), "0123456789ab")
        else:
            item = {"token": ids[0], "type": "EMAIL", "from": [SERVERS[0]], "to": "/to", "whole": True}
            fields = {**common, "direction": "out", "items": [item], "policy": "balanced@0123456789ab"}
            yield event.body(Event("release", fields, at), "0123456789ab")


def fill(directory: Path, rows: int) -> tuple[Path, str]:
    """A log of so many rows; its outside checkpoints."""
    path = directory / "data" / "vault.db"
    log = Log(path, lambda: bytes(32), os.urandom, pace=Pace(rows=1000))
    log.commit("start", scope="default", server=SERVERS[0], policy="p", program="bench")
    log.flush()
    connection = sqlite3.connect(path, isolation_level=None)
    seq, head = connection.execute("SELECT seq, head FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    connection.execute("BEGIN")
    for body in bodies(rows):
        seq, head = seq + 1, chain.extend(head, body)
        connection.execute("INSERT INTO audit VALUES (?, ?, ?)", (seq, body, head))
    connection.execute("COMMIT")
    connection.close()
    log.close()
    source = read.DatabaseSource(path)
    notes = "\n".join(source.notes())
    source.close()
    return path, notes


def rate(rows: int, step: Callable[[], object]) -> float:
    """Rows a second of this process's time on a processor, so that neighbours do not count."""
    begin = time.process_time()
    step()
    return rows / (time.process_time() - begin)


def reading(directory: Path, rows: int) -> dict[str, float]:
    path, notes = fill(directory, rows)
    figures: dict[str, float] = {}
    source = read.DatabaseSource(path)
    key = source.key()

    def verify(log: read.Source) -> None:
        verdict = examine(log, [key], [notes])
        assert verdict.is_sound, verdict.problems
        assert verdict.rows >= rows

    figures["verify, rows/s"] = rate(rows, lambda: verify(source))
    for form in export.FORMATS:
        with (directory / f"log.{form}").open("wb") as out:
            figures[f"export {form}, rows/s"] = rate(rows, lambda f=form, o=out: export.export(source, f, Filter(), o))
    figures["verify a JSONL, rows/s"] = rate(rows, lambda: verify(read.FileSource(directory / "log.jsonl")))
    figures |= reporting(source, rows, key, notes)
    figures["bytes a row"] = path.stat().st_size / rows
    source.close()
    return figures


def reporting(source: read.Source, rows: int, key: str, notes: str) -> dict[str, float]:
    """The page for officers: this process's time for a million rows, verification included, and the page's size."""
    begin = time.process_time()
    counted, verdict = gather(source, Filter(), [key], [notes])
    around = Around("bench", event.stamp(time.time()))
    text = page.page(Report(counted, verdict, around, "Benchmark"))
    seconds = (time.process_time() - begin) * 1_000_000 / rows
    assert verdict.is_sound and counted.unreadable == 0
    assert sum(counted.rows.values()) == verdict.rows
    return {"report of 10^6 rows, s": seconds, "report, KB": len(text.encode()) / 1024}


def call(conversation: Conversation, number: int, line: Callable[[int], bytes]) -> float:
    """Seconds of this thread on a processor: neighbours do not count, and neither does the flush in the background."""
    begin = time.thread_time()
    conversation.from_server(line(number))
    return time.thread_time() - begin


def response(number: int, text: str) -> bytes:
    result = {"content": [{"type": "text", "text": text}]}
    return json.dumps({"jsonrpc": "2.0", "id": number, "result": result}).encode()


def records(number: int) -> bytes:
    people = [{"id": n, "email": f"user{n}@example.com", "phone": f"+49301234{n:04d}"} for n in range(8)]
    return response(number, json.dumps(people))


def small(number: int) -> bytes:
    return response(number, "mail to jane@example.com, please")


def writing(directory: Path, messages: int) -> dict[str, float]:
    """A message whose values are known, with and without the log, call by call in turn."""
    config = Config(vault=directory / "v.db")
    with_log = assemble.conversation(config, name="crm", command=("crm",))
    without = assemble.conversation(config, name="crm", command=("crm",))
    without._shield()._recorder = None
    figures: dict[str, float] = {}
    for name, line in (("8 records", records), ("one mail", small)):
        times: dict[Conversation, list[float]] = {with_log: [], without: []}
        for number in range(2 * messages):  # each goes first every other time
            for conversation in (with_log, without) if number % 2 else (without, with_log):
                times[conversation].append(call(conversation, number, line))
        logged, bare = (statistics.median(column[messages // 10 :]) * 1e6 for column in times.values())
        figures[f"{name}: bare, µs"], figures[f"{name}: the log's part, %"] = bare, (logged - bare) / logged * 100
    log = with_log._shield()._recorder._log
    commits = []
    for _ in range(200):
        begin = time.perf_counter()
        item = {"token": "7K2QF9M36", "type": "EMAIL", "from": [SERVERS[0]], "to": "/to", "whole": True}
        log.commit("release", scope="d", server=SERVERS[1], direction="out", items=[item], policy="p")
        commits.append(time.perf_counter() - begin)
    figures["commit of a release, µs (median)"] = statistics.median(commits) * 1e6
    with_log.close()
    return figures


LIMITS = {
    "verify, rows/s": (300_000, True),
    "export jsonl, rows/s": (50_000, True),
    "export csv, rows/s": (50_000, True),
    "export ocsf, rows/s": (50_000, True),
    "report of 10^6 rows, s": (10, False),
    "report, KB": (2048, False),
    "8 records: the log's part, %": (5, False),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--messages", type=int, default=400)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        figures = writing(directory, args.messages) | reading(directory, args.rows)
    out = io.StringIO()
    for what, figure in figures.items():
        limit, at_least = LIMITS.get(what, (0, True))
        ok = "" if what not in LIMITS else "ok" if (figure >= limit) is at_least else "MISSED"
        bound = f"{'>=' if at_least else '<='} {limit:,}" if what in LIMITS else ""
        print(f"{what:<36} {figure:>14,.1f}  {bound:<12} {ok}", file=out)
    print(out.getvalue(), end="")
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
