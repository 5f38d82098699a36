"""Who gives or gets more than the work needs: values that nobody asked for, values handed over once. No I/O."""

from collections.abc import Mapping

from ..collect import Span
from ..markup import Child, Markup, name
from ..parts import Column, bullets, details, heading, nothing, paragraph, section, sentence, table, words
from ..report import Report
from ..tally import number, percent, server, title
from ..usage import Place, Use

ENOUGH = 20
"""Values of one type at one tool from which on a share says something."""
MOSTLY = 0.9
"""Share of unused values from which on a type is named in the summary of the section."""


def render(report: Report) -> Markup:
    """The section."""
    usage = report.figures.usage
    given, released = usage.given_out(), usage.released()
    return section(
        "disclosure",
        "More than was needed?",
        paragraph(
            "Data that no task uses should not be sent in the first place. Each token is random and always stands for "
            "the same value, so the record shows whether a value that a tool gave out was ever asked for by a later "
            "call, and whether one that a tool was given ever came up again."
        ),
        *_given_out(given, usage.share),
        *_released(released, report.figures.embedded, usage.share),
        _method(usage.share),
    )


def _given_out(given: Mapping[Place, Use], share: float) -> list[Markup]:
    title_ = heading("Given out, and never asked for")
    if not given:
        return [title_, nothing("No tool gave out personal data in this time.")]
    order = sorted(given, key=lambda place: given[place].later - given[place].all)
    rows = [_row(place, given[place], share) for place in order]
    heads = [
        words("Type"),
        words("Tool"),
        words("Server"),
        Column("Different values given out"),
        Column("of these never asked for", "unused"),
        Column("Share"),
    ]
    worst = [place for place in order if _is_idle(given[place])]
    lead = paragraph("Nearly all of what a tool gave out of these types was never used:") if worst else None
    items = [
        sentence(
            name(tool), " of ", name(server(where)), f": {title(kind).lower()}, ", _of(given[where, tool, kind], share)
        )
        for where, tool, kind in worst[:5]
    ]
    said = [lead, bullets(items)] if lead else []
    return [title_, *said, table("Values that tools gave out and no later call asked for", heads, rows, most=15)]


def _is_idle(use: Use) -> bool:
    return use.all >= ENOUGH and (use.all - use.later) / use.all >= MOSTLY


def _of(use: Use, share: float) -> str:
    unused = use.all - use.later
    return f"{number(_whole(unused, share))} of {number(_whole(use.all, share))} never asked for"


def _row(place: Place, use: Use, share: float) -> list[Child]:
    where, tool, kind = place
    unused = use.all - use.later
    ends: list[Child] = [title(kind), name(tool or "–"), name(server(where))]
    return [*ends, _whole(use.all, share), _whole(unused, share), percent(unused, use.all)]


def _released(released: Mapping[Place, Use], embedded: Mapping[tuple[str, ...], Span], share: float) -> list[Markup]:
    title_ = heading("Handed to a tool, and never seen again")
    if not released:
        return [title_, nothing("No value was handed to a tool in this time.")]
    order = sorted(released, key=lambda place: released[place].later - released[place].all)
    rows = [
        [*_row(place, released[place], share), inner.count if (inner := embedded.get(place)) else 0] for place in order
    ]
    heads = [
        words("Type"),
        words("Tool"),
        words("Server"),
        Column("Different values handed over"),
        Column("of these never seen again", "unused"),
        Column("Share"),
        Column("Inside a longer text"),
    ]
    return [
        title_,
        paragraph(
            "A recipient of a mail is normally used once, so a high share is no fault by itself. Look for types that "
            "a tool's purpose does not explain, and for values inside longer texts: often more than was asked for."
        ),
        table("Values that were handed to tools and did not come up again", heads, rows),
    ]


def _whole(count: int, share: float) -> int:
    return count if share == 1.0 else round(count / share)


def _method(share: float) -> Markup:
    sample = (
        "All tokens of the time were followed."
        if share == 1.0
        else f"With this many tokens a random sample was followed, {100 * share:.2g} % of all; numbers are scaled up "
        "from it, and small ones are rough."
    )
    items: list[Child] = [
        "Asked for: after the tool gave the value out, a call of any tool, or the person at the screen, passed its "
        "token on, whether policy allowed it or not.",
        "Seen again: after the value was handed over, its token came in any answer, or was passed on again.",
        "Only this report's time counts: a value of the last hours may still be asked for, and a use before the "
        "first day is not known.",
        "What the model read and used in its own words leaves no trace here: a token never asked for may still have "
        "told the model that there is a value.",
        sample,
    ]
    return details("How this was counted", bullets(items))
