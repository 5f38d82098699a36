"""A canary through the real client: protection is claimed only where a made-up address came back as a token.

Some versions of the client ignore an output that a hook rewrote. So the client is started once, with the hooks of its
settings, a vault that is thrown away, and a model on the loopback that reads a file and runs a command.
"""

import json
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from ..installers import files
from ..installers.places import Machine
from . import settings, setup
from .endpoint import Model, call, text
from .line import IDLE

SECONDS: Final = 120
_TOKEN: Final = re.compile(r"\[EMAIL_[0-9A-Z]+\]")
_PLAIN: Final = {
    "DISABLE_AUTOUPDATER": "1",
    "DISABLE_TELEMETRY": "1",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "ANTHROPIC_API_KEY": "sk-ant-canary",
    "NO_COLOR": "1",
}
_ELSEWHERE: Final = ("ANTHROPIC_", "CLAUDE_CODE_USE_", "CLAUDECODE", "AWS_", "PII_SHIELD_")
"""Variables that would lead the client to another model, or our hooks to another vault."""


class Outcome(NamedTuple):
    """What became of the canary.

    Attributes:
        ran: the client was there and asked the model.
        version: of the client, as it says.
        read: what a tool showed came back as a token, and nowhere in clear.
        shell: the same for a command that failed.
        why: what went wrong, for people; "" if nothing.
    """

    ran: bool = False
    version: str = ""
    read: bool = False
    shell: bool = False
    why: str = ""

    @property
    def is_fine(self) -> bool:
        """Whether Claude Code's own tools are protected."""
        return self.read and self.shell


def canary(machine: Machine, program: str = "") -> Outcome:
    """Start Claude Code once with the hooks that its settings name, and see what a model would be shown.

    Takes some seconds; nothing goes over the network, the user's vault and sessions are not touched.

    Args:
        machine: where the client's settings are, and the environment to start it in.
        program: the client; default: `claude` on the PATH.
    """
    found = program or shutil.which("claude", path=machine.environ.get("PATH"))
    path = setup.settings_file(machine)
    if not found:
        return Outcome(why="Claude Code's program (claude) is not on the PATH")
    if not path.is_file():
        return Outcome(why=f"{path} is not there: pii-shield install --hooks")
    with tempfile.TemporaryDirectory(prefix="pii-shield-canary-") as folder:
        try:
            return _flown(Path(folder), found, machine, files.read(path))
        except (OSError, subprocess.SubprocessError) as error:
            return Outcome(why=f"Claude Code could not be started: {type(error).__name__}")


def words(outcome: Outcome) -> str:
    """An outcome in one sentence."""
    client = f"Claude Code {outcome.version}".strip()
    if outcome.is_fine:
        return f"Checked with {client}: what its own tools show reaches the model as tokens."
    if not outcome.ran:
        return f"Not checked, so nothing is claimed: {outcome.why}."
    failed = [name for name, fine in (("Read", outcome.read), ("Bash", outcome.shell)) if not fine]
    return f"NOT PROTECTED: with {client} the output of {' and '.join(failed)} came back in clear, or not at all."


def _flown(folder: Path, program: str, machine: Machine, data: bytes) -> Outcome:
    value = f"{_word()}.{_word()}@example.com"
    file = folder / "work" / "note.txt"
    for place in (file.parent, folder / "client"):
        place.mkdir()
    file.write_text(f"Write to {value} today.\n", encoding="utf-8")
    (folder / "client" / "settings.json").write_text(json.dumps(_hooks_of(data)), encoding="utf-8")
    ours = folder / "config.toml"
    ours.touch(0o600)
    ours.write_text(f'[vault]\npath = "{folder / "vault.db"}"\nkey = "{folder / "vault.key"}"\n', encoding="utf-8")
    turns = [[call("Read", file_path=str(file))], [call("Bash", command=f"cat {file.name}; exit 3")], [text("done")]]
    with Model(turns) as model:
        environ = {name: said for name, said in machine.environ.items() if not name.startswith(_ELSEWHERE)}
        environ |= {**_PLAIN, "ANTHROPIC_BASE_URL": model.url, "PII_SHIELD_CONFIG": str(ours), IDLE: "0"}
        environ["CLAUDE_CONFIG_DIR"] = str(folder / "client")
        done = _run([program, "-p", "go", "--allowedTools", "Read", "Bash"], file.parent, environ)
        version = _run([program, "--version"], file.parent, environ).stdout.split(" ")[0].strip()
    results = _results(model.shown)
    if not model.shown:
        said = (done.stderr or done.stdout).strip().splitlines()
        return Outcome(version=version, why=f"it did not ask the model ({said[-1][:200] if said else 'no word'})")
    is_clear = any(value in shown for shown in model.shown)
    good = [bool(_TOKEN.search(result)) and value not in result for result in results]
    return Outcome(
        True,
        version,
        read=good[:1] == [True] and value not in "".join(results[:1]),
        shell=good[1:2] == [True] and not is_clear,
    )


def _run(argv: list[str], cwd: Path, environ: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - the client that the user has installed
        argv,
        cwd=cwd,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=SECONDS,
        check=False,
    )


def _hooks_of(data: bytes) -> dict[str, Any]:
    """The part of the user's settings that decides about hooks."""
    said = settings.plain(data)
    env = said.get("env", {})
    kept: dict[str, Any] = {key: said[key] for key in ("hooks", "disableAllHooks") if key in said}
    return {**kept, "env": {settings.SHELL: env[settings.SHELL]} if settings.SHELL in env else {}}


def _results(shown: list[str]) -> list[str]:
    """What the tools' results were, in the last request that holds most of them."""
    best: list[str] = []
    for body in shown:
        blocks = [
            json.dumps(block.get("content"))
            for message in json.loads(body)["messages"]
            for block in (message["content"] if isinstance(message["content"], list) else ())
            if block.get("type") == "tool_result"
        ]
        best = blocks if len(blocks) > len(best) else best
    return best


def _word() -> str:
    return "".join(secrets.choice("abcdefghijklmnoprstuvwz") for _ in range(7))
