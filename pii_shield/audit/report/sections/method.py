"""How the page was made and what its words mean. No I/O."""

from typing import Final

from ..markup import Markup, element
from ..parts import bullets, paragraph, section
from ..report import Report
from ..tally import minute, number

_WORDS: Final = (
    ("Value", "a piece of personal data or a secret."),
    ("Token", "what the AI model sees in place of a value, such as [EMAIL_7K2QF9M36]: random, without anything of it."),
    ("To protect, to release", "to replace a value by its token; to put the value back for a tool."),
    (
        "Server, tool",
        "a program that gives tools to an AI model over the Model Context Protocol (MCP), and one of them.",
    ),
    ("Origin, destination", "the server that sent a value, and the one that it goes to."),
    ("Fingerprint", "behind #: a keyed hash of the command or address that a server's name stands for."),
    ("Record", "the audit log: rows about all this, without any value."),
)


def render(report: Report) -> Markup:
    """The section."""
    around, verdict = report.around, report.verdict
    terms = [element("div", element("dt", word), element("dd", text)) for word, text in _WORDS]
    notes = [
        "Counts are of what passed the shield: a value that is sent in ten messages is counted ten times, unless a "
        "table says “different values”.",
        "Names of tools and servers are chosen by others. A name that may hold data is shown as *.",
        "This page holds no value, loads nothing and runs nothing. It holds names of systems: treat it as internal.",
    ]
    rows = f"{number(sum(report.figures.rows.values()))} of {number(verdict.rows)} rows are in its time and scope."
    return section(
        "method",
        "About this report",
        paragraph(f"Made by pii_shield {around.program} on {minute(around.made)}, in one pass over the record. {rows}"),
        bullets(notes),
        element("dl", *terms, cls="facts"),
    )
