"""A tool is about to be called: may the model's words go there, and does the call leave the shield alone?

Values are never put in here: the client keeps what a hook prints. A file gets them once the tool has written it.
"""

from pathlib import Path
from typing import Final

from ... import jsontext, tokens
from ...errors import PolicyDenied, ShieldError
from ...wire.exchange import NO_REQUEST, Asked, Request
from ...wire.release import Release
from ..installers import survey
from ..installers.entries import State
from ..installers.survey import Selection
from ..installers.table import BY_NAME
from . import contract, guard, media
from .contract import Answer, Event, texts
from .means import Means
from .tools import SERVER, server_of, tool

ARGUMENT: Final = "content"
"""What the text of a file is called where the policy judges it, whatever a tool calls it."""


def before(event: Event, means: Means) -> Answer:
    """Whether a tool may be called.

    Raises:
        ShieldError: it may not, or what it says could not be protected.
    """
    found = guard.objection(event, means.ours(event.cwd))
    if found and found.is_certain:
        raise PolicyDenied(f"this call is refused: {found.reason}", code="PS360")
    _check_tokens(event, means)
    _check_media(event, means)
    means.check_vault()
    return contract.ask(f"pii-shield: {found.reason}") if found else contract.nothing()


def release_of(event: Event) -> tuple[Release, Asked]:
    """The release of a text that a tool writes into a file, as the policy judges it."""
    field = tool(event.tool).writes
    text = jsontext.dumps(
        {"method": "tools/call", "params": {"name": event.tool, "arguments": {ARGUMENT: str(event.input.get(field))}}}
    )
    request = request_of(event)
    return Release(text, jsontext.loads(text)), Asked(request, "", lambda _: "")


def request_of(event: Event) -> Request:
    """What the record says of a call."""
    return NO_REQUEST._replace(method="tools/call", tool=event.tool)


def _check_tokens(event: Event, means: Means) -> None:
    known = tool(event.tool)
    if known.passes:
        return
    holding = [name for name, value in event.input.items() if any(map(_holds, texts(value)))]
    if not holding:
        return
    server = server_of(event.tool)
    if server:
        _check_server(server, event, means)
        return
    try:
        _check_own(holding, event, means)
    except ShieldError as error:
        means.shield().failed("out", request_of(event), error)
        raise


def _check_own(holding: list[str], event: Event, means: Means) -> None:
    known = tool(event.tool)
    if known.compared in holding:
        raise PolicyDenied(
            f"{known.compared} must stand in the file as it is, and the file holds the values, not the tokens: choose "
            "other text of the same lines, or write the whole file",
            code="PS362",
        )
    others = [name for name in holding if name != known.writes]
    if others:
        raise PolicyDenied(
            f"no token is released into {others[0]} of {event.tool}, which could carry the value away; files take them",
            code="PS361",
        )
    plan, asked = release_of(event)
    means.shield().check(plan, asked)


def _check_server(server: str, event: Event, means: Means) -> None:
    """Tokens go to servers that the shield stands before: it releases them there."""
    seen = survey.look(means.machine(event.cwd), Selection((BY_NAME[SERVER],), with_projects=True))
    states = {entry.state for one in seen for entry in one.entries if _named(entry.name) == _named(server)}
    if states != {State.PROTECTED}:
        raise PolicyDenied(f"the server {server} is not behind pii-shield, so no token is released to it", code="PS364")


def _named(server: str) -> str:
    """A server's name as it stands in the names of its tools."""
    return "".join(character if character.isalnum() or character in "_-" else "_" for character in server)


def _check_media(event: Event, means: Means) -> None:
    opens = tool(event.tool).opens
    path = event.input.get(opens) if opens else None
    if isinstance(path, str):
        media.check(Path(event.cwd) / path, means.passes)


def _holds(text: str) -> bool:
    """Whether a text holds what reads as a token, in the open or in disguise."""
    return tokens.may_hold(text) and bool(Release(raw := jsontext.dumps([text]), jsontext.loads(raw)))
