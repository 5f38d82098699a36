"""Coloured text in columns: where to break lines, and how wide they are. No I/O."""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """A stretch of one line that is drawn in a style."""

    start: int
    end: int
    style: str


class Row(NamedTuple):
    """One line of a column: its text, and where it is coloured."""

    text: str
    spans: tuple[Span, ...] = ()


def wrap(line: str, width: int, spans: Sequence[Span]) -> list[Row]:
    """Break one line into rows of at most `width` columns, at spaces where there are any; later rows are indented."""
    indent = " " * (len(line) - len(line.lstrip(" ")))
    rows: list[Row] = []
    start = len(indent)
    while start < len(line):
        lead = indent + ("  " if rows else "")
        end = _break(line, start, max(width - len(lead), 1))
        rows.append(Row(lead + line[start:end], _moved(spans, start, end, len(lead) - start)))
        start = end + (line[end : end + 1] == " ")
    return rows


def _moved(spans: Sequence[Span], start: int, end: int, shift: int) -> tuple[Span, ...]:
    """The parts of the spans inside [start, end), shifted."""
    inside = ((max(span.start, start), min(span.end, end), span.style) for span in spans)
    return tuple(Span(first + shift, last + shift, style) for first, last, style in inside if first < last)


def _break(line: str, start: int, width: int) -> int:
    """Where a row that begins at `start` ends."""
    end = start
    while end < len(line) and columns(line[start : end + 1]) <= width:
        end += 1
    space = line.rfind(" ", start + 1, end)
    return end if end == len(line) or line[end] == " " or space < 0 else space


def columns(text: str) -> int:
    """Columns that a terminal needs for a text."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
