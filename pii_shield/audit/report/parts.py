"""Pieces that sections are put together from: headings, tables, notes, pictures with their numbers. No I/O."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from . import charts
from .markup import Child, Later, Markup, element, join
from .tally import number, short_day

MOST: Final = 25
"""Rows of a table; of a longer one the rest is summed up in words."""

SHORT: Final = 12
"""Rows of a table that is not divided between printed pages."""


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        title: its heading.
        bar: class of the bars that are drawn behind numbers, "" for none.
        is_text: whether it holds words, not numbers.
    """

    title: str
    bar: str = ""
    is_text: bool = False


def words(title: str) -> Column:
    """A column of words."""
    return Column(title, is_text=True)


def section(ident: str, title: str, *children: Child) -> Markup:
    """A part of the page with its heading."""
    heading = element("h2", title, id=f"{ident}-title")
    return element("section", heading, *children, id=ident, aria_labelledby=f"{ident}-title")


def paragraph(*children: Child, cls: str = "") -> Markup:
    """Running text."""
    return element("p", *children, cls=cls or None)


def heading(text: str) -> Markup:
    """Of a part within a section."""
    return element("h3", text)


def bullets(items: Sequence[Child], cls: str = "") -> Markup:
    """A list."""
    return element("ul", *(element("li", item) for item in items), cls=cls or None)


def note(kind: str, *children: Child) -> Markup:
    """A remark that stands out: kind is "good", "warn", "bad" or "plain"."""
    return element("div", *children, cls=f"note {kind}")


def table(caption: str, columns: Sequence[Column], rows: Sequence[Sequence[Child]], most: int = MOST) -> Markup:
    """A table; the first column names its row. Numbers are aligned, and drawn as bars if their column says so."""
    tops = [max((cell for row in rows if isinstance(cell := row[at], int)), default=0) for at in range(len(columns))]
    body = [_row(columns, row, tops) for row in rows[:most]]
    if len(rows) > most:
        body.append(element("tr", element("td", _rest(columns, rows[most:]), colspan=len(columns), cls="rest")))
    head = element("tr", *(element("th", c.title, scope="col", cls=_kind(c)) for c in columns))
    inner = element("table", element("caption", caption), element("thead", head), element("tbody", *body))
    kind = "scroll short" if len(rows) <= SHORT else "scroll"
    return element("div", inner, cls=kind, role="region", aria_label=caption, tabindex="0")


def _kind(column: Column) -> str | None:
    if column.is_text:
        return None
    return "n b" if column.bar else "n"


def _row(columns: Sequence[Column], row: Sequence[Child], tops: Sequence[int]) -> Markup:
    cells = []
    for at, (column, cell) in enumerate(zip(columns, row, strict=True)):
        if at == 0:
            cells.append(element("th", cell, scope="row"))
        elif isinstance(cell, int):
            drawn = charts.bar(cell, tops[at], column.bar) if column.bar else None
            shown = element("span", number(cell) if cell else "–", cls=None if cell else "none")
            cells.append(element("td", shown, drawn, cls="n"))
        else:
            cells.append(element("td", cell, cls=None if column.is_text else "n"))
    return element("tr", *cells)


def _rest(columns: Sequence[Column], rows: Sequence[Sequence[Child]]) -> str:
    """What is left out, in words."""
    sums = []
    for at, column in enumerate(columns):
        numbers = [cell for row in rows if isinstance(cell := row[at], int)]
        if numbers:
            sums.append(f"{column.title.lower()} {number(sum(numbers))}")
    return f"and {number(len(rows))} more: {', '.join(sums)}" if sums else f"and {number(len(rows))} more"


def details(summary: str, *children: Child, cls: str = "") -> Markup:
    """What only some readers want to see. Printed, it is open."""
    return element("details", element("summary", summary), *children, cls=cls or None)


def date(at: str) -> Later:
    """A day, short, for a table."""
    return Later(lambda text: whole(short_day(text)), at)


def moment(at: str) -> Later:
    """A day and a time, short, for a table."""
    return Later(lambda text: whole(f"{short_day(text)}, {text[11:16]}"), at)


def whole(text: str) -> Markup:
    """Words that stay on one line."""
    return element("span", text, cls="whole")


def prose(text: str) -> Child:
    """A sentence of ours in which commands stand between backticks."""
    return [code(piece) if at % 2 else piece for at, piece in enumerate(text.split("`"))]


def figure(drawing: Markup, caption: str, *more: Child) -> Markup:
    """A picture with what it says."""
    return element("figure", drawing, element("figcaption", caption), *more)


def tile(label: str, amount: str, more: str, kind: str) -> Markup:
    """A main figure."""
    inner = (element("dt", label), element("dd", amount, cls="amount"), element("dd", more, cls="more"))
    return element("div", *inner, cls=f"tile {kind}")


def tag(text: str, kind: str = "plain") -> Markup:
    """A word in a box."""
    return element("span", text, cls=f"tag {kind}")


def code(text: str) -> Markup:
    """Something to type."""
    return element("code", text)


def nothing(text: str) -> Markup:
    """In place of a table that would be empty."""
    return paragraph(text, cls="none")


def sentence(*children: Child) -> Markup:
    """Pieces of one sentence."""
    return join(*children)
