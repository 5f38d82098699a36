"""Tables inside text: CSV, TSV, semicolons, Markdown. The header names the columns. No I/O."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..types import Finding
from .fields import Names

_DELIMITERS = "\t,;|"
_MAX_COLUMNS = 256
_RULER = re.compile(r"[\s|:+=-]+$")
_HEADER_CELL = re.compile(r"""[ \t"'*`]*[^\W\d_][\w .()/#'-]{0,40}[ \t"'*`]*$""")


class Cell(NamedTuple):
    """One cell: offsets of its text without quotes and white space around it."""

    start: int
    end: int


class Tables:
    """Applies field rules to the columns of tables."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def find(self, text: str) -> list[Finding]:
        """Findings in the cells of every table of a text. Offsets in code points."""
        if "\n" not in text or not any(delimiter in text for delimiter in _DELIMITERS):
            return []
        return list(self._tables(text))

    def _tables(self, text: str) -> Iterator[Finding]:
        columns: dict[int, str] = {}
        delimiter, width, personal, below = "", 0, False, 0
        for start, end in lines(text):
            if text.count("\n", below, start) > 1:
                delimiter = ""  # an empty line ends a table
            below = end
            cells = split(text, start, end, delimiter) if delimiter else []
            if delimiter and abs(len(cells) - width) <= 1:
                for column, name in columns.items():
                    if column < len(cells):
                        yield from self._cell(text, cells[column], name, personal)
                continue
            if delimiter and _RULER.match(text, start, end):
                continue
            delimiter = ""
            if (header := self._header(text, start, end)) is not None:
                delimiter, names = header
                width = len(names)
                names = _surnames(names)
                columns = {number: name for number, name in enumerate(names) if self._names.rules_for((name,))}
                personal = any(self._names.is_personal(name) for name in names)

    def _cell(self, text: str, cell: Cell, name: str, personal: bool) -> Iterator[Finding]:
        found = self._names.find(text[cell.start : cell.end], (name,), personal)
        if found is not None:
            yield found._replace(start=found.start + cell.start, end=found.end + cell.start)

    def _header(self, text: str, start: int, end: int) -> tuple[str, list[str]] | None:
        """Delimiter and column names, if the line at [start, end) is the header of a table with a row below it."""
        line = text[start:end]
        if len(line) > 4096:
            return None
        for delimiter in _DELIMITERS:
            count = line.count(delimiter)
            if not 1 <= count <= _MAX_COLUMNS:
                continue
            names = [text[cell.start : cell.end].strip("*`") for cell in split(text, start, end, delimiter)]
            if not all(not name or _HEADER_CELL.match(name) for name in names) or len(set(names)) < len(names) - 1:
                continue
            first = text.find("\n", end) + 1
            last = text.find("\n", first)
            second = split(text, first, last if last >= 0 else len(text), delimiter) if first else []
            if abs(len(second) - len(names)) > len(names) // 4 or not any(map(self._known, names)):
                continue
            return delimiter, names
        return None

    def _known(self, name: str) -> bool:
        return bool(name) and bool(self._names.rules_for((name,)))


_GIVEN = frozenset("vorname prénom prenom voornaam nome fornavn förnamn imię given firstname".split())
_BESIDE = frozenset({"name", "nom", "naam", "cognome", "navn", "namn", "nazwisko"})


def _surnames(names: list[str]) -> list[str]:
    """Column names in which a plain "name" beside a given name is a surname."""
    words = [name.strip().lower() for name in names]
    if not any(word in _GIVEN or word.startswith(("first name", "first_name", "given")) for word in words):
        return names
    return ["surname" if word in _BESIDE else name for name, word in zip(names, words, strict=True)]


def lines(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each line without its line break."""
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if start < end:
            yield start, end - 1 if text[end - 1] == "\r" else end
        start = end + 1


def split(text: str, start: int, end: int, delimiter: str) -> list[Cell]:
    """The cells of a line; a quoted cell may hold the delimiter, and its doubled quotes stay doubled."""
    if delimiter == "|" and end > start:
        start += len(text[start:end]) - len(text[start:end].lstrip(" \t|"))
        end -= len(text[start:end]) - len(text[start:end].rstrip(" \t|"))
    cells: list[Cell] = []
    place = start
    while place <= end:
        if text[place : place + 1] == '"' and place < end:
            close = _closing_quote(text, place + 1, end)
            cells.append(_trimmed(text, place + 1, close))
            stop = text.find(delimiter, close, end)
        else:
            stop = text.find(delimiter, place, end)
            cells.append(_trimmed(text, place, stop if stop >= 0 else end))
        if stop < 0:
            break
        place = stop + 1
    return cells


def _closing_quote(text: str, place: int, end: int) -> int:
    while (quote := text.find('"', place, end)) >= 0:
        if text[quote + 1 : quote + 2] != '"':
            return quote
        place = quote + 2
    return end


def _trimmed(text: str, start: int, end: int) -> Cell:
    while start < end and text[start] in " \t\r":
        start += 1
    while end > start and text[end - 1] in " \t\r":
        end -= 1
    return Cell(start, end)
