"""What takes time to build and is not needed at once."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Eventually(Generic[T]):
    """Something that is built in another thread. Calling it waits, and raises what building it raised."""

    def __init__(self, build: Callable[[], T]) -> None:
        self._build = build
        self._result: T | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="assemble", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result = self._build()
        except BaseException as error:  # noqa: BLE001 - raised again in every thread that asks
            self._error = error

    def __call__(self) -> T:
        if self._result is not None:
            return self._result
        self._thread.join()
        if self._error is not None:
            raise self._error
        if self._result is None:
            raise RuntimeError("nothing was built")
        return self._result
