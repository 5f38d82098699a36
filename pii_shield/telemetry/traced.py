"""A conversation that is told about: what it does is what `Conversation` does, not a byte else."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..conversation import Conversation, Outcome
from ..errors import PolicyDenied, ShieldError
from ..jsontext import Json, dumps
from ..recorder import Names
from ..wire.exchange import Envelope, Memory, Request
from ..wire.protect import Options
from . import labels
from .spans import Open

if TYPE_CHECKING:
    from ..shielding import Shield
    from .providers import Telemetry

MAX_OPEN = 4096
"""Requests without an answer that are remembered; the oldest are told as abandoned."""
ABANDONED, CANCELLED, INTERNAL = "abandoned", "cancelled", "PS999"


class Traced(Conversation):
    """See `Conversation`.

    Args:
        name: of the server.
        is_named: whether people chose it.
        telemetry: gives what is told to whom, as soon as it is there.
    """

    def __init__(
        self,
        shield: "Callable[[], Shield]",
        options: Options,
        *,
        echo: bool,
        memory: Memory | None,
        name: str,
        is_named: bool,
        telemetry: "Callable[[], Telemetry]",
    ) -> None:
        super().__init__(shield, options, echo=echo, memory=memory)
        self._name, self._is_named = name, is_named
        self._telemetry = telemetry
        self._open: dict[str, Open] = {}

    def _release(self, line: bytes, text: str, message: Json, head: Envelope, request: Request) -> Outcome:
        span = self._begin(head, request)
        if head.method == "notifications/cancelled":
            self._cancelled(message)
        try:
            with self._telemetry().spans.at_work(span):
                return super()._release(line, text, message, head, request)
        except ShieldError as error:
            self._end(head, error.code, denied=isinstance(error, PolicyDenied))
            raise
        except BaseException:
            self._end(head, INTERNAL)
            raise

    def _protect(self, line: bytes, text: str, message: Json, head: Envelope) -> Outcome:
        span = self._open.get(head.id or "") if head.is_response else None
        try:
            with self._telemetry().spans.at_work(span):
                outcome = super()._protect(line, text, message, head)
        except ShieldError as error:
            self._end(head if span else None, error.code)
            raise
        except BaseException:
            self._end(head if span else None, INTERNAL)
            raise
        if span and isinstance(message, dict):
            self._end(head, *labels.failure(message))
        return outcome

    def server_gone(self) -> tuple[bytes, ...]:
        """See `Conversation.server_gone`."""
        self._abandon(0)
        return super().server_gone()

    def close(self) -> None:
        """See `Conversation.close`."""
        self._abandon(0)
        super().close()

    def _begin(self, head: Envelope, request: Request) -> Open | None:
        if head.id is None or not head.method:
            return None
        target = labels.target(request, Names(self.mask)) if request.method in ("tools/call", "prompts/get") else {}
        span = self._telemetry().spans.begin(labels.method(request), target, labels.parent(request))
        self._abandon(MAX_OPEN - 1)
        self._open[head.id] = span
        return span

    def _end(self, head: Envelope | None, error: str = "", status: str = "", *, denied: bool = False) -> None:
        span = self._open.pop(head.id or "", None) if head else None
        if span is not None:
            if denied:
                span.add("denials", 1)
            span.end(self._label(), error, status)

    def _cancelled(self, message: Json) -> None:
        params = message.get("params") if isinstance(message, dict) else None
        asked = params.get("requestId") if isinstance(params, dict) else None
        if isinstance(asked, str):
            self._end(Envelope(dumps(asked), "", True), CANCELLED)

    def _abandon(self, most: int) -> None:
        for raw_id in list(self._open)[: max(0, len(self._open) - most)]:
            self._end(Envelope(raw_id, "", True), ABANDONED)

    def _label(self) -> str:
        return labels.server(Names(self.mask).name(self._name)) if self._is_named else labels.UNNAMED
