"""Where values went: from which server to which, and what was refused, and why. No I/O."""

from collections.abc import Mapping

from ..collect import Key, Span
from ..flows import diagram, flows
from ..markup import Child, Markup, element, join, name
from ..parts import Column, details, figure, heading, nothing, paragraph, section, table, tag, words
from ..refusals import reason
from ..report import Report
from ..tally import by, server

_KINDS = {"back": "back to its server", "onward": "to another server", "stopped": "stopped"}


def render(report: Report) -> Markup:
    """The section."""
    return section("flows", "Where values went", *_flows(report), *_refusals(report))


def _flows(report: Report) -> list[Markup]:
    figures = report.figures
    found = flows(_ends(figures.flows), _ends(figures.stopped))
    if not found:
        return [nothing("No value left the vault: no tool asked for one.")]
    rows: list[list[Child]] = [
        [name(server(flow.origin)), name(server(flow.destination)), tag(_KINDS[flow.kind], flow.kind), flow.tokens]
        for flow in found
    ]
    heads = [words("Came from"), words("Went to"), words("What became of it"), Column("Tokens", "released")]
    key = join(*(element("span", text, cls=f"key {kind}") for kind, text in _KINDS.items()))
    return [
        paragraph(
            "On the left the server that a value had come from, on the right the one that it was handed to, or would "
            "have been. A value that several servers had sent counts for each of them."
        ),
        element("p", key, cls="legend"),
        element(
            "div",
            figure(diagram(found), "Width of a stream: number of tokens released, or refused"),
            cls="scroll wide",
            role="region",
            aria_label="Diagram of flows",
            tabindex="0",
        ),
        details("These flows as a table", table("Flows of values between servers", heads, rows, most=60)),
    ]


def _ends(spans: Mapping[Key, Span]) -> dict[Key, int]:
    return by(spans, 0, 1)


def _refusals(report: Report) -> list[Markup]:
    figures = report.figures
    title = heading("What was refused, and why")
    if not (figures.refused or figures.failed):
        return [title, nothing("Nothing was refused or blocked.")]
    rows = [*_rows(figures.refused, "policy"), *_rows(figures.failed, "error")]
    heads = [words("Reason"), words("Kind"), words("Code"), words("Mostly at"), Column("Messages", "refused")]
    return [title, table("Refused and blocked messages by reason", heads, rows)]


def _rows(spans: Mapping[Key, Span], kind: str) -> list[list[Child]]:
    places: dict[str, list[Key]] = {}
    for server_, tool, code in by(spans, 0, 1, 2):
        places.setdefault(code, []).append((server_, tool))
    return [
        [_sentence(code), tag(kind, kind), code, _places(places[code]), messages]
        for (code,), messages in by(spans, 2).items()
    ]


def _sentence(code: str) -> str:
    text = reason(code)
    return text[0].upper() + text[1:]


def _places(found: list[Key]) -> Markup:
    return join(name(server(found[0][0])), " ", name(found[0][1]) if found[0][1] else None)
