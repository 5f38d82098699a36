"""Servers that others wrote, through the shield and without it: what holds nothing personal is the same, byte for byte.

The npm servers speak 2025-11-25, the PyPI ones 2026-07-28 and older; clients are raw pipes, the mcp 2.x SDK in both
eras, and the mcp 1.x SDK in an environment of its own.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from mcp import StdioServerParameters
from mcp.client import Client

from pii_shield import tokens

from .harness import MODERN, Home, Peer, leaks
from .packages import mcp1_python, npm_server
from .servers.planted import Planter

Json = Any
Command = Callable[[Path], list[str]]
CONFIG = '[model]\ninstructions = false\n\n[blobs]\nimages = "pass"\naudio = "pass"\nother = "pass"\n'
AUTHOR = {"name": "Leocadia Featherstone", "email": "leocadia.featherstone@example.com"}
PLAIN = "# Plan\n\n1. build\t2. test — 100 %\r\n3. ship [DONE] v1.20.300\n"


def everything(_: Path) -> list[str]:
    return npm_server("everything")


def memory(_: Path) -> list[str]:
    return npm_server("memory")


def filesystem(folder: Path) -> list[str]:
    return [*npm_server("filesystem"), str(folder)]


def git(folder: Path) -> list[str]:
    return [sys.executable, "-m", "mcp_server_git", "--repository", str(folder)]


def time(_: Path) -> list[str]:
    return [sys.executable, "-m", "mcp_server_time", "--local-timezone", "Europe/Paris"]


def fill(folder: Path) -> None:
    """The files that the servers work on: the same each time, the modification times too."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "plan.md").write_bytes(PLAIN.encode())
    (folder / "data.json").write_text('{"n": 1.50, "big": 12345678901234567890, "ok": [true, null]}', encoding="utf-8")
    identity = {f"GIT_{who}_{key.upper()}": value for who in ("AUTHOR", "COMMITTER") for key, value in AUTHOR.items()}
    dates = {f"GIT_{who}_DATE": "2026-01-05T10:00:00Z" for who in ("AUTHOR", "COMMITTER")}
    environ = {**os.environ, **identity, **dates, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "Begin"]):
        subprocess.run(["git", *arguments], cwd=folder, env=environ, check=True)
    (folder / "plan.md").write_bytes(PLAIN.replace("ship", "release").encode())


class Case(NamedTuple):
    """One server and what is asked of it; FOLDER in an argument stands for the folder with the files."""

    command: Command
    requests: Sequence[tuple[str, Json]]


def tool(name: str, **arguments: Json) -> tuple[str, Json]:
    return "tools/call", {"name": name, "arguments": arguments}


NODE_A = {"name": "project-x", "entityType": "project", "observations": ["uses 3 queues", "ratio 0.25"]}
COMPLETION = {
    "ref": {"type": "ref/prompt", "name": "completable-prompt"},
    "argument": {"name": "department", "value": ""},
}
DYNAMIC = "demo://resource/dynamic"
CASES = {
    "everything": Case(
        everything,
        (
            tool("echo", message='odd \u2028 "text" \\ é 𝄞'),
            tool("get-sum", a=1.5, b=-2),
            tool("get-structured-content", location="Chicago"),
            tool("get-tiny-image"),
            tool("get-resource-links", count=2),
            tool("get-annotated-message", messageType="error", includeImage=True),
            tool("trigger-long-running-operation", duration=0.2, steps=2),
            tool("no-such-tool"),
            ("resources/list", {}),
            ("resources/templates/list", {}),
            ("resources/read", {"uri": "demo://resource/static/document/features.md"}),
            ("resources/read", {"uri": "demo://resource/nowhere"}),
            ("prompts/list", {}),
            ("prompts/get", {"name": "args-prompt", "arguments": {"city": "Paris"}}),
            ("completion/complete", COMPLETION),
            ("logging/setLevel", {"level": "error"}),
            ("ping", {}),
            ("acme/unknown", {"x": [1, 2.50, None]}),
        ),
    ),
    "memory": Case(
        memory,
        (
            tool("create_entities", entities=[NODE_A]),
            tool("add_observations", observations=[{"entityName": "project-x", "contents": ["runs nightly"]}]),
            tool("read_graph"),
            tool("search_nodes", query="project"),
            tool("delete_entities", entityNames=["project-x"]),
        ),
    ),
    "filesystem": Case(
        filesystem,
        (
            tool("list_allowed_directories"),
            tool("read_text_file", path="FOLDER/plan.md"),
            tool("read_text_file", path="FOLDER/plan.md", head=1),
            tool("read_multiple_files", paths=["FOLDER/plan.md", "FOLDER/data.json"]),
            tool("list_directory", path="FOLDER"),
            tool("search_files", path="FOLDER", pattern="*.md"),
            tool("write_file", path="FOLDER/new.txt", content=PLAIN),
            tool("edit_file", path="FOLDER/new.txt", edits=[{"oldText": "build", "newText": "draft"}]),
            tool("read_text_file", path="FOLDER/missing.md"),
        ),
    ),
    "git": Case(
        git,
        (
            tool("git_status", repo_path="FOLDER"),
            tool("git_diff_unstaged", repo_path="FOLDER"),
            tool("git_branch", repo_path="FOLDER", branch_type="local"),
            tool("git_status", repo_path="/nowhere"),
        ),
    ),
    "time": Case(
        time, (tool("convert_time", source_timezone="Europe/Paris", time="16:30", target_timezone="Asia/Kathmandu"),)
    ),
}


