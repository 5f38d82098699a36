"""One client, one server, line by line: the one place that fails closed.

Whatever goes wrong inside, nothing of the message is forwarded, and whoever waits for it gets an answer without
payload.
"""

import contextlib
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from . import jsontext, tokens
from .errors import ShieldError, WireError
from .jsontext import Json
from .wire import answers
from .wire.exchange import NO_REQUEST, Asked, Envelope, Exchange, Memory, Request, envelope
from .wire.protect import Options, Protection
from .wire.release import Release

if TYPE_CHECKING:
    from .shielding import Shield  # built in the background: its imports are not paid before the first message


class Outcome(NamedTuple):
    """What to do about one line.

    Attributes:
        forward: line for the other side, without its newline; None: nothing.
        replies: lines for the side it came from.
        notice: one line for the human, without values; "" for none.
        is_response: whether it is a JSON-RPC response.
    """

    forward: bytes | None
    replies: tuple[bytes, ...] = ()
    notice: str = ""
    is_response: bool = False


class Conversation:
    """Thread-safe, synchronous, and never raises.

    Args:
        shield: gives the shield, as soon as it is built; raises ShieldError if it cannot be.
        options: what the user decided about messages to the client.
        echo: whether a client may see what it wrote itself.
        memory: what other conversations with the same server know, for the same principal.
    """

    def __init__(
        self, shield: "Callable[[], Shield]", options: Options, *, echo: bool = True, memory: Memory | None = None
    ) -> None:
        self._shield = shield
        self._options = options
        self._echo = echo
        self._exchange = Exchange(memory)
        self._told = ""

    # client -> server

    def from_client(self, line: bytes) -> Outcome:
        """A line of the client, on its way to the server."""
        try:
            text = line.decode()
            message = jsontext.loads(text)
        except (UnicodeDecodeError, WireError):
            return Outcome(
                line, notice="the client sent a line that is not valid JSON; passed on for the server to answer"
            )
        if isinstance(message, list):
            return _batch(line, text, message, self._client_message)
        return self._client_message(line, text, message)

    def _client_message(self, line: bytes, text: str, message: Json) -> Outcome:
        head = envelope(message)
        if not isinstance(message, dict):
            return Outcome(line)
        request = self._exchange.client_sends(head, message)
        try:
            return self._release(line, text, message, head, request)
        except ShieldError as error:
            return self._refuse(head, request, error)
        except Exception as error:  # noqa: BLE001 - fail closed: nothing goes on that was not understood
            return self._refuse(head, request, _internal(error))

    def _record(self, direction: str, request: Request, error: ShieldError) -> None:
        try:
            self._shield().failed(direction, request, error)
        except Exception:  # noqa: BLE001 - fails closed already; without a shield there is no log either
            return

    def _release(self, line: bytes, text: str, message: Json, head: Envelope, request: Request) -> Outcome:
        answered = self._exchange.answered_by_client(head) if head.is_response else ""
        new = None
        if tokens.may_hold(text):
            plan = Release(text, message, self._exchange.tool_schema(request.tool) if request.tool else None)
            new = self._shield().release(plan, Asked(request, answered, self._exchange.asked)) if plan else None
        return Outcome(line if new is None else new.encode("utf-8"), is_response=head.is_response)

    def _refuse(self, head: Envelope, request: Request, error: ShieldError) -> Outcome:
        self._record("out", request, error)
        notice = _notice("refused a message of the client", error)
        if head.is_response:
            return Outcome(answers.blocked(head.id, error).encode(), notice=notice, is_response=True)
        if head.id is None:
            return Outcome(None, notice=notice)
        self._exchange.forget(head)
        return Outcome(None, (answers.refusal(head, request, error).encode(),), notice)

    # server -> client

    def from_server(self, line: bytes) -> Outcome:
        """A line of the server, on its way to the client."""
        outcome = self._from_server(line)
        observing = self._observing()
        if observing and outcome.forward != line:
            outcome = Outcome(line, notice=outcome.notice, is_response=outcome.is_response)
        if observing != self._told:
            self._told = observing
            said = (observing or "what the server says is protected again", outcome.notice)
            outcome = outcome._replace(notice="; ".join(filter(None, said)))
        return outcome

    def _observing(self) -> str:
        try:
            return self._shield().observing()
        except Exception:  # noqa: BLE001 - fails closed: without a shield nothing passes
            return ""

    def _from_server(self, line: bytes) -> Outcome:
        try:
            text = line.decode()
            message = jsontext.loads(text)
        except (UnicodeDecodeError, WireError) as error:
            return self._unreadable(line[:4096], b"", error)
        if isinstance(message, list):
            return _batch(line, text, message, self._server_message)
        return self._server_message(line, text, message)

    def _server_message(self, line: bytes, text: str, message: Json) -> Outcome:
        head = envelope(message)
        try:
            return self._protect(line, text, message, head)
        except ShieldError as error:
            return self._block(head, error)
        except Exception as error:  # noqa: BLE001 - fail closed: nothing goes on that was not checked
            return self._block(head, _internal(error))

    def _block(self, head: Envelope, error: ShieldError) -> Outcome:
        self._record("in", NO_REQUEST, error)
        return _block(head, error)

    def _protect(self, line: bytes, text: str, message: Json, head: Envelope) -> Outcome:
        if not isinstance(message, dict):
            return Outcome(None, notice="dropped a line of the server that is no JSON-RPC message")
        request, table = self._exchange.server_sends(head, message)
        plan = Protection(text, message, table, request.method, self._options)
        clear = cache(request.clear_text)  # most messages hold no finding and never ask
        new = self._shield().protect(plan, lambda spelling: self._echo and spelling in clear(), request)
        notice = f"withheld {plan.withheld} entries whose name holds personal data" if plan.withheld else ""
        return Outcome(line if new is None else new.encode("utf-8"), notice=notice, is_response=head.is_response)

    def oversized(self, from_server: bool, head: bytes, tail: bytes) -> Outcome:
        """A line beyond the limit, of which only the ends are left."""
        error = WireError("a message is larger than the limit", code="PS500")
        if from_server:
            return self._unreadable(head, tail, error)
        ids = answers.ids_in(head[:4096].decode("utf-8", "replace")) or ["null"]
        return Outcome(None, (answers.blocked(ids[0], error).encode(),), "refused an oversized message of the client")

    def _unreadable(self, head: bytes, tail: bytes, error: Exception) -> Outcome:
        """Nothing of it goes on; if it names an open request, that one is answered."""
        shown = error if isinstance(error, ShieldError) else WireError("not valid UTF-8", code="PS508")
        self._record("in", NO_REQUEST, shown)
        notice = f"dropped a line of the server ({shown.code}): {shown}"
        waiting = self._exchange.open_requests()
        named = (
            answers.ids_in(head.decode("utf-8", "replace"))[:1] + answers.ids_in(tail.decode("utf-8", "replace"))[-1:]
        )
        for raw_id in named:
            if raw_id in waiting:
                self._exchange.forget(Envelope(raw_id, "", True))
                return Outcome(answers.blocked(raw_id, shown).encode(), notice=notice, is_response=True)
        return Outcome(None, notice=notice)

    def server_gone(self) -> tuple[bytes, ...]:
        """Answers for every request that the server left open."""
        waiting = self._exchange.open_requests()
        for raw_id in waiting:
            self._exchange.forget(Envelope(raw_id, "", False))
        return tuple(answers.gone(raw_id).encode() for raw_id in waiting)

    def ready(self) -> None:
        """Wait for the shield.

        Raises:
            ShieldError: why there is none; until somebody asks here, every message has been answered with it.
        """
        self._shield()

    def close(self) -> None:
        """The conversation is over: its log ends here."""
        with contextlib.suppress(ShieldError):
            self._shield().close()

    def mask(self, text: str) -> str:
        """The server's words for people: values masked for good."""
        try:
            return self._shield().mask(text)
        except Exception:  # noqa: BLE001 - fail closed: what cannot be checked is not shown
            return "[a line that could not be checked for personal data]"


