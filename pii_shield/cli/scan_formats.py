"""What `pii-shield scan` prints: text, JSON, CSV, SARIF. Places, types, rules and shapes; never a value."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from .. import __version__
from ..entities import TYPES, Sensitivity

if TYPE_CHECKING:
    from ..rules import RuleSet

SHAPE_LENGTH = 32
"""Characters of a masked shape that are shown."""
COLUMNS = ("file", "line", "column", "start", "end", "type", "score", "rule")
_LEVELS = {Sensitivity.NETWORK: "note", Sensitivity.CONTACT: "warning", Sensitivity.IDENTITY: "warning"}
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


class _Span(Protocol):
    @property
    def start(self) -> int: ...


S = TypeVar("S", bound=_Span)


class Row(NamedTuple):
    """One finding, or near miss, as it is shown.

    Attributes:
        file: path as given; "" for standard input.
        line, column: from 1.
        start, end: offsets in code points.
        shape: the value with its letters and digits masked.
        missed: why it did not count; "" if it did.
        end_line, end_column: behind its last character.
    """

    file: str
    line: int
    column: int
    start: int
    end: int
    type: str
    score: float
    rule: str
    shape: str
    missed: str = ""
    end_line: int = 0
    end_column: int = 0


class Report(NamedTuple):
    """All that is to be shown.

    Attributes:
        rows: findings by file and place.
        many: whether several files were read, so that each line must name its own.
        explain: whether rules are to be explained, with near misses.
        known: the rules.
    """

    rows: Sequence[Row]
    many: bool
    explain: bool
    known: "RuleSet"


def placed(text: str, findings: Iterable[S]) -> Iterator[tuple[S, int, int]]:
    """Findings in order with line and column, both from 1."""
    line, line_start, position = 1, 0, 0
    for finding in findings:
        line += text.count("\n", position, finding.start)
        line_start = text.rfind("\n", 0, finding.start) + 1 if "\n" in text[position : finding.start] else line_start
        position = finding.start
        yield finding, line, finding.start - line_start + 1


def mask(value: str) -> str:
    """The shape of a value: every letter an x, every digit a 9, long ones cut."""
    shape = "".join("9" if c.isdigit() else "x" if c.isalpha() else c if c.isprintable() else " " for c in value)
    return shape if len(shape) <= SHAPE_LENGTH else shape[:SHAPE_LENGTH] + "…"


def _text(report: Report) -> Iterator[str]:
    from .about import about

    found = [row for row in report.rows if not row.missed]
    for row in report.rows:
        where = f"{row.file}:{row.line}:{row.column}" if report.many else f"{row.line}:{row.column}"
        score = "not found" if row.missed else f"{row.score:.2f}"
        yield f"{where}\t{row.type}\t{score}\t{row.rule}\t{row.shape}"
        if report.explain:
            rule = about(row.rule, report.known)
            yield f"\trule: {rule.text}" + (f"; check: {rule.check}" if rule.check else "")
            if row.missed:
                yield f"\tnot found, since {row.missed}"
    yield f"{len(found)} found" if found else "nothing found"


def _json(report: Report) -> Iterator[str]:
    yield json.dumps([_record(row, report) for row in report.rows], indent=2, ensure_ascii=False)


def _record(row: Row, report: Report) -> dict[str, Any]:
    from .about import about

    record: dict[str, Any] = {"file": row.file} if row.file else {}
    record |= {"type": row.type, "line": row.line, "column": row.column, "start": row.start, "end": row.end}
    record |= {"score": row.score, "rule": row.rule}
    if report.explain:
        record |= {"explanation": about(row.rule, report.known)._asdict()}
        record |= {"missed": row.missed} if row.missed else {}
    return record


def _csv(report: Report) -> Iterator[str]:
    columns = (*COLUMNS, "missed") if report.explain else COLUMNS
    for cells in (columns, *(tuple(getattr(row, name) for name in columns) for row in report.rows)):
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(map(_cell, cells))
        yield line.getvalue()


def _cell(value: object) -> object:
    """No cell begins like a formula: a file name could run in somebody's spreadsheet."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") else value


def _sarif(report: Report) -> Iterator[str]:
    found = [row for row in report.rows if not row.missed]
    names = sorted({row.rule: row.type for row in found}.items())
    index = {name: number for number, (name, _) in enumerate(names)}
    driver = {
        "name": "pii-shield",
        "semanticVersion": __version__,
        "rules": [_sarif_rule(name, type_, report) for name, type_ in names],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(row, index[row.rule]) for row in found],
    }
    yield json.dumps({"$schema": _SARIF, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _sarif_rule(name: str, type_: str, report: Report) -> dict[str, Any]:
    from .about import about

    rule = about(name, report.known)
    help_ = "; ".join(rule.references)
    return {
        "id": name,
        "shortDescription": {"text": f"{type_}: {rule.text}"},
        "defaultConfiguration": {"level": _level(type_)},
        **({"help": {"text": help_}} if help_ else {}),
    }


def _sarif_result(row: Row, index: int) -> dict[str, Any]:
    region = {
        "startLine": row.line,
        "startColumn": row.column,
        "endLine": row.end_line,
        "endColumn": row.end_column,
        "charOffset": row.start,
        "charLength": row.end - row.start,
    }
    place = {"artifactLocation": {"uri": _uri(row.file)}, "region": region}
    return {
        "ruleId": row.rule,
        "ruleIndex": index,
        "level": _level(row.type),
        "message": {"text": f"{row.type} found by {row.rule}, score {row.score:.2f}: {row.shape}"},
        "locations": [{"physicalLocation": place}],
    }


def _uri(file: str) -> str:
    from urllib.parse import quote

    return quote(Path(file).as_posix()) if file else "stdin"


def _level(type_: str) -> str:
    return _LEVELS.get(TYPES[type_].sensitivity, "error")


FORMATS: Mapping[str, Callable[[Report], Iterator[str]]] = {"text": _text, "json": _json, "csv": _csv, "sarif": _sarif}
"""Lines of output by name of the format."""
