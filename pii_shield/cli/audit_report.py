"""`pii-shield audit report` and `audit ropa`: the record as a page for people, and as a record of processing."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ..audit.faults import fault
from ..audit.report import page, ropa
from ..audit.report.gather import gather
from ..audit.report.report import Report
from ..errors import ShieldError
from ..store.files import sync_dir, temporary
from .audit_around import around
from .audit_commands import Commands, key_text, text_of

TITLE: Final = "Personal data in AI tools"
ROPA_TITLE: Final = "Record of processing activities"


class UsageError(ShieldError):
    """The command line makes no sense."""

    code = "PS200"
    exit_code = 2


class Reports(Commands):
    """One call of either command."""

    def report(self) -> int:
        """The page; 1 if the record is not what was written, which the page says too."""
        args = self._args
        if not args.output and self._out.isatty():
            raise UsageError("a page is not for a terminal", fix="name a file: -o report.html")
        report = self._gathered(args.title or TITLE, list(map(key_text, args.key)), list(map(_read, args.checkpoints)))
        self._put(page.page(report))
        return 0 if report.verdict.is_sound else 1

    def ropa(self) -> int:
        """The record of processing activities."""
        report = self._gathered(ROPA_TITLE, [], [])
        record = ropa.register(report)
        forms = {
            "text": lambda: "\n".join([*ropa.as_text(record), ""]),
            "csv": lambda: ropa.as_csv(record),
            "json": lambda: ropa.as_json(record) + "\n",
            "html": lambda: page.register_page(report),
        }
        self._put(forms[self._args.format]())
        return 0

    def _gathered(self, title: str, keys: list[str], outside: list[str]) -> Report:
        args = self._args
        said = around(self._config, os.environ, time.time, is_here=not self._elsewhere)
        which = self._filter()
        if args.organisation:
            said = said._replace(organisation=said.organisation._replace(controller=args.organisation))
        said = said._replace(since=which.since, until=which.until, servers=tuple(sorted(which.servers)))
        with self._source() as log:
            figures, verdict = gather(log, which, keys, outside, self._progress(log, "read"))
        return Report(figures, verdict, said, title)

    def _put(self, text: str) -> None:
        if not self._args.output:
            self._out.write(text)
            self._out.flush()
            return
        path = Path(self._args.output)
        with _faults(path):
            _replace(path, text.encode())
        print(f"{path}: {len(text.encode()) // 1024 + 1} KB", file=self._err)


def _read(name: str) -> str:
    return text_of(Path(name))


def _replace(path: Path, content: bytes) -> None:
    """The whole file or nothing, for its owner alone. What is no file (a pipe, a device) is written to as it is."""
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    new = temporary(path, content)
    try:
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    sync_dir(path.parent)


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise fault("PS710", path=path, why=error.strerror or "it cannot be written") from None
