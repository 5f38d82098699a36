"""A baseline: what was there before, so that only what came since counts. Numbers by file, type and rule; no values.

No digests of values either: those of short ones could be tried out by anybody who reads the file. So where the number
has grown, nobody can say which one is new, and all of that file, type and rule are shown.
"""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from .scan_files import InputError
from .scan_formats import Row

VERSION = 1
_Key = tuple[str, str, str]


def write(path: Path, rows: Sequence[Row]) -> None:
    """Keep what is there now.

    Raises:
        InputError: the file cannot be written.
    """
    counts = sorted(Counter(map(_key, rows)).items())
    found = [{"file": file, "type": type_, "rule": rule, "count": n} for (file, type_, rule), n in counts]
    try:
        path.write_text(json.dumps({"version": VERSION, "findings": found}, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"the baseline cannot be written: {error.strerror or type(error).__name__}") from None


def read(path: Path) -> Counter[_Key]:
    """What was there before.

    Raises:
        InputError: the file cannot be read, or is no baseline.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["version"] != VERSION:
            raise ValueError
        return Counter(
            {(str(row["file"]), str(row["type"]), str(row["rule"])): int(row["count"]) for row in data["findings"]}
        )
    except OSError as error:
        raise InputError(f"the baseline cannot be read: {error.strerror or type(error).__name__}") from None
    except (ValueError, KeyError, TypeError):
        raise InputError("the baseline is none of this program", fix="write it anew with --write-baseline") from None


def since(rows: Sequence[Row], before: Counter[_Key]) -> list[Row]:
    """The rows of every file, type and rule of which there are more now."""
    now = Counter(map(_key, rows))
    return [row for row in rows if now[_key(row)] > before[_key(row)]]


def _key(row: Row) -> _Key:
    return Path(row.file).as_posix() if row.file else "", row.type, row.rule
