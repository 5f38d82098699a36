"""Sets the demo up in a folder that vanishes, lets the agent act, and collects what each side saw."""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from .agent import Call, Saw, agent
from .link import Link
from .people import VALUES

Json = Any
Wrap = Callable[[str, Path, Sequence[str]], Sequence[str]]
"""(server name, the demo's folder, the server's command) -> the command to start in its place."""

SERVERS = ("crm", "mailer", "webhook")
CONFIG = "[detect]\ncompile = false\n\n[servers.crm]\ntrusted = true\n\n[servers.mailer]\ntrusted = true\n"
PRIVATE_DIRECTORIES = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")


class Step(NamedTuple):
    """One tool call from both sides.

    Attributes:
        call: what the model called.
        received: the arguments that reached the server, or None when nothing did.
        said: the server's result, or None.
        saw: what reached the model.
        notice: what the human was told about a refused call, or "".
    """

    call: Call
    received: Json
    said: Json
    saw: Saw
    notice: str = ""


class Play(NamedTuple):
    """The whole demo.

    Attributes:
        steps: in order.
        leaked: values found in the bytes that reached the model's side; must be empty.
    """

    steps: tuple[Step, ...]
    leaked: tuple[str, ...]


def shielded(name: str, folder: Path, command: Sequence[str]) -> Sequence[str]:
    """The server's command behind `pii-shield run`, with a vault in the demo's folder."""
    options = [
        "--name",
        name,
        "--scope",
        "demo",
        "--config",
        str(folder / "config.toml"),
        "--vault",
        str(folder / "vault.db"),
    ]
    return [sys.executable, "-m", "pii_shield", "run", *options, "--", *command]


def play(environ: Mapping[str, str], wrap: Wrap = shielded) -> Play:
    """Run the demo from start to end, and leave nothing behind.

    Args:
        environ: the environment to derive the children's from.

    Raises:
        ShieldError: a server ended or does not answer.
    """
    with tempfile.TemporaryDirectory(prefix="pii-shield-demo-") as name:
        folder = Path(name)
        with _servers(folder, _environ(environ, folder), wrap) as links:
            steps = list(_act(folder, links))
        seen = b"".join(link.received for link in links.values())  # complete, now that the links are closed
        steps = [
            step._replace(notice=links[step.call.server].last_words()) if step.saw.failed else step for step in steps
        ]
    return Play(tuple(steps), tuple(value for value in VALUES if value.encode() in seen))


def _environ(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The user's environment without the user's settings and homes, so that the demo is the same everywhere."""
    kept = {name: value for name, value in environ.items() if not name.startswith("PII_SHIELD_")}
    package_parent = str(Path(__file__).resolve().parents[2])
    return {**kept, **dict.fromkeys(PRIVATE_DIRECTORIES, str(folder)), "PYTHONPATH": package_parent}


@contextmanager
def _servers(folder: Path, environ: Mapping[str, str], wrap: Wrap) -> Iterator[dict[str, Link]]:
    config = folder / "config.toml"
    config.touch(0o600)
    config.write_text(CONFIG, encoding="utf-8")
    with ExitStack() as exits:
        links: dict[str, Link] = {}
        for name in SERVERS:  # all started before the first is waited for
            links[name] = Link(name, wrap(name, folder, _command(name, folder)), folder, environ)
            exits.callback(links[name].close)
        for link in links.values():
            link.hello()
        yield links


def _command(name: str, folder: Path) -> list[str]:
    return [sys.executable, "-m", f"pii_shield.demo.{name}", "--transcript", str(folder / f"{name}.transcript")]


def _act(folder: Path, links: Mapping[str, Link]) -> Iterator[Step]:
    script = agent()
    call: Call | None = next(script)
    while call:
        link = links[call.server]
        request = link.start("tools/call", {"name": call.tool, "arguments": call.arguments})
        saw = _saw(link.wait(request))
        received, said = _server_side(folder / f"{call.server}.transcript", request)
        yield Step(call, received, said, saw)
        call = _next(script, saw)


def _next(script: Any, saw: Saw) -> Call | None:
    try:
        following: Call = script.send(saw)
    except StopIteration:
        return None
    return following


def _saw(response: Json) -> Saw:
    """What a model would be shown of one JSON-RPC response."""
    if "error" in response:
        return Saw(response["error"]["message"], True)
    result = response["result"]
    text = "\n".join(block.get("text", "") for block in result["content"])
    return Saw(result.get("structuredContent", text), bool(result.get("isError")))


def _server_side(transcript: Path, request: int) -> tuple[Json, Json]:
    """(arguments received, result said) of one request, as the server itself wrote them down."""
    received = said = None
    for line in transcript.read_text(encoding="utf-8").splitlines():
        kind, message = json.loads(line)
        if message.get("id") == request and kind == "received":
            received = message["params"]["arguments"]
        elif message.get("id") == request:
            said = _saw(message).content
    return received, said
