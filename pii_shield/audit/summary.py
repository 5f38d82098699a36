"""A stretch of the log as one screen for people, and as data for programs. No I/O."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final

from .live import REASONS
from .report.collect import Collector, Day, Figures
from .report.markup import shortened
from .report.tally import buckets, by, by_type, count, number, period, server, short_day, total

_BARS: Final = " ▁▂▃▄▅▆▇█"
_TOP: Final = 4
_WIDTH: Final = 38
"""Of each of two columns; the screen has 80."""
_NAME, _BAR, _CODE = 19, 8, 5
_SPARKS: Final = 31


def summarise(rows: Iterable[dict[str, Any]]) -> Figures:
    """Count."""
    collector = Collector()
    for row in rows:
        collector.add(row)
    return collector.figures


def data(said: Figures) -> dict[str, Any]:
    """For programs."""
    codes = _sum(by(said.refused, 2), by(said.failed, 2))
    return {
        "rows": dict(said.rows),
        "unreadable": said.unreadable,
        "found": by_type(said.protected),
        "passed": by_type(said.observed),
        "released": by_type(said.released),
        "denied": by_type(said.denied),
        "servers": _sum(*(by(spans, 0) for spans in (said.protected, said.released, said.denied))),
        "tools": _sum(*(by(spans, 1) for spans in (said.protected, said.released, said.denied))),
        "flows": [{"from": a, "to": b, "tokens": n} for (a, b), n in by(said.flows, 0, 1).items()],
        "codes": codes,
        "days": [{"day": name, **_of_day(day)} for name, day in sorted(said.days.items())],
        "first": said.first,
        "last": said.last,
    }


def _of_day(day: Day) -> dict[str, int]:
    return {name: sum(getattr(day, name).values()) for name in ("protected", "released", "refused", "observed")}


def _sum(*counts: Mapping[tuple[str, ...], int]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for one in counts:
        for (name,), amount in one.items():
            sums[name] = sums.get(name, 0) + amount
    return dict(sorted(sums.items(), key=lambda item: (-item[1], item[0])))


def describe(said: Figures, checkpoint: str) -> list[str]:
    """Lines of at most 80 columns. `checkpoint` is the time of the last one, or ""."""
    if not said.rows:
        return ["nothing happened in this time"]
    found = data(said)
    return [
        period(said.first, said.last),
        "",
        *_main(said),
        "",
        *_beside(_block("protected, by type", found["found"]), _block("released, by type", found["released"])),
        *_beside(_block("servers", _plain(found["servers"])), _block("tools", found["tools"])),
        *_beside(_block("flows", _flows(said)), _block("refused, by type", found["denied"])),
        *_codes(found["codes"]),
        _checkpoint(checkpoint),
    ]


def _main(said: Figures) -> list[str]:
    """The main figures, each with how it went over time."""
    kinds, unread = said.rows, said.unreadable
    lines = [
        ("protected", total(said.protected), f"in {count(kinds['protect'], 'message')}", "protected"),
        ("released", total(said.released), f"in {count(kinds['release'], 'message')}", "released"),
        ("refused", kinds["denial"], f"and {number(kinds['error'])} blocked for errors", "refused"),
        ("UNPROTECTED", total(said.observed), f"in {count(kinds['observe'], 'message')} passed", "observed"),
        ("changes", kinds["policy"] + kinds["key"], "of policy, exemptions or key", ""),
        ("unreadable", unread, "rows: pii-shield audit verify", ""),
    ]
    always = ("protected", "released", "refused")
    return [
        f"{name:<11} {number(amount):>11} {words:<25} {_spark(said, field)}".rstrip()
        for name, amount, words, field in lines
        if amount or name in always
    ]


def _spark(said: Figures, field: str) -> str:
    """A column a day, or a week, or more."""
    columns = buckets(said.days)[1][-_SPARKS:]
    if not field or len(columns) < 2:
        return ""
    amounts = [sum(_of_day(said.days[day])[field] for day in column.days) for column in columns]
    most = max(amounts) or 1
    return "".join(_BARS[-(-amount * (len(_BARS) - 1) // most)] for amount in amounts)


def _plain(servers: Mapping[str, int]) -> dict[str, int]:
    """Without fingerprints, where names are enough to tell servers apart."""
    names = [server(full) for full in servers]
    return {full if names.count(server(full)) > 1 else server(full): amount for full, amount in servers.items()}


def _flows(said: Figures) -> dict[str, int]:
    return _sum({(f"{server(a)} > {server(b)}",): amount for (a, b), amount in by(said.flows, 0, 1).items()})


def _codes(codes: Mapping[str, int]) -> list[str]:
    """Refusals with their reason in place of a bar."""
    lines = [
        f"  {shortened(code, _CODE):<{_CODE}} {number(amount):>8}  {REASONS.get(code, '')}".rstrip()
        for code, amount in list(codes.items())[:_TOP]
    ]
    return ["why refused or blocked", *lines, *_more(codes), ""] if codes else []


def _beside(left: Sequence[str], right: Sequence[str]) -> list[str]:
    """Two lists beside each other."""
    return [f"{a:<{_WIDTH}}    {b}".rstrip() for a, b in zip_longest(left, right, fillvalue="")] + [""]


def _block(title: str, counts: Mapping[str, int]) -> list[str]:
    most = max(counts.values(), default=1) or 1
    lines = [
        f"  {shortened(name, _NAME):<{_NAME}} {number(amount):>7} {'█' * max(1, amount * _BAR // most)}"
        for name, amount in list(counts.items())[:_TOP]
    ]
    return [title, *(lines or ["  none"]), *_more(counts)]


def _more(counts: Mapping[str, int]) -> list[str]:
    return [f"  and {number(len(counts) - _TOP)} more"] if len(counts) > _TOP else []


def _checkpoint(at: str) -> str:
    last = f"{short_day(at)}, {at[11:16]} UTC" if at else "none"
    return f"last checkpoint: {last}; to check: pii-shield audit verify"


def line(row: dict[str, Any]) -> str:
    """One row as one line for people."""
    at = str(row.get("at", ""))[:19].replace("T", " ")
    parts = [f"{row['seq']:>8}", at, f"{row.get('type', ''):<8}", str(row.get("server", "")), str(row.get("tool", ""))]
    try:
        parts.append(" ".join(f"{kind}:{count}" for kind, count in row.get("counts", {}).items()))
        parts += [
            f"{item['type']} [{item['token']}] {','.join(item['from'])} > {item['to']}" for item in row.get("items", ())
        ]
    except (KeyError, TypeError, AttributeError):  # somebody edited it
        parts.append("unreadable")
    parts += [str(row[name]) for name in ("code", "was", "now", "program", "preset") if name in row]
    return "".join(char if char.isprintable() else "?" for char in "  ".join(filter(None, parts)))
