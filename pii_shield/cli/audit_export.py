"""`pii-shield audit export`: on record before the first row leaves, and signed when the last one has."""

import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Final

from .. import assemble, recording
from ..audit import event, export, note, read
from ..audit.export import Exported
from ..audit.faults import fault
from ..audit.filters import Filter
from ..audit.read import DatabaseSource, FileSource
from ..settings import Config

_BAR: Final = 30
Source = DatabaseSource | FileSource


def run(config: Config, path: Path, which: Filter, args: Namespace, out: IO[str], err: IO[str], *, is_own: bool) -> int:
    """Write rows, with a manifest if they go to a file.

    Args:
        path: of the log.
        is_own: whether it is this vault's, whose key signs.

    Raises:
        ShieldError: the log cannot be read, the export not be put on record, or the file not be written.
    """
    if is_own:
        _put_on_record(config, path, args.format, which)
    with closing(read.source(path)) as log:
        if args.output:
            with written(Path(args.output)) as file:
                done = export.export(log, args.format, which, file, progress(log, "exported", err))
        else:
            binary: BinaryIO = out.buffer  # type: ignore[attr-defined]
            done = export.export(log, args.format, which, binary)
            binary.flush()
        name = log.key().partition("+")[0]
    print(f"{done.rows} rows, SHA-256 {done.digest}", file=err)
    if not is_own:
        print("no manifest: this log's signing key is elsewhere", file=err)
    elif args.output:
        with written(Path(f"{args.output}.manifest")) as file:
            file.write(_manifest(config, Path(args.output).name, name, args.format, which, done).encode())
    return 0


def _put_on_record(config: Config, path: Path, form: str, which: Filter) -> None:
    """A row of its own, and a checkpoint after it: what leaves now is what that checkpoint stands for."""
    with closing(read.source(path)) as log:
        count = log.size() if which == Filter() else sum(1 for _ in read.rows(log, which))
    with closing(assemble.vault(config)) as vault, closing(recording.log(config, vault)) as log_:
        log_.commit("export", format=form, rows=count)


def _manifest(config: Config, file: str, log: str, form: str, which: Filter, done: Exported) -> str:
    """Signed without a row: the log has gone on record already."""
    text = export.manifest(file, log, form, which, done, event.stamp(time.time()))
    with closing(assemble.vault(config)) as vault:
        return note.Signer(log, vault.secret(recording.SECRET)).sign(text)


@contextmanager
def written(path: Path) -> Iterator[BinaryIO]:
    """A file to write to."""
    try:
        with path.open("wb") as file:
            yield file
    except OSError as error:
        raise fault("PS710", path=path, why=error.strerror or "it cannot be written") from None


def progress(log: Source, what: str, err: IO[str]) -> Callable[[int], None]:
    """Shows people how far it is: told the number of the last row, or of rows so far."""
    total = log.size()
    if not err.isatty() or not total:
        return lambda _: None
    return lambda done: print(f"\r{what} {_bar(done, total)}", end="\r", file=err, flush=True)


def _bar(done: int, total: int) -> str:
    full = min(_BAR, done * _BAR // total)
    return f"{'█' * full}{'·' * (_BAR - full)} {min(100, done * 100 // total):>3} %"
