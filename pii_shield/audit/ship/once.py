"""Shipping all there is, now, for `pii-shield audit ship`: a few tries, then back to whoever asked."""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from ..read import DatabaseSource
from .lane import Pace, claimed, patience
from .shipper import Shipper
from .target import Target
from .undelivered import Undelivered

BUSY = "another process is shipping to it"


def ship(
    path: Path,
    target: Target,
    seconds: float,
    *,
    again_from: int = 0,
    clock: Callable[[], float] = time.time,
    progress: Callable[[int], None] = lambda _: None,
) -> str:
    """Ship to one receiver until it has all rows.

    Args:
        seconds: how long to go on trying where it fails.
        again_from: number of the row to begin with, though the receiver may have it; 0 for the first that it has not.
        progress: is told the number of the last row that arrived.

    Returns:
        "", or why it has not got them all.

    Raises:
        ShieldError: the log cannot be read, or the cursor not be moved.
    """
    if target.problem:
        return target.problem
    DatabaseSource(path).close()  # without a log there is nothing to lock
    with claimed(path, target) as ours:
        if not ours:
            return BUSY
        with closing(Shipper(path, target, clock)) as shipper:
            if again_from:
                shipper.rewind(again_from)
            return _ship(shipper, time.monotonic() + seconds, progress)


def _ship(shipper: Shipper, deadline: float, progress: Callable[[int], None]) -> str:
    failures = 0
    while True:
        try:
            if not shipper.step():
                return ""
            failures = 0
            progress(shipper.at.seq)
        except Undelivered as error:
            failures += 1
            wait = patience(failures, Pace(), error.wait)
            if time.monotonic() + wait >= deadline:
                return error.words
            time.sleep(wait)
