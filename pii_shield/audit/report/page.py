"""The report as one HTML page that stands alone: no script, no font, nothing from anywhere else."""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from . import ropa
from .markup import Markup, element, join, name
from .report import Report
from .sections import activity, disclosure, gaps, method, movement, opening, places, policy, proof, regulations
from .tally import count, day, minute, period

_SECTIONS: Final = (opening, activity, places, movement, disclosure, policy, proof, gaps, regulations, method)
_CONTENTS: Final = (
    ("summary", "Summary"),
    ("activity", "What happened"),
    ("places", "Servers and tools"),
    ("flows", "Where values went"),
    ("disclosure", "More than was needed?"),
    ("policy", "Policy in force"),
    ("proof", "Is the record intact?"),
    ("gaps", "What is not covered"),
    ("regulations", "As regulations ask for it"),
    ("method", "About this report"),
)


def page(report: Report) -> str:
    """The whole report."""
    body = [part.render(report) for part in _SECTIONS]
    return _document(report, report.title, [_contents(), element("main", *body, id="main")])


def register_page(report: Report) -> str:
    """The record of processing activities alone."""
    parts = ropa.page_parts(ropa.register(report))
    return _document(report, report.title, [element("main", *parts, id="main")])


def _document(report: Report, title: str, body: Sequence[Markup]) -> str:
    style = Path(__file__).with_name("page.css").read_text("utf-8")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    rules = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = [
        Markup('<meta charset="utf-8">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{rules}">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup('<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">'),
        Markup('<meta name="robots" content="noindex">'),
        element("title", title),
        Markup(f"<style>{style}</style>"),
    ]
    skip = element("a", "Skip to the report", href="#main", cls="skip")
    whole = element("body", skip, _banner(report, title), *body, _foot(report))
    return f"<!doctype html>\n{element('html', element('head', *head), whole, lang='en')}\n"


def _banner(report: Report, title: str) -> Markup:
    around, figures = report.around, report.figures
    when = period(figures.first, figures.last) if figures.first else "no rows"
    asked = [f"from {day(around.since)}" if around.since else "", f"until {day(around.until)}" if around.until else ""]
    facts = [
        ("Organisation", name(around.organisation.controller) if around.organisation.controller else None),
        ("Time on record", f"{when}{f' (asked for: {words})' if (words := ' '.join(filter(None, asked))) else ''}"),
        ("Servers", join(*(name(one) for one in around.servers)) if around.servers else None),
        ("Made", minute(around.made)),
    ]
    pairs = [element("div", element("dt", term), element("dd", said)) for term, said in facts if said]
    return element(
        "header",
        element("p", "pii_shield · audit report", cls="kicker"),
        element("h1", title),
        element("dl", *pairs, cls="meta"),
    )


def _contents() -> Markup:
    links = [element("li", element("a", text, href=f"#{ident}")) for ident, text in _CONTENTS]
    return element("nav", element("ol", *links), aria_label="Contents")


def _foot(report: Report) -> Markup:
    rows = count(report.verdict.rows, "row")
    return element("footer", element("p", f"pii_shield {report.around.program} · {rows} · no value is on this page"))
