"""Which servers and tools sent personal data, and which were given it. No I/O."""

from ....entities import TYPES
from ..collect import Key, Span
from ..markup import Child, Later, Markup, join, name
from ..parts import Column, date, heading, nothing, section, table, words
from ..report import Report
from ..tally import by, server


def render(report: Report) -> Markup:
    """The section."""
    figures = report.figures
    if not (figures.protected or figures.released or figures.refused or figures.starts):
        return section("places", "Servers and tools", nothing("No server worked in this time."))
    return section("places", "Servers and tools", *_servers(report), *_tools(report))


def _servers(report: Report) -> list[Markup]:
    figures = report.figures
    sums = [by(spans, 0) for spans in (figures.protected, figures.released, figures.refused, figures.failed)]
    seen: dict[str, list[str]] = {}
    for spans in (figures.protected, figures.released, figures.refused, figures.failed, figures.starts):
        for key, span in spans.items():
            times = seen.setdefault(key[0], [span.first, span.last])
            times[:] = [min(times[0], span.first), max(times[1], span.last)]
    order = sorted(seen, key=lambda one: [-counts.get((one,), 0) for counts in sums])
    rows: list[list[Child]] = [
        [_server(one), *(counts.get((one,), 0) for counts in sums), date(seen[one][0]), date(seen[one][1])]
        for one in order
    ]
    heads = [
        words("Server"),
        Column("Protected", "protected"),
        Column("Released to it", "released"),
        Column("Refused", "refused"),
        Column("Errors"),
        words("First seen"),
        words("Last seen"),
    ]
    return [heading("By server"), table("Values by server", heads, rows)]


def _tools(report: Report) -> list[Markup]:
    figures = report.figures
    sums = [by(spans, 0, 1) for spans in (figures.protected, figures.released, figures.refused)]
    order = sorted(set().union(*sums), key=lambda key: [-counts.get(key, 0) for counts in sums])
    kinds = _kinds(figures.protected)
    rows: list[list[Child]] = [
        [name(key[1] or "–"), name(server(key[0])), *(counts.get(key, 0) for counts in sums), kinds.get(key, "")]
        for key in order
    ]
    heads = [
        words("Tool"),
        words("Server"),
        Column("Sent by it", "protected"),
        Column("Released to it", "released"),
        Column("Refused", "refused"),
        words("Mostly"),
    ]
    return [heading("By tool"), table("Values by tool", heads, rows)] if rows else []


def _kinds(spans: dict[Key, Span]) -> dict[Key, str]:
    """The types that each tool sends most, in words."""
    kinds: dict[Key, list[str]] = {}
    for server_, tool, kind in by(spans, 0, 1, 2):
        kinds.setdefault((server_, tool), []).append(TYPES[kind].title)
    return {place: ", ".join(found[:3]) for place, found in kinds.items()}


def _server(full: str) -> Later:
    return Later(_with_fingerprint, full)


def _with_fingerprint(full: str) -> Markup:
    plain, mark, fingerprint = full.partition("#")
    return join(name(plain), name(f" {mark}{fingerprint[:12]}") if mark else None)
