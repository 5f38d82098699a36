"""A tool has said something: the model reads it with tokens, and a file that was written gets its values."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ... import jsontext, tokens
from ...wire.methods import RESULTS, Act, Table
from ...wire.protect import ClearText, Options, Protection
from . import contract, shapes, write_back
from .before import request_of
from .contract import Answer, Event, texts
from .means import Means
from .tools import SERVER, SHELL, server_of, tool

if TYPE_CHECKING:
    from ...shielding import Shield

_OPTIONS: Final = Options(instructions=False)


def after(event: Event, means: Means) -> Answer:
    """What the model reads.

    Raises:
        ShieldError: it could not be checked; nothing of it may be shown.
    """
    note = write_back.write_back(event, means)
    server = server_of(event.tool)
    shield = means.shield(server or SERVER)
    shown = shapes.without_media(event.response, means.passes)
    if server:
        output = _of_server(shown, event, shield, means)
    else:
        output = shapes.with_texts(shown, _protected(shapes.texts_of(shown), Act.PROTECT, event, shield, means))
    return contract.rewrite(output, note) if note or output != event.response else contract.nothing()


def protector(command: str, means: Callable[[], Means]) -> Callable[[str], str]:
    """What makes tokens of the values in what a shell command prints; nothing is loaded before it prints something."""
    event = Event(contract.AFTER, SHELL, {"command": command})

    def protect(text: str) -> str:
        own = made[0] if made else means()
        made[:] = [own]
        shown: str = _protected({"stdout": text}, Act.PROTECT, event, own.shield(), own)["stdout"]
        return shown

    made: list[Means] = []
    return protect


def holds_values(text: str, means: Means) -> bool:
    """Whether the model would read anything else than this text."""
    event = Event(contract.AFTER, "Read")
    return bool(_protected(text, Act.PROTECT, event, means.shield(), means) != text)


def _of_server(shown: Any, event: Event, shield: "Shield", means: Means) -> Any:
    """The result of an MCP tool: the client keeps it as a whole, or only its content."""
    call = RESULTS["tools/call"]
    if isinstance(shown, dict):
        return _protected(shown, call, event, shield, means)
    return _protected({"content": shown}, call, event, shield, means)["content"]


def _protected(output: Any, table: Table, event: Event, shield: "Shield", means: Means) -> Any:
    text = json.dumps({"result": output})
    plan = Protection(text, jsontext.loads(text), {"result": table}, "", _OPTIONS)
    new = shield.protect(plan, _is_clear(event, means), request_of(event))
    return output if new is None else json.loads(new)["result"]


def _is_clear(event: Event, means: Means) -> Callable[[str], bool]:
    """What may stay: what the model wrote itself, and tokens where they are not part of what stands in the world."""
    own = ClearText(texts(event.input) if means.settings.profile != "strict" else ())
    keeps = not tool(event.tool).is_world or _names_session(event)
    return lambda spelling: spelling in own or (keeps and _is_token(spelling))


def _names_session(event: Event) -> bool:
    """Whether a call reads what the client has put away for this session: it holds tokens, not values."""
    session = Path(event.transcript).stem
    return bool(session) and any(session in Path(text).parts for text in texts(event.input))


def _is_token(text: str) -> bool:
    matches = tokens.find(text)
    return len(matches) == 1 and matches[0].valid and (matches[0].start, matches[0].end) == (0, len(text))
