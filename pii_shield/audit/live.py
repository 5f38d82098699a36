"""One row as one line of a live view: when, which server and tool, which way, and what became of how many. No I/O."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

Row = Mapping[str, Any]
_WAYS: Final = {"in": "<-", "out": "->"}
_SERVER, _TOOL = 12, 16
_MANY: Final = 3
"""Places of one release that are named."""

REASONS: Final[Mapping[str, str]] = {
    "PS601": "only as a whole argument",
    "PS602": "came from another server",
    "PS603": "came from another server, and this one is not trusted",
    "PS604": "the argument could carry it away",
    "PS605": "an answer to sampling",
    "PS606": "a recipient at a server that is not trusted",
    "PS607": "secrets and ids stay where they came from",
    "PS608": "too many at once",
}
"""Rules of the release policy, in few words."""


def line(row: Row, today: date) -> str:
    """The line. `today` is where the person is; rows of other days say theirs."""
    server = str(row.get("server", "")).partition("#")[0]
    way = _WAYS.get(str(row.get("direction", "")), "")
    middle = (way, f"{row.get('tool', ''):<{_TOOL}}") if way else ()
    try:
        said = _WORDS.get(str(row.get("type")), _other)(row)
    except (KeyError, TypeError, AttributeError):  # somebody edited it
        said = "unreadable"
    parts = (_when(str(row.get("at", "")), today), f"{server:<{_SERVER}}", *middle, said)
    return "".join(char if char.isprintable() else "?" for char in "  ".join(parts)).rstrip()


def _when(at: str, today: date) -> str:
    try:
        moment = datetime.fromisoformat(at).astimezone()
    except ValueError:
        return "?"
    return moment.strftime("%H:%M:%S" if moment.date() == today else "%Y-%m-%d %H:%M:%S")


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in counts.items())


def _items(row: Row) -> str:
    return _counts(Counter(item["type"] for item in row.get("items", ())))


def _protected(row: Row) -> str:
    parts = [f"{_counts(row['counts'])} protected"] if row["counts"] else []
    return ", ".join(parts + ([f"{row['withheld']} withheld"] if "withheld" in row else []))


def _released(row: Row) -> str:
    origins = sorted({name.partition("#")[0] for item in row["items"] for name in item["from"]})
    places = list(dict.fromkeys(item["to"] for item in row["items"]))
    named = ", ".join(places[:_MANY]) + (", ..." if len(places) > _MANY else "")
    return f"{_items(row)} released to {named} from {', '.join(origins) or '?'}"


def _denied(row: Row) -> str:
    why = REASONS.get(row["code"], "")
    return f"{_items(row) or 'message'} DENIED: {row['code']}{f', {why}' if why else ''}"


def _other(row: Row) -> str:
    more = (str(row[name]) for name in ("of", "rows", "preset", "format") if name in row)
    return " ".join([str(row.get("type")), *more])


_WORDS: Final[Mapping[str, Callable[[Row], str]]] = {
    "protect": _protected,
    "observe": lambda row: f"{_counts(row['counts'])} NOT PROTECTED, passed in the clear",
    "release": _released,
    "denial": _denied,
    "error": lambda row: f"BLOCKED: {row['code']}",
    "policy": lambda row: f"policy: {row['was']} -> {row['now']}",
    "start": lambda row: f"started, {row['policy']}",
    "client": lambda row: f"client {row['client']}",
    "key": lambda row: f"key: {row['was']} -> {row['now']}",
    "forget": lambda row: f"[{row.get('token', '')}] erased",
}
