"""Claude Code itself, with our hooks, against a model on the loopback: what the model is shown, what is on disk."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from e2e import packages

from pii_shield.client.hooks import setup
from pii_shield.client.hooks.canary import canary, words
from pii_shield.client.hooks.endpoint import Model, Turn, call, text
from pii_shield.client.installers.places import Machine

from ..test_real_clients import CLIENTS, _install
from .kit import JANE, PHONE

pty = pytest.importorskip("pty")
fcntl = pytest.importorskip("fcntl")
termios = pytest.importorskip("termios")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(os.name == "nt", reason="npm's wrappers are shell scripts here"),
]
LAUNCHER = (sys.executable, "-P", "-m", "pii_shield")
TOKEN = re.compile(r"\[[A-Z]+_[0-9A-Z]+\]")
SECONDS = 120


@pytest.fixture(scope="module")
def claude() -> str:
    folder = packages._installed("clients-" + "-".join(CLIENTS.values()), _install)
    return str(folder / "node_modules" / ".bin" / "claude")


class Session:
    """The client with a home of its own."""

    def __init__(self, home: Path, claude: str) -> None:
        self.home, self.work, self.claude = home, home / "work", claude
        self.work.mkdir()
        (home / ".claude").mkdir()
        path = os.pathsep.join((str(packages.node().parent), os.environ["PATH"]))
        self.environ = {"HOME": str(home), "PATH": path, "NO_COLOR": "1", "SHELL": "/bin/bash"}
        self.environ["PII_SHIELD_HOOK_IDLE"] = "20"
        self.machine = Machine(self.environ, sys.platform, self.work)
        self.settings = home / ".claude" / "settings.json"
        self.settings.write_text('{"permissions": {"allow": ["Read", "Edit", "Write", "Bash(cat:*)", "Bash(echo:*)"]}}')

    def install(self, *, display: bool = False) -> None:
        change = setup.installing(self.machine, LAUNCHER, "claude-code", display)
        assert change
        setup.write(change, setup.journal(self.machine), "2026-01-01T00:00:00+00:00")

    def run(self, turns: Sequence[Turn], prompt: str = "go", **options: Any) -> tuple[list[str], str]:
        """What the model was shown, and what the client printed."""
        quiet = {"DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}
        with Model(turns) as model:
            environ = {**self.environ, **quiet, "ANTHROPIC_BASE_URL": model.url, "ANTHROPIC_API_KEY": "sk-ant-x"}
            done = subprocess.run(
                [self.claude, "-p", prompt],
                cwd=self.work,
                env=environ,
                text=True,
                timeout=SECONDS,
                check=False,
                **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **options},
            )
        return model.shown, done.stdout or ""

    def files_with(self, value: str) -> set[str]:
        """Files that hold a value: under the home, and what the client puts away elsewhere."""
        places = [self.home, Path(f"/tmp/claude-{os.getuid()}")]
        return {
            str(path.relative_to(place))
            for place in places
            for path in place.rglob("*")
            if path.is_file() and value.encode() in path.read_bytes()
        }


@pytest.fixture
def session(tmp_path: Path, claude: str) -> Session:
    return Session(tmp_path, claude)


def with_token(make: Callable[[str], dict[str, Any]]) -> Turn:
    """A call that is made with the last e-mail token that the model was shown."""
    return lambda body: [make(re.findall(r"\[EMAIL_[0-9A-Z]+\]", body)[-1])]


def results(shown: list[str]) -> list[str]:
    return [
        json.dumps(block["content"])
        for message in json.loads(shown[-1])["messages"]
        for block in (message["content"] if isinstance(message["content"], list) else ())
        if block.get("type") == "tool_result"
    ]


def test_the_model_is_shown_tokens_files_get_values_and_the_transcript_has_none(session: Session) -> None:
    source, copy = session.work / "people.txt", session.work / "copy.txt"
    source.write_text(f"mail {JANE}\nphone {PHONE}\n")
    session.install()
    shown, said = session.run(
        [
            [call("Read", file_path=str(source))],
            with_token(lambda token: call("Write", file_path=str(copy), content=f"to {token}\n")),
            with_token(lambda token: call("Edit", file_path=str(copy), old_string="to", new_string=f"cc {token} to")),
            [call("Read", file_path=str(copy))],
            [call("Bash", command="cat people.txt", description="x")],
            [call("Bash", command="cat people.txt nothing.txt", description="x")],
            with_token(lambda token: call("Bash", command=f"echo {token}", description="x")),
            [call("Bash", command="cat ~/.config/pii-shield/vault.key", description="x")],
            with_token(lambda token: text(f"I wrote to {token}.")),
        ]
    )
    everything = "\n".join(shown)
    assert JANE not in everything and PHONE not in everything
    assert copy.read_text() == f"cc {JANE} to {JANE}\n"
    read, _, _, again, fine, failed, echoed, key = results(shown)
    assert len(TOKEN.findall(read)) == 2 and len(TOKEN.findall(again)) == 2
    assert len(TOKEN.findall(fine)) == 2
    assert "Exit code 1" in failed and len(TOKEN.findall(failed)) == 2
    assert "PS361" in echoed and "PS360" in key
    assert "Personal data in this server's output is replaced by tokens" in everything
    assert TOKEN.search(said) and JANE not in said
    transcripts = list((session.home / ".claude" / "projects").rglob("*.jsonl"))
    assert transcripts and TOKEN.search(transcripts[0].read_text())
    assert session.files_with(JANE) == {"work/people.txt", "work/copy.txt"}


def test_the_person_at_the_screen_reads_values_and_the_transcript_has_tokens(session: Session) -> None:
    (session.work / "people.txt").write_text(f"mail {JANE}\n")
    session.install(display=True)
    main, side = pty.openpty()

    def attach() -> None:
        fcntl.ioctl(side, termios.TIOCSCTTY, 0)

    turns: list[Turn] = [
        [call("Read", file_path=str(session.work / "people.txt"))],
        with_token(lambda token: text(f"I wrote to {token}.")),
    ]
    shown, _ = session.run(turns, stdout=side, stderr=side, start_new_session=True, preexec_fn=attach)
    os.close(side)
    assert f"I wrote to {JANE}." in os.read(main, 1 << 16).decode()
    os.close(main)
    assert not any(JANE in one for one in shown)
    assert session.files_with(JANE) == {"work/people.txt"}


def test_commands_in_the_background_and_files_behind_an_at(session: Session) -> None:
    (session.work / "people.txt").write_text(f"mail {JANE}\n")
    session.install()
    shown, _ = session.run(
        [
            [call("Bash", command="cat people.txt", description="x", run_in_background=True)],
            lambda body: [call("Read", file_path=re.findall(r"/tmp/claude-[^ \"]*\.output", body)[-1])],
            [text("done")],
        ]
    )
    assert JANE not in "\n".join(shown)
    shown, said = session.run([[text("done")]], "what is in @people.txt ?")
    assert not any(JANE in one for one in shown)
    assert "PS367" in said or not shown


def test_without_a_vault_nothing_is_done_and_nothing_shown(session: Session) -> None:
    (session.work / "people.txt").write_text(f"mail {JANE}\n")
    session.install()
    vault = session.home / ".local/share/pii-shield/vault.db"
    vault.write_bytes(b"this is no database" * 100)
    shown, _ = session.run(
        [
            [call("Read", file_path=str(session.work / "people.txt"))],
            [call("Bash", command="cat people.txt", description="x")],
            [text("done")],
        ]
    )
    assert JANE not in "\n".join(shown)
    assert all("PS4" in result for result in results(shown))


def test_the_canary_says_what_is_so(session: Session) -> None:
    outcome = canary(session.machine, session.claude)
    assert outcome[:1] + outcome[2:4] == (True, False, False)
    session.install()
    outcome = canary(session.machine, session.claude)
    assert outcome.is_fine, outcome
    assert outcome.version == CLIENTS["@anthropic-ai/claude-code"]
    assert not session.files_with("@example.com") - {".claude/settings.json"}
    settings = json.loads(session.settings.read_text())
    session.settings.write_text(json.dumps({**settings, "env": {}}))
    outcome = canary(session.machine, session.claude)
    assert outcome[:1] + outcome[2:4] == (True, True, False)
    assert "NOT PROTECTED" in words(outcome) and "Bash" in words(outcome)


def test_a_canary_that_cannot_fly_claims_nothing(session: Session, tmp_path: Path) -> None:
    for program in ("/no/such/claude", "/bin/false"):
        session.install() if program == "/no/such/claude" else None
        outcome = canary(session.machine, program)
        assert not outcome.ran and not outcome.is_fine
        assert words(outcome).startswith("Not checked, so nothing is claimed")
    assert "not on the PATH" in canary(session.machine._replace(environ={"PATH": "/nowhere"})).why
