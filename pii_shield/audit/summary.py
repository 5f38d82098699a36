"""A stretch of the log in numbers, and as one screen for people. No I/O."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

_BARS: Final = " ▁▂▃▄▅▆▇█"
_TOP: Final = 6
_NAME: Final = 30
_BAR: Final = 20


class Summary(NamedTuple):
    """Numbers of the rows that were counted.

    Attributes:
        rows: by type of row.
        found: values protected, by entity type.
        released, denied: tokens, by entity type.
        servers, tools: rows about them.
        flows: tokens released, by (origin, destination).
        codes: denials and errors, by code.
        days: (day, protected values, released tokens, refused messages).
        first, last: times.
    """

    rows: Counter[str]
    found: Counter[str]
    released: Counter[str]
    denied: Counter[str]
    servers: Counter[str]
    tools: Counter[str]
    flows: Counter[tuple[str, str]]
    codes: Counter[str]
    days: list[tuple[str, int, int, int]]
    first: str
    last: str

    def data(self) -> dict[str, Any]:
        """For --json."""
        flows = [{"from": a, "to": b, "tokens": n} for (a, b), n in self.flows.most_common()]
        return {**self._asdict(), "flows": flows}


def summarise(rows: Iterable[dict[str, Any]]) -> Summary:
    """Count."""
    counters: list[Counter[Any]] = [Counter() for _ in range(8)]
    kinds, found, released, denied, servers, tools, flows, codes = counters
    days: dict[str, list[int]] = {}
    first = last = ""
    for row in rows:
        at = str(row.get("at", ""))
        first, last = first or at, at or last
        day = days.setdefault(at[:10], [0, 0, 0])
        kind = row["type"]
        kinds[kind] += 1
        if row.get("server"):
            servers[row["server"]] += 1
        if row.get("tool"):
            tools[row["tool"]] += 1
        items = row.get("items", ())
        if kind == "protect":
            found.update(row["counts"])
            day[0] += sum(row["counts"].values())
        elif kind == "release":
            released.update(item["type"] for item in items)
            flows.update((origin, row["server"]) for item in items for origin in item["from"])
            day[1] += len(items)
        elif kind in ("denial", "error"):
            denied.update(item["type"] for item in items)
            codes[row["code"]] += 1
            day[2] += 1
    table = [(day, *numbers) for day, numbers in sorted(days.items())]
    return Summary(kinds, found, released, denied, servers, tools, flows, codes, table, first, last)  # type: ignore[arg-type]


def describe(said: Summary, checkpoint: str) -> list[str]:
    """Lines of at most 80 columns. `checkpoint` is the time of the last one, or ""."""
    if not said.rows:
        return ["nothing happened in this time"]
    kinds = said.rows
    lines = [
        f"from {said.first[:16].replace('T', ' ')} to {said.last[:16].replace('T', ' ')} UTC",
        "",
        f"protected  {sum(said.found.values()):>8} values in {kinds['protect']} messages",
        f"released   {sum(said.released.values()):>8} tokens in {kinds['release']} messages",
        f"refused    {kinds['denial']:>8} by policy, {kinds['error']} for errors",
    ]
    if kinds["observe"]:
        lines.append(f"observed   {kinds['observe']:>8} messages that went on with their values")
    if kinds["policy"] or kinds["key"]:
        lines.append(f"changes    {kinds['policy']:>8} of the policy, {kinds['key']} of the key")
    lines += ["", *_days(said.days)]
    for title, counter in (("types", said.found), ("released", said.released), ("servers", said.servers)):
        lines += _top(title, counter.most_common(_TOP))
    lines += _top("tools", said.tools.most_common(_TOP))
    lines += _top("flows", [(f"{a} > {b}", n) for (a, b), n in said.flows.most_common(_TOP)])
    lines += _top("refusals", said.codes.most_common(_TOP))
    lines += ["", f"last checkpoint {checkpoint[:19] or 'none'}; to check the log: pii-shield audit verify"]
    return lines


def _days(days: Sequence[tuple[str, int, int, int]]) -> list[str]:
    if not days:
        return []
    lines = [f"{days[0][0]} to {days[-1][0]}, a column a day"]
    for name, at in (("protected", 1), ("released", 2), ("refused", 3)):
        numbers = [int(day[at]) for day in days[-_NAME:]]
        most = max(numbers) or 1
        bars = "".join(_BARS[-(-number * (len(_BARS) - 1) // most)] for number in numbers)
        lines.append(f"  {name:<10} {bars}")
    return lines


def _top(title: str, pairs: Sequence[tuple[str, int]]) -> list[str]:
    if not pairs:
        return []
    most = max(count for _, count in pairs)
    lines = ["", title]
    for name, count in pairs:
        shown = name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
        lines.append(f"  {shown:<{_NAME}} {count:>8} {'█' * max(1, count * _BAR // most)}")
    return lines


def line(row: dict[str, Any]) -> str:
    """One row as one line for people."""
    at = str(row.get("at", ""))[:19].replace("T", " ")
    parts = [f"{row['seq']:>8}", at, f"{row['type']:<8}", str(row.get("server", "")), str(row.get("tool", ""))]
    parts.append(" ".join(f"{kind}:{count}" for kind, count in row.get("counts", {}).items()))
    parts += [
        f"{item['type']} [{item['token']}] {','.join(item['from'])} > {item['to']}" for item in row.get("items", ())
    ]
    parts += [str(row[name]) for name in ("code", "was", "now", "program", "preset") if name in row]
    return "  ".join(filter(None, parts))


def _item(item: dict[str, Any]) -> str:
    return f"{item['type']} [{item['token']}] {','.join(item['from'])} > {item['to']}"
