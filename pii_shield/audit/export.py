"""The log for other programs: JSON lines, CSV for spreadsheets, OCSF events. Streams; signs what it wrote."""

import csv
import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any, BinaryIO, Final, NamedTuple

from . import event, ocsf
from .filters import Filter
from .read import DatabaseSource, FileSource, RawRow, line_of, rows

STEP: Final = 1000
COLUMNS: Final = (
    *("seq", "at", "type", "direction", "scope", "server", "method", "tool", "code", "counts", "tokens"),
    *("from", "to", "policy", "took", "more", "writer", "head"),
)
_MORE: Final = event.FIELDS.keys() - {*COLUMNS, "items", "token"}
"""Fields of few types of row: they share a column."""
_CHOSEN: Final = ("scope", "server", "tool")
_NUMBER: Final = re.compile(r"[0-9][0-9.,:/eE+-]*\Z")
"""What a spreadsheet would take for a number or a day, and show as another text."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_BOM: Final = b"\xef\xbb\xbf"
"""Without it spreadsheets take UTF-8 for something else."""


class Exported(NamedTuple):
    """What was written.

    Attributes:
        rows, first, last: how many, and the numbers of the first and the last one.
        digest: SHA-256 of the file, hex.
    """

    rows: int
    first: int
    last: int
    digest: str


def export(
    log: DatabaseSource | FileSource,
    form: str,
    which: Filter,
    out: BinaryIO,
    progress: Callable[[int], None] = lambda _: None,
) -> Exported:
    """Write the rows that pass, in one of `FORMATS`; `progress` is told the number of the last row, now and then."""
    name = log.key().partition("+")[0]
    head, encode = FORMATS[form]
    digest = sha256(head)
    out.write(head)
    count = first = last = 0
    buffer: list[bytes] = []
    for row, data in _rows(log, form, which):
        buffer.append(encode(row, data, name))
        last = row[0]
        first = first or last
        count += 1
        if not count % STEP:
            _pour(buffer, out, digest)
            progress(last)
    _pour(buffer, out, digest)
    return Exported(count, first, last, digest.hexdigest())


def _rows(log: DatabaseSource | FileSource, form: str, which: Filter) -> Iterator[tuple[RawRow, dict[str, Any]]]:
    if form == "jsonl" and which == Filter():  # nothing to look into
        return ((row, {}) for row in log.raw())
    return rows(log, which)


def _pour(buffer: list[bytes], out: BinaryIO, digest: Any) -> None:
    data = b"".join(buffer)
    buffer.clear()
    digest.update(data)
    out.write(data)


def manifest(name: str, log: str, form: str, which: Filter, done: Exported, at: str) -> str:
    """What is signed about an export: text for `note.Signer.sign`."""
    said = "filtered" if which != Filter() else "complete"
    lines = [log, f"export {name}", f"sha256 {done.digest}", f"rows {done.rows} from {done.first} to {done.last}"]
    return "\n".join([*lines, f"format {form} {said}", f"at {at}", ""])


def _jsonl(row: RawRow, _: dict[str, Any], __: str) -> bytes:
    return line_of(row) + b"\n"


def _ocsf(row: RawRow, data: dict[str, Any], log: str) -> bytes:
    return ocsf_line(row, data, log) + b"\n"


def ocsf_line(row: RawRow, data: dict[str, Any], log: str) -> bytes:
    """A row as an OCSF event, without the newline."""
    head = row[2].hex()
    try:
        return ocsf.line(row[0], data, head, log).encode()
    except (KeyError, ValueError, TypeError, AttributeError):  # a row that somebody edited: say so, do not stop
        return ocsf.line(row[0], {"type": "unreadable", "at": event.stamp(0)}, head, log).encode()


def _csv(row: RawRow, data: dict[str, Any], _: str) -> bytes:
    items = data.get("items", ())
    tokens = data.get("tokens") or [*(item["token"] for item in items), *filter(None, [data.get("token")])]
    said = {
        **data,
        "counts": " ".join([f"{kind}:{count}" for kind, count in data.get("counts", {}).items()]),
        "tokens": f"[{'] ['.join(tokens)}]" if tokens else "",  # bare ones like 12E4567 would become numbers
        "more": "; ".join([f"{name}={data[name]}" for name in sorted(data.keys() & _MORE)]),
        "head": f"sha256:{row[2].hex()}",
    }
    if items:
        said["from"] = " ".join(sorted({server for item in items for server in item["from"]}))
        said["to"] = " ".join(sorted({item["to"] for item in items}))
    for name in _CHOSEN:
        if name in data and str(data[name])[:1].isdigit() and _NUMBER.match(str(data[name])):
            said[name] = f"'{data[name]}"
    texts = [str(said.get(column, "")) for column in COLUMNS]
    return _record([f"'{text}" if text.startswith(_FORMULA) else text for text in texts])


def cell(value: object) -> str:
    """A text that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


_row: Final[Callable[[list[str]], Any]] = csv.writer(_Echo(), lineterminator="\r\n").writerow


def _record(cells: list[str]) -> bytes:
    return str(_row(cells)).encode()


FORMATS: Final[dict[str, tuple[bytes, Callable[[RawRow, dict[str, Any], str], bytes]]]] = {
    "jsonl": (b"", _jsonl),
    "csv": (_BOM + _record(list(COLUMNS)), _csv),
    "ocsf": (b"", _ocsf),
}
"""Format -> what the file begins with, and how a row is written."""
