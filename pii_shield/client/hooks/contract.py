"""What Claude Code tells a hook and what a hook may answer, as records. No I/O.

Held to the client itself by tests/client/hooks/test_real_client.py. Two things of it decide how everything here works:

* the client writes what a hook prints into the session's transcript, so no answer but `display` ever holds a value;
* a rewritten output of another shape than the tool's own is dropped, and the model sees the original.
"""

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from ...errors import WireError

BEFORE: Final = "PreToolUse"
AFTER: Final = "PostToolUse"
START: Final = "SessionStart"
DISPLAY: Final = "MessageDisplay"
PROMPT: Final = "UserPromptSubmit"

Answer = dict[str, Any]


class Event(NamedTuple):
    """One thing that happens in a session.

    Attributes:
        name: `hook_event_name`.
        tool: the tool that is, or was, called; "" for other events.
        input: its arguments, as the model wrote them.
        response: what it said, in the shape that the tool has.
        cwd: the session's folder.
        transcript: the session's file.
        text: what the person wrote, or is about to read.
    """

    name: str
    tool: str = ""
    input: Mapping[str, Any] = MappingProxyType({})
    response: Any = None
    cwd: str = ""
    transcript: str = ""
    text: str = ""


def read(data: bytes) -> Event:
    """The event that the client wrote to a hook.

    Raises:
        WireError: it is none.
    """
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        raise WireError("the client sent an event that is not JSON", code="PS365") from None
    said = said if isinstance(said, dict) else {}
    texts = [said.get(key, "") for key in ("hook_event_name", "tool_name", "cwd", "transcript_path")]
    texts.append(said.get("delta", said.get("prompt", "")))
    arguments = said.get("tool_input", {})
    if not texts[0] or not isinstance(arguments, dict) or not all(isinstance(text, str) for text in texts):
        raise WireError("the client sent an event of a shape that is not known", code="PS365")
    name, tool, cwd, transcript, text = texts
    if name in (BEFORE, AFTER) and not tool:
        raise WireError("the client sent a tool call without the tool's name", code="PS365")
    return Event(name, tool, arguments, said.get("tool_response"), cwd, transcript, text)


def texts(value: Any) -> Iterator[str]:
    """Every text in an object, its keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, member in value.items():
            yield key
            yield from texts(member)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def nothing() -> Answer:
    """Let it happen as it would."""
    return {}


def deny(reason: str) -> Answer:
    """The tool is not called; the model reads why."""
    return _specific(BEFORE, permissionDecision="deny", permissionDecisionReason=reason)


def ask(reason: str) -> Answer:
    """The person decides whether the tool is called."""
    return _specific(BEFORE, permissionDecision="ask", permissionDecisionReason=reason)


def rewrite(output: Any, context: str = "") -> Answer:
    """The model reads this in place of what the tool said; `context` is told beside it."""
    more = {"additionalContext": context} if context else {}
    return _specific(AFTER, updatedToolOutput=output, **more)


def tell(event: str, context: str) -> Answer:
    """The model is told something."""
    return _specific(event, additionalContext=context)


def display(text: str) -> Answer:
    """The person reads this; transcript and model keep what they have."""
    return _specific(DISPLAY, displayContent=text)


def block(reason: str) -> Answer:
    """What the person wrote is not sent; they read why."""
    return {"decision": "block", "reason": reason}


def stop(reason: str) -> Answer:
    """The turn ends, and the person reads why."""
    return {"continue": False, "stopReason": reason, "decision": "block", "reason": reason}


def write(answer: Answer) -> bytes:
    """An answer as the client reads it."""
    return json.dumps(answer).encode()


def _specific(event: str, **fields: Any) -> Answer:
    return {"hookSpecificOutput": {"hookEventName": event, **fields}}