def _notice(what: str, error: ShieldError) -> str:
    return f"{what} ({error.code}): {error}" + (f"; {error.fix}" if error.fix else "")


def _internal(error: Exception) -> ShieldError:
    return ShieldError(f"internal error, {type(error).__name__}", code="PS999")


def _block(head: Envelope, error: ShieldError) -> Outcome:
    notice = _notice("blocked a message of the server", error)
    if head.is_response:
        return Outcome(answers.blocked(head.id, error).encode(), notice=notice, is_response=True)
    if head.id is not None and head.method:
        return Outcome(None, (answers.blocked(head.id, error).encode(),), notice)
    return Outcome(None, notice=notice)


def _batch(line: bytes, text: str, messages: list[Json], handle: Callable[[bytes, str, Json], Outcome]) -> Outcome:
    """A JSON-RPC batch (2025-03-26): each message by itself, what may go on goes on together."""
    ordinals = [n.ordinal for n in jsontext.walk(messages) if len(n.path) == 1 and not n.is_key]
    where = jsontext.spans(text, frozenset(ordinals))
    parts = [text[slice(*where[ordinal])] for ordinal in ordinals]
    outcomes = [handle(part.encode(), part, message) for part, message in zip(parts, messages, strict=True)]
    forwarded = [outcome.forward.decode() for outcome in outcomes if outcome.forward is not None]
    unchanged = forwarded == parts
    forward = line if unchanged else f"[{','.join(forwarded)}]".encode() if forwarded else None
    replies = tuple(reply for outcome in outcomes for reply in outcome.replies)
    return Outcome(forward, replies, "; ".join(filter(None, (o.notice for o in outcomes))), False)
