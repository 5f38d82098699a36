"""One event in, one answer out: here hooks fail closed.

Whatever goes wrong, a tool is not called, and of what one has said the model reads nothing.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Final

from ... import tokens
from ...errors import ShieldError, WireError
from ...wire.reshape import INSTRUCTIONS
from . import contract, shapes
from .after import after
from .before import before
from .contract import Answer, Event
from .means import Means
from .prompt import prompt

_ADVICE: Final = (
    "The same holds for what your own tools show. Files that you write with tokens get the real values; keep tokens "
    "out of old_string of Edit, of shell commands and of URLs."
)


def reply(data: bytes, means: Callable[[], Means]) -> bytes:
    """The answer to one event; never raises.

    Args:
        means: makes what answering takes; may raise ShieldError.
    """
    try:
        event = contract.read(data)
    except WireError as error:
        return contract.write(contract.stop(_words(error)))
    made: list[Means] = []
    try:
        made.append(means())
        answer = _HANDLERS.get(event.name, _ignore)(event, made[0])
    except ShieldError as error:
        answer = closed(event, error)
    except Exception as error:  # noqa: BLE001 - fail closed: nothing goes on that was not understood
        answer = closed(event, ShieldError(f"internal error ({type(error).__name__})"))
    for one in made:
        _close(one)
    return contract.write(answer)


def reply_in_time(data: bytes, means: Callable[[], Means], seconds: float) -> bytes:
    """The same before the client loses patience: it would show what it has."""
    answers: list[bytes] = []
    work = threading.Thread(target=lambda: answers.append(reply(data, means)), daemon=True)
    work.start()
    work.join(seconds)
    if answers:
        return answers[0]
    late = ShieldError("it could not be checked in time", code="PS369")
    try:
        return contract.write(closed(contract.read(data), late))
    except WireError as error:
        return contract.write(contract.stop(_words(error)))


def closed(event: Event, error: ShieldError) -> Answer:
    """What to answer when an event could not be handled."""
    if event.name == contract.BEFORE:
        return contract.deny(_words(error))
    if event.name == contract.AFTER:
        note = f"The output is withheld: {_words(error)}"
        return contract.rewrite(shapes.blank(shapes.without_media(event.response, lambda _: False)), note)
    if event.name == contract.PROMPT:
        return contract.block(_words(error))
    return contract.nothing()


def _words(error: ShieldError) -> str:
    return f"pii-shield {error.code}: {error}" + (f". {error.fix}" if error.fix else "")


def _close(means: Means) -> None:
    try:
        means.close()
    except Exception:  # noqa: BLE001 - the answer stands; what cannot be closed goes with the process
        return


def _start(_: Event, means: Means) -> Answer:
    text = f"{INSTRUCTIONS} {_ADVICE}"
    return contract.tell(contract.START, text) if means.settings.instructions else contract.nothing()


def _display(event: Event, means: Means) -> Answer:
    if not tokens.may_hold(event.text) or not means.has_person:
        return contract.nothing()
    return contract.display(means.reveal(event.text))


def _ignore(_: Event, __: Means) -> Answer:
    return contract.nothing()


_HANDLERS: Final[Mapping[str, Callable[[Event, Means], Answer]]] = {
    contract.BEFORE: before,
    contract.AFTER: after,
    contract.PROMPT: prompt,
    contract.START: _start,
    contract.DISPLAY: _display,
}
