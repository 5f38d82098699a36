"""`/mcp` in both eras: everything of every server, each call to the right one."""

import json
from typing import Any

import pytest
from http_kit import Client, Service

Ask = Any


def text_of(answer: dict) -> str:
    return answer["result"]["content"][0]["text"]


@pytest.fixture(params=["modern", "legacy"])
def ask(request: pytest.FixtureRequest, together: Service) -> Ask:
    """Asks /mcp, in one era and the other."""
    client = together.client("")
    if request.param == "modern":
        return client.modern
    client.initialize()
    return client.ask


def called(ask: Ask, name: str, **arguments: object) -> dict:
    return json.loads(text_of(ask("tools/call", {"name": name, "arguments": arguments})))


def test_tools_of_all_servers_are_listed_and_those_of_two_are_prefixed(ask: Ask) -> None:
    tools = {tool["name"]: tool["description"] for tool in ask("tools/list")["result"]["tools"]}
    assert tools["one__search"] == "search of one"
    assert tools["two__search"] == "search of two"
    assert tools["two__one__search"] == "one__search of two", "it would have taken the place of another one"
    assert tools["only_one"] == "only_one of one"
    assert "search" not in tools


@pytest.mark.parametrize(
    ("name", "server", "own"),
    [
        ("only_one", "one", "only_one"),
        ("only_two", "two", "only_two"),
        ("one__search", "one", "search"),
        ("two__search", "two", "search"),
        ("two__one__search", "two", "one__search"),
    ],
)
def test_a_call_reaches_its_server_under_the_servers_own_name(ask: Ask, name: str, server: str, own: str) -> None:
    assert called(ask, name, to="x") == {"server": server, "tool": own, "arguments": {"to": "x"}}


def test_a_name_of_two_servers_is_nobodys(ask: Ask) -> None:
    error = ask("tools/call", {"name": "search", "arguments": {}})["error"]
    assert error["code"] == -32602
    assert "one__search, two__search" in error["message"]
    ask("tools/list")
    unknown = ask("tools/call", {"name": "nothing", "arguments": {}})["error"]
    assert unknown == {"code": -32602, "message": "there is no such tool; not there just now: missing, nowhere"}


def test_prompts(ask: Ask) -> None:
    assert {prompt["name"] for prompt in ask("prompts/list")["result"]["prompts"]} == {"hi", "one__greet", "two__greet"}
    answer = ask("prompts/get", {"name": "two__greet"})
    assert answer["result"]["messages"][0]["content"]["text"] == "greet of two"
    completed = ask("completion/complete", {"ref": {"type": "ref/prompt", "name": "one__greet"}, "argument": {}})
    who, ref = completed["result"]["completion"]["values"]
    assert (who, json.loads(ref)["name"]) == ("one", "greet")


def test_resources(ask: Ask) -> None:
    uris = [resource["uri"] for resource in ask("resources/list")["result"]["resources"]]
    both = ["mcp-server:///one/file:///both", "mcp-server:///two/file:///both"]
    assert sorted(uris) == sorted([*both, "one://a", "two://a", "jobs://a"])
    for uri, server in zip(both, ("one", "two"), strict=True):
        (content,) = ask("resources/read", {"uri": uri})["result"]["contents"]
        assert content == {"uri": uri, "text": f"file:///both at {server}"}
    for uri, server in (("two://a", "two"), ("one://7/x", "one"), ("two://unlisted", "two")):
        assert ask("resources/read", {"uri": uri})["result"]["contents"][0]["text"] == f"{uri} at {server}"
    assert ask("resources/read", {"uri": "file:///both"})["error"]["data"] == {"uri": "file:///both"}


