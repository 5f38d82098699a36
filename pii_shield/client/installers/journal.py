"""What was done to which file, with backups, so that it can be undone to the byte.

The backups hold whatever the clients' files hold, passwords too: they are 0600 and go when the change is undone.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ...errors import ConfigError
from ...store.lock import FileLock
from . import files
from .plan import Added, Plan


class Step(NamedTuple):
    """One change of one file.

    Attributes:
        time: ISO 8601, UTC.
        client: name in the table.
        path: the file, symbolic links followed.
        before, after: SHA-256 of its content; a backup of the former is kept.
        mode: its permission bits.
        added: keys that entries did not have before, by address.
    """

    time: str
    client: str
    path: str
    before: str
    after: str
    mode: int
    added: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]


class Journal:
    """All steps that are not undone yet.

    Args:
        folder: private; made when the first step is recorded.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "journal.json"

    def record(self, plan: Plan, time: str) -> None:
        """Note a change before it is made. One that is then not made does no harm: its digest never fits."""
        path = plan.place.path.resolve()
        step = Step(
            time,
            plan.place.client.name,
            str(path),
            _digest(plan.before),
            _digest(plan.after),
            path.stat().st_mode & 0o7777,
            tuple(plan.added.items()),
        )
        files.write_private(self._backup(step.before), plan.before)
        with self._lock():
            self._write([*self.steps(), step])

    def steps(self, path: Path | None = None) -> list[Step]:
        """Steps, oldest first: all, or those of one file.

        Raises:
            ConfigError: the journal is damaged.
        """
        try:
            said = json.loads(files.read(self._file)) if self._file.exists() else []
            steps = [_step(item) for item in said]
        except (ValueError, TypeError, KeyError):
            raise ConfigError(
                f"{self._file} is damaged",
                code="PS328",
                fix="move it away; uninstalling works without it, from what the clients' files say",
            ) from None
        return [step for step in steps if path is None or step.path == str(path.resolve())]

    def added(self, path: Path) -> Added:
        """Keys that installing has put into entries of a file."""
        return {address: names for step in self.steps(path) for address, names in step.added}

    def original(self, path: Path, content: bytes) -> bytes:
        """The content before all steps that led to it without anybody else's change in between."""
        for step in reversed(self.steps(path)):
            backup = self._backup(step.before)
            if step.after != _digest(content) or not backup.exists():
                continue
            held = files.read(backup)
            content = held if _digest(held) == step.before else content
        return content

    def forget(self, path: Path) -> None:
        """A file's changes are undone: drop its steps, and the backups that nothing needs any more."""
        with self._lock():
            kept = [step for step in self.steps() if step.path != str(path.resolve())]
            self._write(kept)
            needed = {self._backup(step.before) for step in kept}
            for backup in self._folder.glob("*.backup"):
                if backup not in needed:
                    backup.unlink(missing_ok=True)

    def _lock(self) -> FileLock:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return FileLock(self._folder / "journal.lock")

    def _write(self, steps: Sequence[Step]) -> None:
        files.write_private(self._file, json.dumps([step._asdict() for step in steps], indent=1).encode())

    def backup(self, step: Step) -> Path:
        """What a file held before a step."""
        return self._backup(step.before)

    def _backup(self, digest: str) -> Path:
        return self._folder / f"{digest}.backup"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _step(item: dict[str, Any]) -> Step:
    added = tuple((tuple(address), tuple(names)) for address, names in item["added"])
    return Step(**{**item, "added": added})
