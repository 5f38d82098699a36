"""`pii-shield audit ship`: bring rows to the configured receivers, or say how far behind they are."""

import json
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from ..audit.faults import fault
from ..audit.ship import once
from ..audit.ship.lag import lags
from ..audit.ship.target import Target
from ..settings import Config

PATIENCE: Final = 30.0


def options(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--to", action="append", default=[], metavar="NAME", help="receiver (default: all of them)")
    parser.add_argument("--status", action="store_true", help="send nothing; say how far behind each receiver is")
    parser.add_argument(
        "--from", dest="again_from", type=_row, default=0, metavar="SEQ", help="send again from this row on"
    )
    parser.add_argument(
        "--patience",
        type=_seconds,
        default=PATIENCE,
        metavar="SECONDS",
        help=f"how long to go on trying a receiver that does not take rows (default: {PATIENCE:g})",
    )
    parser.add_argument("--json", action="store_true", help="with --status: print data in place of text")


def ship(config: Config, path: Path, args: Namespace, out: IO[str], err: IO[str]) -> int:
    """Ship, or show.

    Raises:
        AuditError: there is no log, or no such receiver.
    """
    targets = _chosen(config, args.to)
    if args.status:
        return _show(path, targets, args.json, out)
    complete = True
    for target in targets:
        problem = once.ship(
            path, target, args.patience, again_from=args.again_from, progress=_progress(target.name, err)
        )
        (lag,) = lags(path, [target], time.time)
        print(f"{lag}; {problem}" if problem and problem != lag.problem else str(lag), file=out, flush=True)
        complete = complete and (not problem or (problem == once.BUSY and not args.again_from))
    return 0 if complete else 1


def _chosen(config: Config, names: list[str]) -> list[Target]:
    known = {target.name: target for target in config.ship}
    missing = [name for name in names if name not in known]
    if missing or not known:
        raise fault("PS712", what=f"receiver {missing[0]}" if missing else "receiver", known=", ".join(known) or "none")
    return [known[name] for name in dict.fromkeys(names)] if names else list(known.values())


def _show(path: Path, targets: list[Target], as_json: bool, out: IO[str]) -> int:
    found = lags(path, targets, time.time)
    if as_json:
        print(json.dumps([{**lag._asdict(), "rows": lag.rows} for lag in found], indent=2), file=out)
    else:
        print(*found, sep="\n", file=out)
    return 1 if any(lag.rows and lag.problem for lag in found) else 0


def _progress(name: str, err: IO[str]) -> Callable[[int], None]:
    if not err.isatty():
        return lambda _: None
    return lambda seq: print(f"\r{name}: row {seq}", end="\r", file=err, flush=True)


def _row(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 86_400:
        raise ValueError
    return number
