"""A session at `/mcp`: what servers ask, say and change on their own, and what the client takes back."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import COMMON, server
from http_kit import MODERN, Client, Service, Upstream, events, hang_up, meta, result_of

SOON = 10.0


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Two servers that do the same under different names of their tools' owners."""
    config = server("left", tools=COMMON, resources=["left://1"]) + server(
        "right", tools=COMMON, resources=["right://1"]
    )
    with Service(tmp_path_factory.mktemp("pair"), config) as running:
        yield running


@pytest.fixture
def client(pair: Service) -> Client:
    client = pair.client("")
    client.initialize()
    client.ask("tools/list")
    return client


def text_of(answer: dict) -> str:
    return answer["result"]["content"][0]["text"]


def begin(client: Client, number: int, tool: str, arguments: Any = None, **more: Any) -> Any:
    """A call whose answer is still to come."""
    params = {"name": tool, "arguments": arguments or {}, **more}
    return client.post({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params})


def modern(client: Client, method: str, number: int, params: dict, **headers: str) -> Any:
    message = {"jsonrpc": "2.0", "id": number, "method": method, "params": {**params, "_meta": meta()}}
    return client.post(message, MCP_Protocol_Version=MODERN, Mcp_Method=method, **headers)


def until(true: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + SOON
    while not (found := true()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def test_two_servers_ask_with_the_same_ids_and_each_gets_its_own_answer(client: Client) -> None:
    streams = {side: events(begin(client, number, f"{side}__ask")) for number, side in ((1, "left"), (2, "right"))}
    asked = {side: next(stream) for side, stream in streams.items()}
    assert {side: question["params"]["message"] for side, question in asked.items()} == {
        "left": "left asks",
        "right": "right asks",
    }
    assert asked["left"]["id"] != asked["right"]["id"]
    for side, question in reversed(asked.items()):
        token = question["params"]["_meta"]["progressToken"]
        progress = {"progressToken": token, "progress": 1}
        client.post({"jsonrpc": "2.0", "method": "notifications/progress", "params": progress}).read()
        result = {"action": "accept", "content": {"x": side}}
        client.post({"jsonrpc": "2.0", "id": question["id"], "result": result}).read()
    for side, stream in streams.items():
        assert json.loads(text_of(next(stream)))["content"] == {"x": side}
    for side in streams:
        heard = json.loads(text_of(client.call(f"{side}__heard")))["heard"]
        assert sum(entry.startswith("progress q") for entry in heard) == 1


def test_an_answer_that_nobody_waits_for_goes_nowhere(client: Client) -> None:
    with client.post({"jsonrpc": "2.0", "id": "q1", "result": {"action": "accept"}}) as response:
        assert response.status == 202


def test_progress_comes_on_the_calls_own_stream(client: Client) -> None:
    found = list(events(begin(client, 5, "left__steps", _meta={"progressToken": "mine"})))
    assert [event["params"]["progressToken"] for event in found[:-1]] == ["mine", "mine"]
    assert found[-1]["id"] == 5


def test_a_cancelled_call_is_cancelled_at_its_server_only(pair: Service, client: Client) -> None:
    waiting = threading.Thread(target=lambda: begin(client, 77, "left__wait"), daemon=True)
    waiting.start()
    until(lambda: json.loads(text_of(client.call("left__heard")))["heard"].count("tools/call") >= 1)
    note = {"requestId": 77, "reason": "enough"}
    client.post({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": note}).read()
    until(lambda: json.loads(text_of(client.call("left__heard")))["cancelled"] == 1)
    assert json.loads(text_of(client.call("right__heard")))["cancelled"] == 0


def test_closing_the_response_cancels_a_stateless_call(pair: Service) -> None:
    client = pair.client("")
    before = json.loads(text_of(client.modern("tools/call", {"name": "right__heard"})))["cancelled"]

    def call() -> None:
        params = {"name": "right__wait", "_meta": meta(progressToken=1)}
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        named = {"Mcp_Method": "tools/call", "Mcp_Name": "right__wait"}
        connection = client.send("POST", json.dumps(message).encode(), MCP_Protocol_Version=MODERN, **named)
        time.sleep(1)
        connection.close()

    call()
    until(lambda: json.loads(text_of(client.modern("tools/call", {"name": "right__heard"})))["cancelled"] > before)


def test_the_own_streams_of_all_servers_are_one_and_changes_in_a_rush_are_told_once(client: Client) -> None:
    stream = client.request("GET")
    came = events(stream)
    time.sleep(0.5)
    for side in ("left", "right"):
        client.call(f"{side}__change", times=20)
    client.ask("resources/subscribe", {"uri": "right://1"})
    found = []
    while not found or found[-1]["method"] != "notifications/resources/updated":
        if len(found) == 1:
            time.sleep(1)
            client.call("right__touch", uri="right://1")
        found.append(next(came))
    changes = [event for event in found if event["method"].endswith("list_changed")]
    assert 1 <= len(changes) <= 3, "of forty"
    assert found[-1]["params"]["uri"] == "right://1"
    hang_up(stream)


def test_a_new_own_stream_takes_the_place_of_the_old_one(client: Client) -> None:
    old = client.request("GET")
    time.sleep(0.3)
    new = client.request("GET")
    assert list(events(old)) == [], "it ends, properly"
    time.sleep(0.5)
    client.call("left__change")
    assert next(events(new))["method"] == "notifications/tools/list_changed"
    hang_up(new)


def test_a_subscription_is_split_and_its_streams_are_one(pair: Service) -> None:
    client = pair.client("")
    wish = {"toolsListChanged": True, "resourceSubscriptions": ["left://1", "right://1"]}
    stream = modern(client, "subscriptions/listen", 9, {"notifications": wish})
    came = events(stream)
    granted = next(came)
    assert granted["method"] == "notifications/subscriptions/acknowledged"
    assert granted["params"]["_meta"] == {"io.modelcontextprotocol/subscriptionId": 9}
    assert granted["params"]["notifications"]["toolsListChanged"] is True
    assert sorted(granted["params"]["notifications"]["resourceSubscriptions"]) == ["left://1", "right://1"]
    for side in ("left", "right"):
        client.modern("tools/call", {"name": f"{side}__touch", "arguments": {"uri": f"{side}://1"}})
        update = next(came)
        assert update["params"]["uri"] == f"{side}://1"
        assert update["params"]["_meta"] == {"io.modelcontextprotocol/subscriptionId": 9}
    hang_up(stream)


def test_a_session_is_its_principals(pair: Service, client: Client) -> None:
    eve = pair.client("", pair.run("--issue", "eve").stdout.strip())
    eve.session = client.session
    assert eve.ask("tools/list")["error"]
    with eve.request("GET") as response:
        assert response.status == 404
    with eve.request("DELETE") as response:
        assert response.status == 404


def test_ending_the_session_ends_it_everywhere(pair: Service) -> None:
    client = pair.client("")
    client.initialize()
    client.ask("tools/list")
    with client.request("DELETE") as response:
        assert response.status == 200
    with client.post({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}) as response:
        assert response.status == 404


def said(side: str, text: str) -> dict:
    return {"method": "tools/call", "params": {"name": f"{side}__say", "arguments": {"text": text}}}


def test_a_batch_is_answered_message_by_message(client: Client) -> None:
    batch = [
        {"jsonrpc": "2.0", "id": 1, "method": "ping"},
        {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "tools/call",
            "params": {"name": "left__say", "arguments": {"text": "a"}},
        },
        {"jsonrpc": "2.0", "method": "notifications/roots/list_changed"},
        {
            "jsonrpc": "2.0",
            "id": 3,
            "method": "tools/call",
            "params": {"name": "right__say", "arguments": {"text": "b"}},
        },
    ]
    found = {event["id"]: event["result"] for event in events(client.post(batch))}
    assert found[1] == {}
    assert (found[2]["content"][0]["text"], found[3]["content"][0]["text"]) == ("a", "b")
    assert "notifications/roots/list_changed" in json.loads(text_of(client.call("left__heard")))["heard"]
    with client.request("POST", b"[]") as response:
        assert response.status == 400


# servers that are late, lost or old


def test_a_server_that_forgot_the_session_gets_a_new_one(tmp_path: Path, upstream: Upstream) -> None:
    sessions: list[str] = []
    everything = {"tools": [{"name": "t", "inputSchema": {"type": "object"}}], "content": []}

    async def answer(request: Any, body: bytes) -> Any:
        from aiohttp import web

        message = json.loads(body) if body else {}
        method = message.get("method")
        if method == "initialize":
            sessions.append(f"s{len(sessions)}")
            hello = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": {"name": "x"}}
            return await result_of(hello, Mcp_Session_Id=sessions[-1])(request, body)
        if request.method == "POST" and request.headers.get("Mcp-Session-Id") != sessions[-1]:
            return web.Response(status=404)
        return await result_of(everything)(request, body)

    upstream.answer = answer
    with Service(tmp_path, f'[servers.forgets]\nurl = "{upstream.url}"\n' + server("other", tools=["o"])) as service:
        client = service.client("")
        client.initialize()
        assert [tool["name"] for tool in client.ask("tools/list")["result"]["tools"]] == ["t", "o"]
        sessions.append("another")
        assert client.call("t")["result"] == everything
        assert len(sessions) == 3
        note = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "nobody's"}}
        client.post(note).read()
        assert not any(b"cancelled" in body for _, _, body in upstream.requests), "nobody was asked this"


def test_a_server_that_hangs_stops_nobody_nor_does_one_whose_list_never_ends(tmp_path: Path) -> None:
    hangs = server("hangs", tools=["mine"], silent="tools/list")
    with Service(tmp_path, hangs + server("works", tools=["yours"], endless=True)) as service:
        client = service.client("")
        begin_ = time.monotonic()
        client.initialize()
        assert {tool["name"] for tool in client.ask("tools/list")["result"]["tools"]} == {"yours"}
        assert time.monotonic() - begin_ < 20
        again = time.monotonic()
        assert {tool["name"] for tool in client.ask("tools/list")["result"]["tools"]} == {"yours"}
        assert time.monotonic() - again < 5, "it does not cost every list as long"
        assert json.loads(text_of(client.call("yours")))["server"] == "works"
        assert service.stderr.count("hangs: ") == 1


def test_a_server_that_needs_sessions_makes_it_a_server_with_sessions(tmp_path: Path) -> None:
    with Service(tmp_path, server("old", tools=["a"], legacy=True) + server("new", tools=["b"], many=1500)) as service:
        client = service.client("")
        assert client.modern("server/discover")["error"]["code"] == -32601
        client.initialize()
        first = client.ask("tools/list")["result"]
        assert len(first["tools"]) == 1000
        rest = client.ask("tools/list", {"cursor": first["nextCursor"]})["result"]
        names = [tool["name"] for tool in (*first["tools"], *rest["tools"])]
        assert names == ["a", "b", *(f"t{n}" for n in range(1500))]
        assert "nextCursor" not in rest
        for forged in ("1000", first["nextCursor"] + "0", first["nextCursor"].replace("tools", "prompts")):
            assert client.ask("tools/list", {"cursor": forged})["error"]["code"] == -32602
        eve = service.client("", service.run("--issue", "eve").stdout.strip())
        eve.initialize()
        assert eve.ask("tools/list", {"cursor": first["nextCursor"]})["error"]["code"] == -32602
