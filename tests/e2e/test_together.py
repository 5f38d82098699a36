"""Servers that others wrote, all at once behind `/mcp`, with the SDK's client in both eras: their tools side by side,
their data kept apart by the same policy as when each is asked alone."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import types
from mcp.client import Client

from .harness import Home
from .packages import npm_server

NAME, MAIL = "Leocadia Featherstone", "leocadia.featherstone@example.com"
OFFERING = Path(__file__).parents[1] / "proxy" / "http" / "aggregate" / "offering.py"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`pii-shield serve` in front of two Node servers, two Python ones and two of ours that share a tool's name."""
    folder = tmp_path_factory.mktemp("together")
    home, repository = Home(folder / "machine"), folder / "repository"
    git = ["git", "-C", str(repository), "-c", f"user.name={NAME}", "-c", f"user.email={MAIL}"]
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "begin"], check=True)
    python = [sys.executable, "-m"]
    commands = {
        "everything": npm_server("everything"),
        "memory": npm_server("memory"),
        "git": [*python, "mcp_server_git", "--repository", str(repository)],
        "clock": [*python, "mcp_server_time"],
        "crm": [sys.executable, str(OFFERING), "crm", json.dumps({"tools": ["echo", "mail"], "mail": f"to {MAIL}"})],
        "stranger": [sys.executable, str(OFFERING), "stranger", json.dumps({"tools": ["mail", "say"], "mail": "none"})],
    }
    tables = "".join(f"[servers.{name}]\ncommand = {json.dumps(words)}\n" for name, words in commands.items())
    home.config.write_text(tables)
    options = ["--config", str(home.config), "--vault", str(home.vault), "--port", "0", "--no-auth"]
    command = [sys.executable, "-m", "pii_shield", "serve", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=home.environ())
    assert process.stderr
    found = re.search(r"http://\S+", process.stderr.readline())
    assert found
    yield found[0]
    process.terminate()
    process.wait(30)
    process.stderr.close()


async def answer_form(_: Any, params: Any) -> types.ElicitResult:
    properties = params.requested_schema.get("properties", {})
    return types.ElicitResult(action="accept", content=dict.fromkeys(properties, "typed") if properties else {})


def said(result: Any) -> str:
    return "\n".join(block.text for block in result.content if block.type == "text")


def test_a_client_finds_every_servers_tools_and_they_do_their_work(url: str) -> None:
    async def work() -> None:
        # One of them needs sessions, so the client ends up in a session with all of them.
        async with Client(f"{url}/mcp", elicitation_callback=answer_form) as client:
            assert client.protocol_version == "2025-11-25"
            names = {tool.name for tool in (await client.list_tools()).tools}
            assert {"get-sum", "create_entities", "git_log", "get_current_time"} <= names
            assert {"crm__echo", "everything__echo", "crm__mail", "stranger__mail"} <= names
            assert "5" in said(await client.call_tool("get-sum", {"a": 2, "b": 3}))
            assert "Europe/Paris" in said(await client.call_tool("get_current_time", {"timezone": "Europe/Paris"}))
            entity = {"name": "plan", "entityType": "note", "observations": ["ready"]}
            await client.call_tool("create_entities", {"entities": [entity]})
            assert "ready" in said(await client.call_tool("read_graph", {}))
            assert len((await client.list_resources()).resources) >= 1
            assert {prompt.name for prompt in (await client.list_prompts()).prompts} >= {"simple-prompt"}
            steps: list[float] = []

            async def progress(done: float, *_: Any) -> None:
                steps.append(done)

            long = {"duration": 1, "steps": 2}
            await client.call_tool("trigger-long-running-operation", long, progress_callback=progress)
            assert steps

    asyncio.run(asyncio.wait_for(work(), 60))


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
def test_a_value_goes_only_where_it_might_go_from_the_servers_own_address(url: str, mode: str) -> None:
    async def work() -> None:
        async with Client(f"{url}/mcp", mode=mode) as together, Client(f"{url}/servers/stranger/mcp") as alone:
            (token,) = re.findall(r"\[EMAIL_\w+\]", said(await together.call_tool("crm__mail", {})))
            assert token in said(await together.call_tool("crm__echo", {"to": token})), "its own server has it"
            refused = [await together.call_tool("say", {"text": token}), await alone.call_tool("say", {"text": token})]
            assert all(result.is_error for result in refused)
            assert said(refused[0]) == said(refused[1])
            assert MAIL not in said(refused[0])

    asyncio.run(asyncio.wait_for(work(), 60))


def test_a_stateless_client_finds_the_servers_of_its_era(url: str) -> None:
    async def work() -> None:
        async with Client(f"{url}/mcp", mode="2026-07-28") as client:
            names = {tool.name for tool in (await client.list_tools()).tools}
            assert {"git_log", "get_current_time", "say"} <= names
            assert "Europe/Paris" in said(await client.call_tool("get_current_time", {"timezone": "Europe/Paris"}))

    asyncio.run(asyncio.wait_for(work(), 60))
