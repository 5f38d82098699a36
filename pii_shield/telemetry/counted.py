"""A log whose rows are counted, each once it is taken, and noted on the span of the request that they are about."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from ..recorder import Writer
from .labels import ENTITY, SERVER, UNNAMED, server
from .providers import Telemetry

_Fields = Mapping[str, Any]


def _found(fields: _Fields) -> Mapping[str, int]:
    return fields["counts"]  # type: ignore[no-any-return]


def _items(fields: _Fields) -> Mapping[str, int]:
    return Counter(item["type"] for item in fields["items"])


_BY_TYPE: Final[Mapping[str, tuple[str, Callable[[_Fields], Mapping[str, int]]]]] = {
    "protect": ("tokens", _found),
    "observe": ("observed", _found),
    "release": ("releases", _items),
}
"""Type of row -> what is counted by entity type."""
_ONCE: Final = {"denial": "denials", "error": "errors"}
"""Type of row -> what is counted by code."""


class Counted:
    """A `recorder.Writer`.

    Args:
        log: where rows go.
        is_named: whether the server's name is one that people chose.
    """

    def __init__(self, log: Writer, telemetry: Telemetry, *, is_named: bool) -> None:
        self._log, self._telemetry, self._is_named = log, telemetry, is_named

    def report(self, type_: str, **fields: object) -> None:
        """See `Writer`."""
        self._log.report(type_, **fields)
        self._count(type_, fields)

    def commit(self, type_: str, **fields: object) -> None:
        """See `Writer`."""
        self._log.commit(type_, **fields)
        self._count(type_, fields)

    def watch(self, what: str, value: str, type_: str, usual: str = "", /, **fields: object) -> None:
        """See `Writer`."""
        self._log.watch(what, value, type_, usual, **fields)

    def close(self) -> None:
        """See `Writer`."""
        self._log.close()
        self._telemetry.close()

    def _count(self, type_: str, fields: _Fields) -> None:
        where = {SERVER: server(str(fields.get("server", ""))) if self._is_named else UNNAMED}
        if type_ in _BY_TYPE:
            name, counts = _BY_TYPE[type_]
            for kind, number in counts(fields).items():
                self._add(name, number, {**where, ENTITY: kind}, f"{name}.{kind}")
        elif type_ in _ONCE:
            name = _ONCE[type_]
            self._add(name, 1, {**where, "error.type": fields["code"]}, name)

    def _add(self, name: str, number: int, labels: Mapping[str, str], attribute: str) -> None:
        self._telemetry.meters.count(name, number, labels)
        on = self._telemetry.spans.current
        if on is not None:
            on.add(attribute, number)
