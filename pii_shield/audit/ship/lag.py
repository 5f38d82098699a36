"""How far behind receivers are, for people and metrics. Reads only: no key, no lock, nothing sent."""

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from .. import event
from ..read import DatabaseSource, RawRow, parsed
from . import cursor
from .target import Target


class Lag(NamedTuple):
    """One receiver.

    Attributes:
        name, where: as configured; of a URL the host only.
        sent, last: numbers of the last row that it has, and of the last one there is.
        seconds: age of the oldest row that it has not; 0 if it has all.
        problem: why it has not, in words; "" if nothing is wrong.
        since: time at which that began, or "".
    """

    name: str
    where: str
    sent: int
    last: int
    seconds: float
    problem: str
    since: str

    @property
    def rows(self) -> int:
        """How many it has not."""
        return max(0, self.last - self.sent)

    def __str__(self) -> str:
        if not self.rows:
            return f"{self.name} ({self.where}) has all {self.last} rows"
        why = f": {self.problem}, since {self.since[:16].replace('T', ' ')} UTC" if self.problem else ""
        return f"{self.name} ({self.where}) is {self.rows} rows and {_age(self.seconds)} behind{why}"


def _age(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length:.0f} {unit}"
    return f"{seconds:.0f} s"


def lags(path: Path, targets: Sequence[Target], clock: Callable[[], float]) -> list[Lag]:
    """Of all receivers of the log in a vault's file.

    Raises:
        AuditError: PS702 there is no log.
    """
    if not targets:
        return []
    with closing(DatabaseSource(path)) as log:
        return [_lag(log, target, clock) for target in targets]


def _lag(log: DatabaseSource, target: Target, clock: Callable[[], float]) -> Lag:
    sent = cursor.load(log.mark, target.name).seq
    problem = cursor.problem(log.mark, target.name)
    last = log.start.size + log.size()
    with closing(log.raw(sent + 1)) as rows:
        seconds = _seconds(next(rows, None), clock)
    return Lag(target.name, str(target.address), sent, last, seconds, target.problem or problem.words, problem.since)


def _seconds(oldest: RawRow | None, clock: Callable[[], float]) -> float:
    """The age of a row; 0 if it does not tell, since somebody edited it."""
    try:
        return max(0.0, clock() - event.seconds_of(str(parsed(oldest).get("at")))) if oldest else 0.0
    except ValueError:
        return 0.0
