"""What was protected, released and refused: over time, by type and by class. No I/O."""

from collections.abc import Callable
from typing import Final

from .. import charts
from ..collect import Day
from ..markup import Child, Markup, element
from ..parts import Column, details, figure, heading, nothing, paragraph, section, table, tag, whole, words
from ..report import Report
from ..tally import Bucket, buckets, by_class, by_type, class_of, number, percent, title

_SERIES: Final[tuple[tuple[str, str, Callable[[Day], int]], ...]] = (
    ("Values protected", "protected", lambda day: sum(day.protected.values())),
    ("Tokens released", "released", lambda day: sum(day.released.values())),
    ("Requests refused", "refused", lambda day: sum(day.refused.values())),
)
_NARROW: Final = 236
"""Of each chart where there are four of them."""
_OBSERVED: Final = ("Passed unprotected", "observed", lambda day: sum(day.observed.values()))


def render(report: Report) -> Markup:
    """The section."""
    return section("activity", "What happened", *_over_time(report), *_by_type(report), *_by_class(report))


def _over_time(report: Report) -> list[Markup]:
    days = report.figures.days
    step, columns = buckets(days)
    if not columns:
        return [nothing("Nothing happened in this time.")]
    series = [*_SERIES, _OBSERVED] if report.figures.observed else list(_SERIES)
    counts = [_counts(days, columns, pick) for _, _, pick in series]
    width = charts.WIDTH if len(series) == len(_SERIES) else _NARROW
    drawings = [
        figure(
            charts.columns(what, [c.label for c in columns], numbers, kind, step, width),
            f"{what}: {number(sum(numbers))}",
        )
        for (what, kind, _), numbers in zip(series, counts, strict=True)
    ]
    rows: list[list[Child]] = [[whole(c.label), *numbers] for c, *numbers in zip(columns, *counts, strict=True)]
    heads = [words(step.capitalize()), *(Column(what) for what, _, _ in series)]
    plain = table(f"The same numbers, by {step}", heads, rows, most=len(rows))
    return [
        element("div", *drawings, cls="multiples"),
        details("These charts as a table", plain, cls="only-screen"),
        *([quiet] if (quiet := _quiet(columns, days, step)) else []),
    ]


def _counts(days: dict[str, Day], columns: list[Bucket], pick: Callable[[Day], int]) -> list[int]:
    return [sum(pick(days[day]) for day in column.days if day in days) for column in columns]


def _quiet(columns: list[Bucket], days: dict[str, Day], step: str) -> Markup | None:
    silent = sum(not any(day in days for day in column.days) for column in columns)
    if not silent:
        return None
    return paragraph(
        f"{number(silent)} of {number(len(columns))} {step}s have no row at all: no agent worked then, or none worked "
        "behind the shield. The record cannot tell which.",
        cls="small",
    )


def _by_type(report: Report) -> list[Markup]:
    figures = report.figures
    sums = [by_type(spans) for spans in (figures.protected, figures.released, figures.denied)]
    kinds = sorted(set().union(*sums), key=lambda kind: tuple(-one.get(kind, 0) for one in sums))
    if not kinds:
        return []
    rows: list[list[Child]] = [
        [title(kind), tag(class_of(kind).value, class_of(kind).value), *(one.get(kind, 0) for one in sums)]
        for kind in kinds
    ]
    heads = [
        words("Type"),
        words("Class"),
        Column("Protected", "protected"),
        Column("Released", "released"),
        Column("Refused", "refused"),
    ]
    return [heading("By type of data"), table("Values by type of data", heads, rows, most=40)]


def _by_class(report: Report) -> list[Markup]:
    figures = report.figures
    protected, released = by_class(by_type(figures.protected)), by_class(by_type(figures.released))
    if not protected:
        return []
    every = sum(protected.values())
    rows: list[list[Child]] = [
        [tag(one.value, one.value), protected.get(one, 0), percent(protected.get(one, 0), every), released.get(one, 0)]
        for one in dict.fromkeys((*protected, *released))
    ]
    heads = [words("Class"), Column("Protected", "protected"), Column("Share"), Column("Released", "released")]
    return [heading("By sensitivity class"), table("Values by sensitivity class", heads, rows)]
