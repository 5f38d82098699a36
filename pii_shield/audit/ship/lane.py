"""Shipping in the background: a thread a receiver, and of all processes one a receiver, whoever holds its lock.

The thread starts after the first row and ends with the process; what it has not shipped then, the next process does.
"""

import contextlib
import os
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ...errors import ShieldError
from ...store.database import beside
from ...store.lock import try_lock
from ..faults import fault
from .cursor import START
from .shipper import Shipper
from .target import Target
from .undelivered import Undelivered


class Pace(NamedTuple):
    """Seconds.

    Attributes:
        look: between two looks for new rows.
        turn: between two looks whether whoever ships has died.
        first, longest: wait after the first failure, and the most that it grows to.
        rest: between two full batches, so that messages have the processor.
        end: that an ending process waits for a batch that is on its way.
    """

    look: float = 1.0
    turn: float = 5.0
    first: float = 1.0
    longest: float = 300.0
    rest: float = 0.02
    end: float = 0.5


def patience(failures: int, pace: Pace, asked: float, chance: Callable[[], float] = random.random) -> float:
    """Seconds to wait after so many failures in a row: doubled each time, half of it by chance, and what was asked."""
    grown = min(pace.longest, pace.first * 2.0 ** min(failures - 1, 30))
    return max(asked, grown * (0.5 + chance() / 2))


@contextlib.contextmanager
def claimed(path: Path, target: Target) -> Iterator[bool]:
    """Whether we are the one who ships to a receiver, as long as the block lasts.

    Raises:
        AuditError: PS710 nobody can be it here.
    """
    file = beside(path, f".ship-{target.name}.lock")
    try:
        lock = try_lock(file)
    except OSError as error:
        raise fault("PS710", path=file, why=error.strerror or "it cannot be locked") from None
    try:
        yield lock is not None
    finally:
        if lock is not None:
            os.close(lock)


class Shipping:
    """All receivers of one log. Thread-safe.

    Args:
        path: the vault's file.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        path: Path,
        targets: Sequence[Target],
        clock: Callable[[], float],
        pace: Pace = Pace(),  # noqa: B008 - immutable
    ) -> None:
        self._path, self._clock, self._pace = path, clock, pace
        self._targets = [target for target in targets if not target.problem]
        self._threads: list[threading.Thread] = []
        self._starting, self._ending = threading.Lock(), threading.Event()

    def start(self) -> None:
        """There are rows. Costs nothing from the second time on."""
        if self._threads or not self._targets:
            return
        with self._starting:
            if not self._threads and not self._ending.is_set():
                self._threads = [
                    threading.Thread(target=self._run, args=(target,), name=f"ship-{target.name}", daemon=True)
                    for target in self._targets
                ]
                for thread in self._threads:
                    thread.start()

    def close(self) -> None:
        """Ship no more. A batch on its way may arrive; whoever does not answer is not waited for."""
        with self._starting:
            self._ending.set()
        for thread in self._threads:
            thread.join(self._pace.end / len(self._threads))

    def _run(self, target: Target) -> None:
        known = START
        self._ending.wait(self._pace.look)  # the first row is about to be written
        while not self._ending.is_set():
            with contextlib.suppress(ShieldError), claimed(self._path, target) as ours:
                if ours:
                    with contextlib.closing(Shipper(self._path, target, self._clock, known)) as shipper:
                        try:
                            self._ship(shipper)
                        finally:
                            known = shipper.at
            self._ending.wait(self._pace.turn)

    def _ship(self, shipper: Shipper) -> None:
        """Until the process ends. Raises ShieldError if the log or the cursor is out of order: begin anew, later."""
        failures = 0
        while not self._ending.is_set():
            try:
                wait = self._pace.rest if shipper.step() else self._pace.look
                failures = 0
            except Undelivered as error:
                failures += 1
                wait = patience(failures, self._pace, error.wait)
            self._ending.wait(wait)
