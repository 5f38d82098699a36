"""The latency benchmark's figures as tables, and against the limits. No I/O."""

from collections.abc import Iterator
from typing import Any

Figures = dict[str, dict[str, float]]
"""variant -> figure -> number. Times in milliseconds, memory in MB."""


def limits(figures: dict[str, Any]) -> Iterator[tuple[str, float, float]]:
    """(what, measured, limit) for each acceptance limit that this run has figures for."""
    if "start" in figures:
        start = figures["start"]
        over = start["shield"]["first byte cpu"] - start["bare python"]["first byte cpu"]
        yield "start-up CPU over bare Python, first pumped byte (ms)", over, 150
    if "sdk" in figures:
        known = figures["sdk"]["known"]
        yield "known values, p50, SDK: shield / direct", known["shield"]["p50"] / known["direct"]["p50"], 2
        yield "known values, p50, SDK: shield / fastmcp", known["shield"]["p50"] / known["fastmcp"]["p50"], 1
        yield "5 new values, p99, SDK (ms)", figures["sdk"]["new"]["shield"]["p99"], 15
    if "plain" in figures:
        known = figures["plain"]["known"]
        yield "known values, p50, stdlib: shield / pipe", known["shield"]["p50"] / known["pipe"]["p50"], 3
        yield "5 new values, p99, stdlib (ms)", figures["plain"]["new"]["shield"]["p99"], 15
    if "big" in figures:
        for kind, rows in figures["big"].items():
            stalled = rows["shield"]["others max"] - rows["direct"]["others max"]
            yield f"10 MB {kind}: slowest other call meanwhile, over direct (ms)", stalled, 50
            if kind != "neutral":
                yield f"10 MB {kind}, 60,000 values: shield / pipe", rows["shield"]["wall"] / rows["pipe"]["wall"], 25


def table(title: str, rows: Figures) -> str:
    """One table as text."""
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    lines = [f"\n{title}", " " * 18 + "".join(f"{column:>16}" for column in columns)]
    for name, row in rows.items():
        cells = (f"{row[column]:16.2f}" if column in row else " " * 16 for column in columns)
        lines.append(f"{name:18}" + "".join(cells))
    return "\n".join(lines)


def tables(figures: dict[str, Any]) -> str:
    """All tables."""
    parts = []
    for section, found in figures.items():
        if section == "start":
            parts.append(table("start-up, ms", found))
        elif section != "machine":
            parts.extend(table(f"{section}, {kind} (ms per call)", rows) for kind, rows in found.items())
    return "\n".join(parts)


def verdicts(figures: dict[str, Any]) -> str:
    """Each limit, and whether it holds."""
    lines = ["\nlimits"]
    for what, measured, limit in limits(figures):
        lines.append(f"{'ok  ' if measured <= limit else 'OVER'} {what:60} {measured:8.2f}  limit {limit:g}")
    return "\n".join(lines)
