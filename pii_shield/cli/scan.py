"""`pii-shield scan`: what is in a file. Shows where and what kind, never a value."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from ..errors import ShieldError

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from ..detect.engine import Engine
    from ..types import Finding

# The vocabulary of labelled data has fewer words than ours; types not named here keep their name.
SPAN_TYPES = {"POSTAL_CODE": "ADDRESS", "TAX_ID": "NATIONAL_ID", "HEALTH_ID": "NATIONAL_ID"}
SHAPE_LENGTH = 32
"""Characters of a masked shape that are shown."""


class InputError(ShieldError):
    """The input cannot be read."""

    code = "PS120"
    exit_code = 2


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    parser = subparsers.add_parser(
        "scan",
        help="show the personal data in a file",
        description="Finds personal data and secrets in a text, JSON or CSV file. Values are never shown.",
        epilog="Exit code: 0 nothing found, 1 something found (with --spans: 0), 2 the input cannot be read.",
    )
    parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="file to read, - for standard input")
    parser.add_argument("--json", action="store_true", help="print data in place of text")
    parser.add_argument(
        "--spans",
        action="store_true",
        help='read JSON lines {"id","text"}, write {"id","spans":[{"start","end","type"}]}',
    )
    parser.add_argument("--types", type=_types, metavar="T,T", help="only these entity types, such as EMAIL,PHONE")
    parser.add_argument(
        "--profile", choices=("default", "all"), default="all", help="what `run` protects by default, or all types"
    )
    parser.set_defaults(func=main)


def _types(text: str) -> frozenset[str]:
    from ..entities import TYPES

    wanted = frozenset(part.strip().upper() for part in text.split(",") if part.strip())
    if unknown := sorted(wanted - TYPES.keys()):
        raise ArgumentTypeError(f"unknown type {unknown[0]}; known: {', '.join(sorted(TYPES))}")
    return wanted


def main(args: Namespace) -> int:
    """Scan the file that `args` names.

    Raises:
        InputError: the file cannot be read or is not text.
        RuleError: a shipped rule file is broken.
    """
    engine = _engine(args.types, args.profile)
    try:
        if args.file == "-":
            return _run(sys.stdin.buffer, engine, args)
        with open(args.file, "rb") as stream:  # noqa: PTH123 - pathlib would only be imported for it
            return _run(stream, engine, args)
    except OSError as error:
        raise InputError(f"the file cannot be read: {error.strerror or type(error).__name__}") from None


def _engine(types: frozenset[str] | None, profile: str) -> "Engine":
    from .. import assemble, entities

    everything = profile == "all"
    known = frozenset(entities.TYPES) if everything else entities.DEFAULT_TYPES
    return assemble.engine(types or known, all_rules=everything)


def _run(stream: BinaryIO, engine: "Engine", args: Namespace) -> int:
    if args.spans:
        return _spans(stream, engine)
    text = _decoded(stream.read())
    from ..detect.scan import scan

    findings = scan(text, engine)
    lines = _as_json(text, findings) if args.json else _as_text(text, findings)
    for line in lines:
        print(line)
    return 1 if findings else 0


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fix = "Convert it to UTF-8; binary files are not scanned."
        raise InputError(f"not UTF-8 text (byte {error.start})", fix=fix) from None


def _spans(stream: BinaryIO, engine: "Engine") -> int:
    """Answer each line by itself; a line that cannot be read is named on stderr and has no answer."""
    import json

    from ..detect.scan import scan

    bad = 0
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        record = _record(line)
        if record is None:
            bad += 1
            print(f'pii-shield: error[PS120]: line {number} is not JSON with "id" and "text"', file=sys.stderr)
            continue
        spans = [
            {"start": f.start, "end": f.end, "type": SPAN_TYPES.get(f.type, f.type)} for f in scan(record[1], engine)
        ]
        print(json.dumps({"id": record[0], "spans": spans}))
    return InputError.exit_code if bad else 0


def _record(line: bytes) -> tuple[object, str] | None:
    import json

    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or "id" not in data or not isinstance(data.get("text"), str):
        return None
    return data["id"], data["text"]


def _as_json(text: str, findings: Iterable["Finding"]) -> Iterator[str]:
    import json

    rows = [
        {
            "type": f.type,
            "line": line,
            "column": column,
            "start": f.start,
            "end": f.end,
            "score": f.score,
            "rule": f.rule,
        }
        for f, line, column in _placed(text, findings)
    ]
    yield json.dumps(rows, indent=2)


def _as_text(text: str, findings: Iterable["Finding"]) -> Iterator[str]:
    count = 0
    for finding, line, column in _placed(text, findings):
        count += 1
        shape = mask(text[finding.start : finding.end])
        yield f"{line}:{column}\t{finding.type}\t{finding.score:.2f}\t{finding.rule}\t{shape}"
    yield f"{count} found" if count else "nothing found"


def _placed(text: str, findings: Iterable["Finding"]) -> Iterator[tuple["Finding", int, int]]:
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
