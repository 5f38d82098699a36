"""Sums over what was collected, and times and numbers as people read them. No I/O."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from ...entities import TYPES, Sensitivity
from .collect import Key, Span

Spans = Mapping[Key, Span]
_MONTHS: Final = "January February March April May June July August September October November December".split()


def total(spans: Spans) -> int:
    """All of them together."""
    return sum(span.count for span in spans.values())


def by(spans: Spans, *at: int) -> dict[Key, int]:
    """Sums by some steps of the key, the largest first."""
    sums: dict[Key, int] = {}
    for key, span in spans.items():
        part = tuple(key[step] for step in at)
        sums[part] = sums.get(part, 0) + span.count
    return dict(sorted(sums.items(), key=lambda item: (-item[1], item[0])))


def by_type(spans: Spans) -> dict[str, int]:
    """Sums by entity type, which is the last step of the key."""
    return {key[0]: count for key, count in by(spans, -1).items()}


def title(kind: str) -> str:
    """What values of an entity type are, for the first cell of a row."""
    words = TYPES[kind].title
    return words if words[:2].isupper() else words[0].upper() + words[1:]


def class_of(kind: str) -> Sensitivity:
    """The sensitivity class of an entity type."""
    return TYPES[kind].sensitivity


def by_class(counts: Mapping[str, int]) -> dict[Sensitivity, int]:
    """Sums of counts by type, by class."""
    sums: dict[Sensitivity, int] = {}
    for kind, count in counts.items():
        sums[class_of(kind)] = sums.get(class_of(kind), 0) + count
    return dict(sorted(sums.items(), key=lambda item: -item[1]))


class Bucket(NamedTuple):
    """A column of a chart: its label, and the days that it stands for."""

    label: str
    days: Sequence[str]


_STEPS: Final = ((92, "day"), (92 * 7, "week"), (92 * 31, "month"))


def buckets(days: Iterable[str]) -> tuple[str, list[Bucket]]:
    """What a column stands for (a day, a week, ...), and all columns from the first to the last day, empty ones too."""
    known = sorted(map(date.fromisoformat, filter(_is_day, days)))
    if not known:
        return "day", []
    reach = (known[-1] - known[0]).days + 1
    step = next((name for most, name in _STEPS if reach <= most), "year")
    found: dict[date, list[str]] = {}
    start = _start(known[0], step)
    while start <= known[-1]:
        found[start] = []
        if start > date.max - timedelta(days=366):
            break
        start = _start(start + timedelta(days={"day": 1, "week": 7, "month": 31, "year": 366}[step]), step)
    for day in known:
        found.setdefault(_start(day, step), []).append(day.isoformat())
    return step, [Bucket(_label(start, step), inner) for start, inner in sorted(found.items())]


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _start(day: date, step: str) -> date:
    if step == "week":
        return date.fromordinal(max(day.toordinal() - day.weekday(), 1))
    return day.replace(day=1) if step == "month" else day.replace(month=1, day=1) if step == "year" else day


def _label(start: date, step: str) -> str:
    if step == "year":
        return str(start.year)
    return f"{_MONTHS[start.month - 1][:3]} {start.year}" if step == "month" else f"{start.day} {_month(start)}"


def _month(day: date) -> str:
    return _MONTHS[day.month - 1][:3]


def day(at: str) -> str:
    """The day of a time, in words: 2 March 2026."""
    try:
        found = date.fromisoformat(at[:10])
    except ValueError:
        return "an unknown day"
    return f"{found.day} {_MONTHS[found.month - 1]} {found.year}"


def short_day(at: str) -> str:
    """The day of a time, short: 2 Mar 2026."""
    number_, month, year = day(at).split()[:3] if day(at)[0].isdigit() else ("", "unknown", "")
    return f"{number_} {month[:3]} {year}" if number_ else "unknown"


def minute(at: str) -> str:
    """A time to the minute: 2 March 2026, 14:05 UTC."""
    return f"{day(at)}, {at[11:16]} UTC"


def period(first: str, last: str) -> str:
    """From one day to another, in words."""
    return day(first) if first[:10] == last[:10] else f"{day(first)} to {day(last)}"


def number(count: int) -> str:
    """12,345."""
    return f"{count:,}"


def count(amount: int, what: str, many: str = "") -> str:
    """1 value, 12,345 values."""
    return f"{number(amount)} {what if amount == 1 else many or what + 's'}"


def times(amount: int) -> str:
    """once, 12,345 times."""
    return "once" if amount == 1 else f"{number(amount)} times"


def percent(part: int, whole: int) -> str:
    """A share. What is not nothing is not called 0 %, what is not all is not called 100 %."""
    if not whole or not part:
        return "0 %"
    share = 100 * part / whole
    if part != whole and share > 99:
        return "> 99 %"
    return "< 1 %" if share < 1 else f"{share:.0f} %"


def listed(words: Sequence[str]) -> str:
    """a, b and c."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""


def server(full: str) -> str:
    """The name of a server without its fingerprint."""
    return full.partition("#")[0]