def test_a_linked_resource_is_its_servers(ask: Ask) -> None:
    linked = ask("tools/call", {"name": "link", "arguments": {"uri": "jobs://linked"}})
    uri = linked["result"]["content"][0]["uri"]
    assert ask("resources/read", {"uri": uri})["result"]["contents"][0]["text"] == "jobs://linked at jobs"
    foreign = ask("tools/call", {"name": "link", "arguments": {"uri": "one://a"}})["result"]["content"][0]["uri"]
    assert foreign == "mcp-server:///jobs/one://a"
    assert ask("resources/read", {"uri": "one://a"})["result"]["contents"][0]["text"] == "one://a at one"


def test_a_task_is_its_servers_and_its_handle_nobody_elses(ask: Ask, together: Service) -> None:
    task = ask("tools/call", {"name": "job", "arguments": {}, "task": {}})["result"]["task"]["taskId"]
    state = ask("tasks/get", {"taskId": task})["result"]
    assert state["statusMessage"] == "1 at jobs"
    assert state["taskId"] == task
    for forged in ("1", task.replace("jobs", "one"), task + "0"):
        assert ask("tasks/get", {"taskId": forged})["error"]["code"] == -32602
    other = together.client("", together.run("--issue", "eve").stdout.strip())
    assert other.modern("tasks/get", {"taskId": task})["error"]["code"] == -32602


def test_an_unknown_method_goes_nowhere(ask: Ask) -> None:
    assert ask("x/y")["error"]["code"] == -32601


def test_dead_servers_are_said_once_and_missing(together: Service, ask: Ask) -> None:
    for _ in range(3):
        assert ask("tools/list")["result"]["tools"]
    assert together.stderr.count("nowhere: is not there; /mcp goes on without it") <= 2
    metrics = together.client("").request("GET", path="/metrics").read().decode()
    assert 'pii_shield_upstream_errors_total{server="nowhere"}' in metrics
    assert 'pii_shield_requests_total{server="/mcp",method="POST",status="200"}' in metrics


# what a connection is told first


def test_initialize_joins_what_the_servers_say(together: Service) -> None:
    client = together.client("")
    result = client.initialize()["result"]
    assert result["protocolVersion"] == "2025-11-25"
    assert result["serverInfo"]["name"] == "pii_shield"
    assert result["capabilities"].keys() == {"tools", "prompts", "resources", "logging", "completions"}
    assert "## one\n\nInstructions of one.\n\n## two" in result["instructions"]
    assert result["instructions"].count("Copy tokens exactly") == 1


def test_discover_joins_what_the_servers_say(stateless: Client) -> None:
    result = stateless.modern("server/discover")["result"]
    assert result["supportedVersions"] == ["2026-07-28"]
    assert (result["ttlMs"], result["cacheScope"], result["resultType"]) == (0, "private", "complete")
    assert result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "pii_shield"
    assert "experimental" not in result["capabilities"]
    listed = stateless.modern("tools/list")["result"]
    assert (listed["ttlMs"], listed["cacheScope"], listed["resultType"]) == (0, "private", "complete")


def test_headers_that_do_not_agree_are_refused_here_too(stateless: Client) -> None:
    answer = stateless.ask("tools/list", {"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}})
    assert answer["error"]["code"] == -32020


def test_request_states_go_back_to_who_gave_them(stateless: Client) -> None:
    call = {"name": "rounds", "arguments": {}}
    asked = stateless.modern("tools/call", call)["result"]
    state = asked["requestState"]
    assert asked["inputRequests"].keys() == {"who"}
    answered = {**call, "requestState": state, "inputResponses": {"who": {"action": "accept", "content": {}}}}
    got = json.loads(text_of(stateless.modern("tools/call", answered)))
    assert got == {"state": "state of jobs", "got": answered["inputResponses"]}
    elsewhere = {**answered, "name": "only_one"}
    assert stateless.modern("tools/call", elsewhere)["error"]["code"] == -32602
    for forged in ("state of jobs", state[:-1], state.replace("jobs", "one")):
        assert stateless.modern("tools/call", {**answered, "requestState": forged})["error"]["code"] == -32602
