"""The first screen: what happened in plain sentences, the main figures, and what needs somebody's attention. No I/O."""

from ..attention import points
from ..markup import Markup, element
from ..parts import heading, note, paragraph, section, tile
from ..report import Report
from ..tally import Spans, by, count, number, percent, period, times, total


def render(report: Report) -> Markup:
    """The section."""
    return section("summary", "Summary", *_story(report), _tiles(report), _attention(report))


def _story(report: Report) -> list[Markup]:
    figures = report.figures
    rows = figures.rows
    if not rows.keys() & _WORK:
        return [paragraph(_NOTHING, cls="lead")]
    when = period(figures.first, figures.last)
    protected, released = total(figures.protected), total(figures.released)
    servers = len({key[0] for key in (*figures.protected, *figures.released, *figures.refused, *figures.starts)})
    messages = rows["protect"]
    start = "On" if figures.first[:10] == figures.last[:10] else "From"
    first = f"{start} {when}, {count(servers, 'server')} of AI tools worked behind pii_shield. "
    first += (
        f"In {count(messages, 'message')} they sent {count(protected, 'piece')} of personal data or secrets. "
        "Each was replaced by a token before the AI model could see it."
        if protected
        else "No personal data was found in what they sent."
    )
    refused = total(figures.refused)
    second = "No token was turned back into its value. "
    if released:
        often = times(released)
        second = f"{often[0].upper()}{often[1:]}, a tool was handed the value behind a token{_onward(report)}. "
    second += f"{count(refused, 'request')} to do so {'was' if refused == 1 else 'were'} refused by policy."
    passed = total(figures.observed)
    third = (
        f"{count(passed, 'further value')} went to the model unprotected, since a server was observed or switched off."
    )
    lines = [first, second, third] if passed else [first, second]
    return [paragraph(line, cls="lead") for line in lines]


def _onward(report: Report) -> str:
    onward = sum(n for (a, b), n in by(report.figures.flows, 0, 1).items() if a != b)
    every = total(report.figures.flows)
    if not onward:
        return ", always the one that the value had come from"
    return f"; {percent(onward, every)} of these went to another server than the one it came from"


_WORK = frozenset({"start", "protect", "observe", "release", "denial", "error"})
"""Types of rows that say that somebody worked."""
_NOTHING = (
    "Nothing is on record in this time. Either no AI tool worked, or none worked behind pii_shield; the record cannot "
    "tell these apart. What is protected on this machine, and what is not, stands below."
)


def _tiles(report: Report) -> Markup:
    figures, verdict = report.figures, report.verdict
    refused, failed = total(figures.refused), total(figures.failed)
    state, more, kind = "sound", f"{count(verdict.rows, 'row')} in one unbroken chain", "ok"
    if not verdict.rows:
        state, more = "empty", "there is no row to verify"
    elif not verdict.is_sound:
        state, kind = "not sound", "refused"
        more = f"{count(verdict.trouble, 'problem')} in {count(verdict.rows, 'row')}"
    tiles = (
        tile("Protected", number(total(figures.protected)), _types(figures.protected), "protected"),
        tile("Released", number(total(figures.released)), _types(figures.released), "released"),
        tile("Refused", number(refused), f"and {number(failed)} blocked for errors", "refused"),
        tile("The record", state, more, kind),
    )
    return element("dl", *tiles, cls="tiles")


def _types(spans: Spans) -> str:
    kinds = len({key[-1] for key in spans})
    tools = len({key[:2] for key in spans})
    return f"values of {count(kinds, 'type')}, {count(tools, 'tool')}" if kinds else "no values"


def _attention(report: Report) -> Markup:
    found = points(report)
    if not found:
        nothing = "Nothing that this program can see needs attention"
        return note("good", heading(nothing), paragraph("What no program can see stands under “What is not covered”."))
    items = [
        element("li", element("strong", point.title), " ", point.text, cls="bad" if point.is_bad else "warn")
        for point in found
    ]
    worst = "bad" if any(point.is_bad for point in found) else "warn"
    return note(worst, heading("What needs attention"), element("ul", *items))
