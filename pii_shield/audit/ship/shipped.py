"""A log whose rows are shipped: tells the shipping that there are rows, and when no more come from this process."""

from collections.abc import Callable, Sequence
from pathlib import Path

from ..log import Log
from ..places import Place
from .lane import Shipping


class ShippedLog(Log):
    """See `Log`. Writing never waits for a receiver."""

    def __init__(
        self,
        path: Path,
        seed: Callable[[], bytes],
        new_id: Callable[[int], bytes],
        places: Sequence[Place],
        shipping: Shipping,
    ) -> None:
        super().__init__(path, seed, new_id, places=places)
        self._shipping = shipping

    def report(self, type_: str, **fields: object) -> None:
        """See `Log.report`."""
        super().report(type_, **fields)
        self._shipping.start()

    def commit(self, type_: str, **fields: object) -> None:
        """See `Log.commit`."""
        super().commit(type_, **fields)
        self._shipping.start()

    def close(self) -> None:
        """See `Log.close`."""
        super().close()
        self._shipping.close()
