"""A real round trip: this program, started as a client starts it, before a server of ours."""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from ..demo.link import PROTOCOL, Link
from ..entities import TYPES
from ..errors import ShieldError
from ..recording import log_file
from .echo import CANARIES
from .line import Line, Patient, fail, ok, warn

NAME: Final = "pii-shield-doctor"
"""What the server is called in the record."""
SCOPE: Final = "pii-shield-doctor"
LIMITS: Final = {"Codex": 10.0, "Claude Code": 30.0}
"""Seconds after which clients give up on a server that does not answer."""
_SLOW: Final = 0.5
"""Part of the shortest limit above which a busy machine will be too slow some day."""


class Heard(NamedTuple):
    """What a round trip showed.

    Attributes:
        seconds: until the first answer.
        said: what the model got in place of the value.
        answer: the result of handing that back to the server.
    """

    seconds: float
    said: str
    answer: Any


def trip(patient: Patient) -> Iterator[Line]:
    """Start, value out as a token, token back as the value."""
    type_ = next((type_ for type_ in CANARIES if type_ in patient.config.types), "")
    if not type_:
        yield warn("round trip", "not tried: none of its types is protected here", fix="see [detect] types")
        return
    try:
        heard = _travel(patient, CANARIES[type_][0])
    except ShieldError as error:
        yield fail("round trip", str(error), fix=error.fix or "pii-shield run -- YOUR-SERVER shows what it says")
        return
    yield _started(heard.seconds)
    yield _judged(heard, type_)


def _started(seconds: float) -> Line:
    client, limit = min(LIMITS.items(), key=lambda item: item[1])
    said = f"{seconds:.1f} s until the first answer; {client} waits {limit:g} s"
    if seconds > limit:
        return fail("start", said, "the client gives up before that", "see what else keeps this machine busy")
    if seconds > limit * _SLOW:
        return warn("start", said, "that is near the limit", "raise the client's limit, as Codex's startup_timeout_sec")
    return ok("start", said)


def _judged(heard: Heard, type_: str) -> Line:
    label = TYPES[type_].label
    if not (heard.said.startswith(f"[{label}_") and heard.said.endswith("]")):
        return fail(
            "round trip",
            f"a value of type {type_} reached the model as it was",
            "protection does not work here, or an exemption lets it through",
            "pii-shield allow --list; pii-shield status",
        )
    result = heard.answer.get("result", {})
    text = "".join(part.get("text", "") for part in result.get("content", ()))
    if text == "the same":
        return ok("round trip", f"a value of type {type_} became a token, and the token the value again")
    if result.get("isError") and "PS6" in text:
        return ok("round trip", f"a value of type {type_} became a token; your policy keeps it from coming back")
    return fail("round trip", "the server did not get its value back", "tools get tokens in place of values")


def _travel(patient: Patient, field: str) -> Heard:
    """Raises ShieldError: it did not get that far."""
    with tempfile.TemporaryDirectory(prefix="pii-shield-") as folder:
        options = list(patient.options)
        if not log_file(patient.config).exists():  # looking must not make a vault
            options += ["--vault", str(Path(folder) / "vault.db")]
        command = [*patient.launcher, "run", "--name", NAME, "--scope", SCOPE, *options]
        command += ["--", sys.executable, "-P", "-m", "pii_shield.doctor.echo"]
        begin = time.monotonic()
        link = Link(NAME, command, Path(folder), dict(patient.environ))
        try:
            about = {"protocolVersion": PROTOCOL, "capabilities": {}, "clientInfo": {"name": NAME, "version": "1"}}
            link.wait(link.start("initialize", about))
            seconds = time.monotonic() - begin
            link.notify("notifications/initialized")
            said = link.wait(link.start("tools/call", {"name": "say", "arguments": {}}))
            token = _field(said, field)
            answer = link.wait(link.start("tools/call", {"name": "hear", "arguments": {field: token}}))
        finally:
            link.close()
    return Heard(seconds, token, answer)


def _field(message: Any, field: str) -> str:
    """Raises ShieldError: there is none."""
    result = message.get("result") or {}
    said = result.get("structuredContent") or {}
    if field not in said:
        text = message.get("error", {}).get("message") or "".join(c.get("text", "") for c in result.get("content", ()))
        raise ShieldError(f"a result was blocked: {text}", code="PS130")
    return str(said[field])
