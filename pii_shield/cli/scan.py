"""`pii-shield scan`: what is in files. Shows where and what kind, never a value."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from . import page
from .scan_files import InputError, Progress, Source, read, sources

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from ..detect.engine import Engine
    from ..detect.nearly import Miss
    from ..rules import RuleSet
    from ..types import Finding
    from .scan_formats import Row

# The vocabulary of labelled data has fewer words than ours; types not named here keep their name.
SPAN_TYPES = {"POSTAL_CODE": "ADDRESS", "TAX_ID": "NATIONAL_ID", "HEALTH_ID": "NATIONAL_ID"}
EVERYTHING = "everything"
_MAX_CODE = 255

DESCRIPTION = """\
Finds personal data and secrets in text, JSON and CSV files, in folders and in what comes in on standard input. Shows
where they are, which type, which rule, which score, and the shape; never a value.

A folder is read with all below it, but for version control, caches and installed packages; what is no text there is
counted and left out. A pattern in quotes is resolved here: 'logs/**/*.json'.
"""


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    from .. import profiles

    parser = subparsers.add_parser(
        "scan",
        help="show the personal data in files",
        description=DESCRIPTION,
        epilog=page.epilog(
            more="--baseline tells what came since, by numbers per file, type and rule: the file holds nothing"
            " that values could be guessed from, so where a number has grown all of them are shown.",
            examples={
                "pii-shield scan export.csv": "what would be found, masked",
                "pii-shield scan --profile secrets-only --format sarif src > findings.sarif": "for code review",
                "pii-shield scan --write-baseline known.json data": "what is there now ...",
                "pii-shield scan --baseline known.json data": "... and what is new since",
                "pii-shield scan --explain - < mail.txt": "with the reasons",
            },
            exits={
                0: "nothing found; with --spans and --write-baseline always",
                1: "something found (another code with --exit-code)",
                2: "wrong usage, or the input cannot be read",
                3: "a rule file or the configuration is wrong",
            },
            files=("config", "cache"),
            environment=("PII_SHIELD_CONFIG", "NO_COLOR"),
        ),
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="files, folders, patterns; - for standard input")
    parser.add_argument("--format", choices=("text", "json", "csv", "sarif"), default="text", help="default: text")
    parser.add_argument("--json", action="store_const", const="json", dest="format", help="the same as --format json")
    parser.add_argument(
        "--profile",
        choices=(*profiles.NAMES, "all"),
        help="what to look for, as `run` does with this profile (default: every type, but only names that are sure)",
    )
    parser.add_argument("--config", metavar="FILE", help="configuration file: your rules and Presidio are used too")
    parser.add_argument("--types", type=_types, metavar="T,T", help="only these entity types, such as EMAIL,PHONE")
    parser.add_argument("--explain", action="store_true", help="say of each rule what it is, and show near misses")
    parser.add_argument("--baseline", metavar="FILE", help="show only what is not in this baseline")
    parser.add_argument("--write-baseline", metavar="FILE", help="write what is there now as a baseline")
    parser.add_argument(
        "--exit-code", type=_code, default=1, metavar="N", help="what to end with if something is found (default: 1)"
    )
    parser.add_argument("--no-progress", action="store_true", help="no bar on the terminal for big inputs")
    parser.add_argument(
        "--spans",
        action="store_true",
        help='read JSON lines {"id","text"}, write {"id","spans":[{"start","end","type"}]}',
    )
    parser.set_defaults(func=main)


def _types(text: str) -> frozenset[str]:
    from ..entities import TYPES

    wanted = frozenset(part.strip().upper() for part in text.split(",") if part.strip())
    if unknown := sorted(wanted - TYPES.keys()):
        raise ArgumentTypeError(f"unknown type {unknown[0]}; known: {', '.join(sorted(TYPES))}")
    return wanted


def _code(text: str) -> int:
    if not text.isdigit() or int(text) > _MAX_CODE:
        raise ArgumentTypeError(f"a number from 0 to {_MAX_CODE}")
    return int(text)


def main(args: Namespace) -> int:
    """Scan what `args` name.

    Raises:
        InputError: something cannot be read or is not text.
        ConfigError: the configuration or a rule file is wrong.
    """
    import os

    from .. import config, engines, needs, profiles

    settings = config.load(os.environ, file=args.config)
    profile = profiles.table()[args.profile if args.profile not in (None, "all") else EVERYTHING]
    found = sources(args.files)
    needs.need(settings)
    greedy = profile.greedy and args.profile is not None
    engine = engines.Engines(settings, all_rules=profile.greedy, greedy=greedy)(args.types or profile.types)
    known = engines.rule_set(settings)
    if args.spans:
        return _spans_of(found, engine)
    from .scan_formats import FORMATS, Report

    rows = list(_rows(args, found, engine, known if args.explain else None, profile.greedy))
    if args.write_baseline:
        return _write_baseline(args, rows)
    if args.baseline:
        from . import baseline

        rows = baseline.since(rows, baseline.read(Path(args.baseline)))
    report = Report(rows, len(found) > 1 or _are_folders(args.files), args.explain, known)
    for line in FORMATS[args.format](report):
        print(line)
    return args.exit_code if any(not row.missed for row in rows) else 0


def _are_folders(words: Sequence[str]) -> bool:
    return any(Path(word).is_dir() for word in words)


def _write_baseline(args: Namespace, rows: "Sequence[Row]") -> int:
    from . import baseline

    found = [row for row in rows if not row.missed]
    baseline.write(Path(args.write_baseline), found)
    print(f"{args.write_baseline}: {len(found)} findings are known from now on")
    return 0


def _rows(
    args: Namespace, found: Sequence[Source], engine: "Engine", explained: "RuleSet | None", greedy: bool
) -> "Iterator[Row]":
    progress = Progress(0 if args.no_progress else sum(source.size for source in found), sys.stderr)
    skipped = 0
    try:
        for source in found:
            progress.begin()
            text = read(source)
            if text is None:
                skipped += 1
            else:
                yield from _rows_of(source.name, text, engine, explained, greedy)
            progress.step(source.size)
    finally:
        progress.end()
    if skipped:
        print(f"pii-shield: {skipped} files are not text or cannot be read, and were left out", file=sys.stderr)


def _rows_of(name: str, text: str, engine: "Engine", explained: "RuleSet | None", greedy: bool) -> "Iterator[Row]":
    """Findings and, if they are to be explained, near misses of the rules."""
    from ..detect.nearly import misses
    from ..detect.scan import scan
    from .scan_formats import Row, mask, placed

    found = scan(text, engine)
    near = misses(text, explained, engine.types, greedy, found) if explained else []
    everything: list[Finding | Miss] = sorted([*found, *near], key=lambda one: (one.start, one.end))
    for one, line, column in placed(text, everything):
        value = text[one.start : one.end]
        lines = value.count("\n")
        end_column = len(value) - value.rfind("\n") if lines else column + len(value)
        reason = "" if hasattr(one, "decoded") else one.reason
        yield Row(
            name,
            line,
            column,
            one.start,
            one.end,
            one.type,
            one.score,
            one.rule,
            mask(value),
            reason,
            line + lines,
            end_column,
        )


def _spans_of(found: Sequence[Source], engine: "Engine") -> int:
    if len(found) != 1:
        raise InputError("--spans reads one file", fix="name one, or pipe it in")
    if not found[0].name:
        return _spans(sys.stdin.buffer, engine)
    try:
        with Path(found[0].name).open("rb") as stream:
            return _spans(stream, engine)
    except OSError as error:
        raise InputError(f"the file cannot be read: {error.strerror or type(error).__name__}") from None


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
