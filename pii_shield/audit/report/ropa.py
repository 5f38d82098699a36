"""The record of processing activities (GDPR Art. 30): each server and each category of data, with counts. No I/O."""

import csv
import io
import json
import textwrap
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from ...entities import TYPES
from ..export import cell
from .collect import Span
from .markup import Child, Markup, name, shortened, visible
from .parts import Column, bullets, date, nothing, paragraph, table, tag, words
from .report import Report
from .tally import listed, number, server

MEASURES: Final = (
    "pseudonymisation: the AI model sees random tokens in place of values",
    "encryption of stored values (AES-256-GCM), with the key kept apart",
    "release policy: a value goes to a tool only if a rule allows it",
    "tamper-evident record without values (chained rows, signed checkpoints)",
)
UNKNOWN: Final = "not recorded: where a server runs and who runs it is not known to this program"
NOT_SAID: Final = "not stated"
_WIDTH: Final = 100
"""Columns of text for a terminal."""
_BOM: Final = "\ufeff"


class Line(NamedTuple):
    """One server and one category of data.

    Attributes:
        server: name and fingerprint.
        category: entity type.
        sent: values that came from it and were pseudonymised.
        received: tokens that were released to it.
        refused: tokens that were not.
        first, last: times.
    """

    server: str
    category: str
    sent: int
    received: int
    refused: int
    first: str
    last: str


class Register(NamedTuple):
    """The record: its head, in terms and words, and its lines."""

    head: list[tuple[str, str]]
    lines: list[Line]


def register(report: Report) -> Register:
    """The record out of a report's figures."""
    said, settings = report.around.organisation, report.around.settings
    kept = f"{settings.retention_days:g} days after last use, then destroyed" if settings else "not known here"
    head = [
        ("Controller", said.controller or NOT_SAID),
        ("Contact", said.contact or NOT_SAID),
        ("Representative", said.representative or NOT_SAID),
        ("Data protection officer", said.officer or NOT_SAID),
        ("Purposes", listed(said.purposes) or NOT_SAID),
        ("Categories of people", listed(said.subjects) or NOT_SAID),
        ("Retention of values", kept),
        ("Retention of this record", "until it is pruned; see pii-shield audit prune"),
        ("Transfers to third countries", UNKNOWN),
        ("Measures (Art. 32)", "; ".join(MEASURES)),
    ]
    return Register(head, _lines(report))


def _lines(report: Report) -> list[Line]:
    figures = report.figures
    found: dict[tuple[str, str], list[Any]] = {}
    for at, spans in enumerate((figures.protected, figures.released, figures.denied)):
        for key, span in spans.items():
            _add(found.setdefault((key[0], key[-1]), [0, 0, 0, span.first, span.last]), at, span)
    lines = [Line(*key, *numbers) for key, numbers in found.items()]
    return sorted(lines, key=lambda line: (-line.received, -line.sent, line.server, line.category))


def _add(numbers: list[Any], at: int, span: Span) -> None:
    numbers[at] += span.count
    numbers[3:] = [min(numbers[3], span.first), max(numbers[4], span.last)]


def section(record: Register) -> list[Markup]:
    """For the page."""
    rows: list[list[Child]] = [
        [
            name(server(line.server)),
            TYPES[line.category].title,
            _article(line.category),
            line.received,
            line.sent,
            date(line.first),
            date(line.last),
        ]
        for line in record.lines
    ]
    heads = [
        words("Server (recipient)"),
        words("Category of data"),
        words("GDPR"),
        Column("Received", "released"),
        Column("Sent", "protected"),
        words("First"),
        words("Last"),
    ]
    if not rows:
        return [nothing("No server sent or received personal data in this time.")]
    return [table("Servers and the categories of data they received and sent", heads, rows)]


def _article(kind: str) -> Markup | str:
    article = TYPES[kind].gdpr
    return tag(f"Art. {article}", "health" if article == "9" else "plain") if article else "–"


COLUMNS: Final = ("server", "category", "class", "gdpr", "received", "sent", "refused", "first", "last", "transfers")


def _cells(line: Line) -> list[object]:
    kind = TYPES[line.category]
    return [
        line.server,
        kind.name,
        kind.sensitivity.value,
        kind.gdpr,
        line.received,
        line.sent,
        line.refused,
        line.first,
        line.last,
        "not recorded",
    ]


def as_csv(record: Register) -> str:
    """For spreadsheets: the lines, then the head as pairs. No cell is taken for a formula."""
    out = io.StringIO()
    out.write(_BOM)
    writer = csv.writer(out, lineterminator="\r\n")
    for row in [COLUMNS, *map(_cells, record.lines), (), *record.head]:
        writer.writerow([cell(value) for value in row])
    return out.getvalue()


def as_json(record: Register) -> str:
    """For programs."""
    lines = [dict(zip(COLUMNS, _cells(line), strict=True)) for line in record.lines]
    return json.dumps({"record": dict(record.head), "processing": lines}, indent=2, ensure_ascii=False)


def as_text(record: Register) -> list[str]:
    """For a terminal; nothing in a name drives it."""
    wide = max(len(term) for term, _ in record.head)
    head = [line for term, said in record.head for line in _hanging(f"{term:<{wide}}  ", visible(said))]
    if not record.lines:
        return [*head, "", "no server sent or received personal data in this time"]
    return [*head, "", *_aligned([_TEXT_COLUMNS, *map(_text_cells, record.lines)])]


_TEXT_COLUMNS: Final = ("server", "category of data", "received", "sent", "refused", "first", "last")
_NUMBERS: Final = frozenset({"received", "sent", "refused"})


def _text_cells(line: Line) -> Sequence[str]:
    amounts = map(number, (line.received, line.sent, line.refused))
    return (shortened(line.server), TYPES[line.category].title, *amounts, line.first[:10], line.last[:10])


def _hanging(start: str, text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=start, subsequent_indent=" " * len(start)) or [start]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    wide = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    signs = [">" if name in _NUMBERS else "<" for name in rows[0]]
    return ["  ".join(f"{text:{signs[at]}{wide[at]}}" for at, text in enumerate(row)).rstrip() for row in rows]


def page_parts(record: Register) -> list[Markup]:
    """The record as a page of its own: the head, then the lines."""
    head = table("Head of the record", [words("Item"), words("Entry")], [[term, said] for term, said in record.head])
    return [head, *section(record), paragraph("Measures:"), bullets(list(MEASURES))]
