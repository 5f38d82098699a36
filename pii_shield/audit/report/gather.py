"""One pass over a log that both verifies and counts it, so that what was counted is what was verified."""

from collections.abc import Callable, Iterator, Sequence

from ..examine import examine
from ..filters import Filter
from ..read import RawRow, Source, Start, fields
from ..verify import Verdict
from .collect import Collector, Figures


def gather(
    log: Source,
    which: Filter,
    keys: Sequence[str],
    outside: Sequence[str],
    progress: Callable[[int], None] = lambda _: None,
) -> tuple[Figures, Verdict]:
    """The figures of the rows that pass, and the verdict on all rows.

    Args:
        keys, outside, progress: see `examine`.

    Raises:
        AuditError: a key is none, or the log cannot be read.
    """
    collector = Collector()
    verdict = examine(_Tapped(log, _counting(collector, which)), keys, outside, progress)
    return collector.figures, verdict


def _counting(collector: Collector, which: Filter) -> Callable[[RawRow], RawRow]:
    """Gives each row back that it has counted, so that it can stand in a stream."""
    everything, add = which == Filter(), collector.add

    def seen(raw: RawRow) -> RawRow:
        row = fields(raw)
        if row is None:
            collector.skip()
        elif everything or _passes(which, row):
            add(row)
        return raw

    return seen


def _passes(which: Filter, row: dict[str, object]) -> bool:
    try:
        return which.passes(row)
    except (KeyError, TypeError, ValueError, AttributeError):
        return True  # the collector says of it that it is unreadable


class _Tapped:
    """A log whose rows are shown to somebody else too, as they go by."""

    def __init__(self, log: Source, seen: Callable[[RawRow], RawRow]) -> None:
        self._log, self._seen = log, seen

    @property
    def start(self) -> Start:
        """See `Source.start`."""
        return self._log.start

    def raw(self, first: int = 0) -> Iterator[RawRow]:
        """See `Source.raw`."""
        return map(self._seen, self._log.raw(first))

    def notes(self) -> list[str]:
        """See `Source.notes`."""
        return self._log.notes()

    def key(self) -> str:
        """See `Source.key`."""
        return self._log.key()

    def size(self) -> int:
        """See `Source.size`."""
        return self._log.size()

    def close(self) -> None:
        """See `Source.close`."""
        self._log.close()
