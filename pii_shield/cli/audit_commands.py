"""What the commands of `pii-shield audit` do."""

import json
import re
import select
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import IO, Any, Final

from .. import assemble, config, recording
from ..audit import event, export, live, read, receipt, retention, summary
from ..audit.examine import examine
from ..audit.faults import fault
from ..audit.filters import Filter
from ..audit.growing import Growing
from ..audit.log import Log
from ..audit.read import DatabaseSource, FileSource
from ..audit.ship.lag import lags
from . import audit_export, audit_ship
from .audit_export import progress, written

_AGE: Final = re.compile(r"([0-9]{1,6})([dhm])\Z")
_UNITS: Final = {"d": 86_400, "h": 3600, "m": 60}
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?Z?\Z")
_ZERO: Final = "0000-01-01T00:00:00.000000Z"
_TOKEN: Final = re.compile(r"\[?(?:[A-Z]+_)?([0-9A-Z]+)(?:~[0-9]+)?\]?\Z")
_FOLLOW_SECONDS: Final = 0.5
LAST: Final = 20
"""Rows that `tail` begins with."""


class Commands:
    """One call of the command."""

    def __init__(self, args: Namespace, environ: Mapping[str, str], out: IO[str], err: IO[str]) -> None:
        self._args, self._out, self._err = args, out, err
        self._config = config.load(environ, file=args.config, vault=args.vault)
        self._elsewhere = getattr(args, "log", None)
        self._path = Path(self._elsewhere) if self._elsewhere else recording.log_file(self._config)

    def summary(self) -> int:
        """The last week on one screen."""
        with self._source() as log:
            said = summary.summarise(row for _, row in read.rows(log, self._filter()))
            last = _last_checkpoint(log)
        if self._args.json:
            self._say(json.dumps(summary.data(said), indent=2))
        else:
            self._say(*summary.describe(said, last), *self._shipping())
        return 0

    def _shipping(self) -> list[str]:
        receivers = [] if self._elsewhere else lags(self._path, self._config.ship, time.time)
        return ["", "shipping", *(f"  {lag}" for lag in receivers)] if receivers else []

    def tail(self) -> int:
        """The last rows."""
        args = self._args
        with closing(Growing(self._path, self._filter())) as log:
            if not log.is_there and not args.follow:
                raise fault("PS702", path=self._path, why="there is no such file")
            if not log.is_there:
                print(f"nothing is on record yet; waiting for {self._path}", file=self._err)
            self._live(log.last(args.n if args.n is not None else sys.maxsize if args.since else LAST))
            while args.follow and not _is_hung_up(self._out):
                time.sleep(_FOLLOW_SECONDS)
                self._live(log.more())
        return 0

    def _live(self, rows: Iterable[dict[str, Any]]) -> None:
        today = date.today()
        for row in rows:
            self._say(json.dumps(row, ensure_ascii=False) if self._args.json else live.line(row, today))

    def query(self) -> int:
        """Rows that match."""
        with self._source() as log:
            return 0 if self._show(row for _, row in read.rows(log, self._filter())) else 1

    def verify(self) -> int:
        """Is the log what was written?"""
        args = self._args
        keys = [key_text(text) for text in args.key]
        if args.receipt:
            return self._verify_receipt(Path(args.receipt), keys)
        outside = [text_of(Path(name)) for name in args.checkpoints]
        with self._source() as log:
            verdict = examine(log, keys, outside, self._progress(log, "verified"))
        if args.json:
            said = {**verdict._asdict(), "problems": [p._asdict() for p in verdict.problems]}
            self._say(json.dumps({"sound": verdict.is_sound, **said}, indent=2))
            return 0 if verdict.is_sound else 1
        result = "nothing is wrong" if verdict.is_sound else f"NOT AS WRITTEN: {verdict.trouble} problems"
        self._say(f"{verdict.rows} rows, {verdict.first} to {verdict.last}: {result}", f"head {verdict.head}")
        self._say(*(f"problem     {problem.kind}: {problem.text}" for problem in verdict.problems))
        self._say(*(f"proven      {text}" for text in verdict.proven))
        self._say(*(f"not proven  {text}" for text in verdict.unproven))
        return 0 if verdict.is_sound else 1

    def _verify_receipt(self, path: Path, keys: list[str]) -> int:
        proven = receipt.verify(text_of(path), keys[0] if keys else "", str(path))
        if self._args.json:
            self._say(json.dumps({"seq": proven.seq, "row": proven.row, "checkpoint": proven.checkpoint.at}, indent=2))
            return 0
        self._say(
            summary.line({"seq": proven.seq, **proven.row}),
            f"proven      this is row {proven.seq} of {proven.checkpoint.origin}",
            f"proven      it was there when the checkpoint of {proven.checkpoint.at} was signed",
        )
        if not keys:
            self._say("not proven  that the key is the log's own: no public key was given")
        return 0

    def export(self) -> int:
        """Rows for other programs."""
        own = not self._elsewhere
        return audit_export.run(self._config, self._path, self._filter(), self._args, self._out, self._err, is_own=own)

    def receipt(self) -> int:
        """One release as a signed file."""
        with self._source() as log:
            if isinstance(log, FileSource):
                raise fault("PS702", path=self._path, why="a receipt needs a vault's file, with its checkpoints")
            text = receipt.make(log, self._args.seq)
        if self._args.output:
            with written(Path(self._args.output)) as file:
                file.write(text.encode())
        else:
            self._say(text.rstrip("\n"))
        return 0

    def ship(self) -> int:
        """Rows to the configured receivers."""
        return audit_ship.ship(self._config, self._path, self._args, self._out, self._err)

    def prune(self) -> int:
        """Delete rows that need not be kept any longer."""
        args = self._args
        days = retention.days_for(args.preset)
        before = retention.horizon(days, time.time)
        for name in sorted(set(args.preset)):
            self._say(f"{name:<8} {retention.PRESETS[name].days:>5} days  {retention.PRESETS[name].why}")
        with self._source() as log:
            old = Filter(until=before)
            if args.archive:
                with written(Path(args.archive)) as file:
                    done = export.export(log, "jsonl", old, file)
                self._say(f"archived {done.rows} rows, SHA-256 {done.digest}")
            elif not args.yes:
                count = sum(1 for _ in read.rows(log, old))
                self._say(f"{count} rows are older than {before[:10]}; --yes deletes those up to a checkpoint")
        if args.yes:
            with self._writer() as writer:
                receivers = [target.name for target in self._config.ship]
                gone = retention.prune(writer, before, "+".join(sorted(set(args.preset))), time.time, receivers)
            self._say(f"deleted {gone.rows} rows, up to row {gone.size}" if gone.rows else "nothing to delete")
            if gone.waiting:
                self._say(f"more rows are old enough, and wait until {gone.waiting} has them: pii-shield audit ship")
        return 0

    def key(self) -> int:
        """The public key of the checkpoints."""
        with self._source() as log:
            self._say(log.key())
        return 0

    @contextmanager
    def _source(self) -> Iterator[DatabaseSource | FileSource]:
        with closing(read.source(self._path)) as log:
            yield log

    @contextmanager
    def _writer(self) -> Iterator[Log]:
        with closing(assemble.vault(self._config)) as vault, closing(recording.log(self._config, vault)) as log:
            yield log

    def _filter(self) -> Filter:
        args = self._args
        match = _TOKEN.match(getattr(args, "token", None) or "")
        return Filter(
            _time(args.since) if args.since else "",
            _time(args.until) if args.until else "",
            frozenset(getattr(args, "server", ())),
            frozenset(getattr(args, "type", ())),
            getattr(args, "direction", None) or "",
            getattr(args, "tool", None) or "",
            match[1] if match else "",
        )

    def _show(self, rows: Iterable[dict[str, Any]]) -> bool:
        """Print rows; whether there is one."""
        found = False
        for row in rows:
            found = True
            self._say(json.dumps(row, ensure_ascii=False) if self._args.json else summary.line(row))
        return found

    def _progress(self, log: DatabaseSource | FileSource, what: str) -> Callable[[int], None]:
        return progress(log, what, self._err)

    def _say(self, *lines: str) -> None:
        for line in lines:
            print(line, file=self._out, flush=True)


def _is_hung_up(out: IO[str]) -> bool:
    """Whether nobody reads any more: a quiet log would never find out by writing."""
    try:
        poll = select.poll()  # not on Windows
        poll.register(out.fileno(), 0)
    except (AttributeError, OSError):
        return False
    return any(event & (select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))


def _time(text: str) -> str:
    """A time as the log writes it.

    Raises:
        AuditError: PS709.
    """
    age = _AGE.match(text)
    if age:
        return event.stamp(time.time() - int(age[1]) * _UNITS[age[2]])
    whole = text.rstrip("Z")
    padded = whole + _ZERO[len(whole) : -1] + "Z"
    try:
        if _DATE.match(text):
            return event.stamp(event.seconds_of(padded))
    except ValueError:
        pass
    raise fault("PS709", what=text)


def key_text(text: str) -> str:
    """A public key that is given itself, or in a file."""
    path = Path(text)
    return text_of(path).strip() if path.is_file() else text


def text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError as error:
        raise fault("PS702", path=path, why=error.strerror or "it cannot be read") from None


def _last_checkpoint(log: DatabaseSource | FileSource) -> str:
    notes = log.notes()
    return notes[-1].splitlines()[3].partition(" ")[2] if notes else ""