def placed(node: Json, folder: Path) -> Json:
    """The node with FOLDER replaced."""
    return json.loads(json.dumps(node).replace("FOLDER", str(folder)))


def strict(node: Json) -> Json:
    """A schema, or anything that holds schemas, without the room that was made for tokens."""
    if isinstance(node, list):
        return [strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    choices = node.get("anyOf")
    if isinstance(choices, list) and len(choices) == 2 and choices[1] == {"type": "string", "pattern": tokens.PATTERN}:
        node = {**choices[0], **{key: value for key, value in node.items() if key != "anyOf"}}
    return {key: strict(value) for key, value in node.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


def raw_lines(case: Case, folder: Path, home: Home, shield: bool) -> list[bytes]:
    """The answers to initialize, tools/list and the case's requests, as bytes."""
    fill(folder)
    command = case.command(folder)
    peer = Peer(home.shielded("server", command) if shield else command, home)
    try:
        peer.initialize()
        peer.request("tools/list")
        for method, params in case.requests:
            peer.request(method, placed(params, folder))
    finally:
        peer.close()
    return [peer.raw(number + 1) for number in range(len(case.requests) + 2)]


@pytest.mark.parametrize("name", CASES)
def test_raw_answers_are_the_same_bytes_but_for_relaxed_schemas(name: str, folder: Path, tmp_path: Path) -> None:
    case = CASES[name]
    direct = raw_lines(case, folder, Home(tmp_path / "direct"), shield=False)
    shielded = raw_lines(case, folder, Home(tmp_path / "shielded", CONFIG), shield=True)
    assert shielded[0] == direct[0]
    assert strict(json.loads(shielded[1])) == json.loads(direct[1])
    for (method, params), ours, theirs in zip(case.requests, shielded[2:], direct[2:], strict=True):
        assert ours == theirs, (method, params)


def test_by_default_the_instructions_gain_one_paragraph_of_at_most_sixty_words(folder: Path, tmp_path: Path) -> None:
    case = CASES["everything"]._replace(requests=())
    direct = json.loads(raw_lines(case, folder, Home(tmp_path / "direct"), shield=False)[0])
    shielded = json.loads(raw_lines(case, folder, Home(tmp_path / "shielded"), shield=True)[0])
    before, after = direct["result"].pop("instructions"), shielded["result"].pop("instructions")
    assert shielded == direct
    assert after.startswith(before) or after.endswith(before)
    assert 0 < len(after.replace(before, "").split()) <= 60


# A file with every kind of finding


def document() -> tuple[str, Planter]:
    """A text that holds every kind of finding in prose, JSON and a table, and texts that look like tokens."""
    plant = Planter("a document")
    parts = [
        "Überblick\t[EMAIL_7K2QF9M36] and [PERSON_0000000A] are not ours; [DONE], EMAIL_PREFERENCES, a~2b",
        plant.prose("prose"),
        plant.json("record"),
        plant.csv("table"),
        "Again: " + " / ".join(plant.value("prose", type) for type in ("EMAIL", "PHONE", "IBAN", "CREDIT_CARD")),
        "Spellings: "
        + plant.value("prose", "EMAIL").upper()
        + " "
        + plant.value("prose", "CREDIT_CARD").replace(" ", ""),
        "https://example.com/?q=" + plant.value("link", "EMAIL").replace("@", "%40"),
        "trailing space \r\n\u2028end without line break",
    ]
    return "\n".join(parts), plant


@pytest.mark.parametrize("tool_name", ["read_text_file", "read_file"])
def test_a_file_with_every_kind_of_finding_comes_back_byte_for_byte(
    tool_name: str, folder: Path, tmp_path: Path
) -> None:
    text, plant = document()
    fill(folder)
    path = folder / "clients.txt"
    path.write_bytes(text.encode())
    home = Home(tmp_path / "shielded")
    peer = Peer(home.shielded("files", filesystem(folder)), home)
    try:
        peer.initialize()
        peer.request("tools/list")
        seen = peer.call(tool_name, {"path": str(path)})["content"][0]["text"]
        path.write_bytes(b"")
        written = peer.call("write_file", {"path": str(path), "content": seen})
    finally:
        peer.close()
    assert not written.get("isError"), written
    assert path.read_bytes() == text.encode()
    assert leaks(peer.received, list(plant.plants.values())) == []


def test_the_author_of_a_commit_is_not_shown(folder: Path, tmp_path: Path) -> None:
    case = Case(git, (tool("git_log", repo_path="FOLDER"), tool("git_show", repo_path="FOLDER", revision="HEAD")))
    direct = b"".join(raw_lines(case, folder, Home(tmp_path / "direct"), shield=False))
    shielded = b"".join(raw_lines(case, folder, Home(tmp_path / "shielded"), shield=True))
    assert AUTHOR["email"].encode() in direct
    assert AUTHOR["email"].encode() not in shielded
    assert AUTHOR["name"].encode() not in shielded


# SDK clients


def tool_calls(case: Case, folder: Path) -> list[tuple[str, Json]]:
    calls = [placed(params, folder) for method, params in case.requests if method == "tools/call"]
    return [(call["name"], call["arguments"]) for call in calls]


async def sdk_session(command: Sequence[str], home: Home, mode: str, calls: Sequence[tuple[str, Json]]) -> Json:
    parameters = StdioServerParameters(command=command[0], args=list(command[1:]), env=home.environ())
    async with Client(parameters, mode=mode) as client:  # type: ignore[arg-type]
        listed = await client.list_tools()
        results = [await client.call_tool(name, arguments) for name, arguments in calls]
        return {
            "version": client.protocol_version,
            "tools": listed.model_dump(mode="json", by_alias=True, exclude_none=True),
            "results": [result.model_dump(mode="json", by_alias=True, exclude_none=True) for result in results],
        }


def without_cache_scope(node: Json) -> Json:
    return {key: value for key, value in node.items() if key != "cacheScope"}


def both(case: Case, folder: Path, tmp_path: Path, talk: Callable[[list[str], Home, Json], Json]) -> tuple[Json, Json]:
    """What one client saw directly, and through the shield."""
    outcomes = []
    for shield in (False, True):
        fill(folder)
        home = Home(tmp_path / ("shielded" if shield else "direct"), CONFIG)
        command = case.command(folder)
        outcome = talk(home.shielded("server", command) if shield else command, home, tool_calls(case, folder))
        outcome["tools"] = without_cache_scope(strict(outcome["tools"]))
        outcomes.append(outcome)
    return outcomes[0], outcomes[1]


# The SDK turns an unknown tool's error into an exception: raw pipes cover that.
SDK_CASES = {
    name: case._replace(requests=[request for request in case.requests if request[1].get("name") != "no-such-tool"])
    for name, case in CASES.items()
}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("name", SDK_CASES)
def test_the_mcp_2_client_sees_the_same_in_both_eras(name: str, mode: str, folder: Path, tmp_path: Path) -> None:
    def talk(command: list[str], home: Home, calls: Json) -> Json:
        return asyncio.run(asyncio.wait_for(sdk_session(command, home, mode, calls), 60))

    direct, shielded = both(SDK_CASES[name], folder, tmp_path, talk)
    assert shielded == direct
    assert (direct["version"] == MODERN) == (mode == "auto" and name in ("git", "time"))


@pytest.mark.parametrize("name", SDK_CASES)
def test_the_mcp_1_client_sees_the_same(name: str, folder: Path, tmp_path: Path) -> None:
    script = [str(mcp1_python()), str(Path(__file__).with_name("mcp1_client.py"))]

    def talk(command: list[str], home: Home, calls: Json) -> Json:
        task = json.dumps({"command": command, "env": home.environ(), "calls": calls})
        ended = subprocess.run(script, input=task, capture_output=True, text=True, check=False, timeout=120)
        assert ended.returncode == 0, ended.stderr[-3000:]
        return json.loads(ended.stdout)

    direct, shielded = both(SDK_CASES[name], folder, tmp_path, talk)
    assert shielded == direct
