"""What `pii-shield scan` reads: files, folders, patterns, standard input; and how far it is."""

import glob
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TextIO

from ..errors import ShieldError

STDIN = "-"
SKIPPED_FOLDERS = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        ".venv",
        "venv",
        "node_modules",
        "__pycache__",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
    }
)
BIG = 1 << 20
"""Bytes from which on a terminal is shown how far we are."""
_BAR = 30


class InputError(ShieldError):
    """The input cannot be read."""

    code = "PS120"
    exit_code = 2


class Source(NamedTuple):
    """One text to scan.

    Attributes:
        name: path as shown; "" for standard input.
        size: bytes, 0 if unknown.
        named: whether it was given by its own name, so that it must be readable.
    """

    name: str
    size: int
    named: bool


def sources(words: Sequence[str]) -> list[Source]:
    """The files that names, folders and patterns on the command line mean, each once, in their order.

    Raises:
        InputError: a name or pattern means nothing.
    """
    found: dict[str, Source] = {}
    for word in words or [STDIN]:
        for source in _sources(word):
            found.setdefault(source.name, source)
    return list(found.values())


def _sources(word: str) -> Iterator[Source]:
    path = Path(word)
    if word == STDIN:
        yield Source("", 0, True)
    elif path.is_dir():
        yield from _folder(path)
    elif path.exists() or not glob.has_magic(word):
        yield Source(word, _size(path), True)
    else:
        names = sorted(glob.glob(word, recursive=True))  # noqa: PTH207 - the pattern may be absolute
        if not names:
            raise InputError("a pattern on the command line matches no file")
        for name in names:
            yield from _folder(Path(name)) if Path(name).is_dir() else [Source(name, _size(Path(name)), False)]


def _folder(path: Path) -> Iterator[Source]:
    for here, folders, files in os.walk(path):
        folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
        for name in sorted(files):
            file = Path(here) / name
            if file.is_file():
                yield Source(str(file), _size(file), False)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def read(source: Source) -> str | None:
    """The text; None for a file that is none and that nobody named.

    Raises:
        InputError: a file that was named cannot be read, or is not UTF-8.
    """
    try:
        raw = Path(source.name).read_bytes() if source.name else sys.stdin.buffer.read()
        return decoded(raw, source.name or "standard input")
    except OSError as error:
        if not source.named:
            return None
        why = error.strerror or type(error).__name__
        raise InputError(f"the file cannot be read: {why}") from None
    except InputError:
        if source.named:
            raise
        return None


def decoded(raw: bytes, name: str) -> str:
    """Bytes as UTF-8 text.

    Raises:
        InputError: they are none.
    """
    try:
        if b"\0" in raw[:8192]:
            raise InputError(f"{name} is not text", fix="Binary files are not scanned.")
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fix = "Convert it to UTF-8; binary files are not scanned."
        raise InputError(f"{name} is not UTF-8 text (byte {error.start})", fix=fix) from None


class Progress:
    """A bar on a terminal for big inputs; nothing anywhere else.

    Args:
        total: bytes to come.
        stream: where to; usually stderr.
    """

    def __init__(self, total: int, stream: TextIO) -> None:
        self._total = total
        self._done = 0
        self._stream = stream if total >= BIG and stream.isatty() else None
        self._shown = ""

    def begin(self) -> None:
        """Something is being worked on."""
        self._show()

    def step(self, size: int) -> None:
        """So many bytes are done."""
        self._done += size
        self._show()

    def end(self) -> None:
        """Take the bar away."""
        if self._stream and self._shown:
            self._stream.write("\r" + " " * len(self._shown) + "\r")
            self._stream.flush()

    def _show(self) -> None:
        if self._stream is None:
            return
        part = min(1.0, self._done / self._total)
        filled = round(part * _BAR)
        bar = f"scanning [{'#' * filled}{'.' * (_BAR - filled)}] {part:4.0%} of {self._total / BIG:.1f} MB"
        if bar != self._shown:
            self._shown = bar
            self._stream.write("\r" + bar)
            self._stream.flush()
