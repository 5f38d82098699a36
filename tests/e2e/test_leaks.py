"""No planted value reaches the client's side, whatever place of the protocol the server puts it in."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from .harness import LEGACY, MODERN, SERVERS, Home, Peer, leaks, planted_rows

Json = Any
SHARED_SURFACES = """
    instructions; capabilities experimental; tool title; tool description; tool annotations title; tool icon;
    tool _meta; tool name; schema description; schema examples; schema default; schema enum; schema enum 2;
    schema const; schema property; schema title; outputSchema description; tools/list cursor; resources/list cursor;
    resource uri; resource name; resource title; resource description; resource _meta; uriTemplate; template name;
    template title; template description; prompt argument title; prompt argument; prompt title; prompt description;
    prompt name; resource text; resource json text; resource csv text; resource text blob; resource json blob;
    resource binary blob; resource untyped blob; contents _meta; prompt message; prompt embedded text;
    prompts/get description; completion; progress message; tool text; tool json text; tool csv text; percent-encoded;
    base64 inside text; json inside json; content _meta; unknown content field; unknown content type;
    unknown result field; structuredContent; structuredContent numbers; object key; object key 2; link name; link title;
    link description; embedded text; embedded blob; image; audio; isError text; error message; error data; stderr;
    stderr at start; logger; log text; log record; cancel reason; task status; unknown notification; stdout noise;
    broken json line; answer nobody asked for; elicitation default; elicitation title; elicitation field;
    elicitation enum; sampling tool_result; sampling message; tool_use; sampling systemPrompt; sampling stop;
    sampling metadata; elicitation message; url elicitation; roots _meta; unknown server request;
    tasks/get statusMessage; unknown method; unknown method error
"""
ERA_SURFACES = {
    LEGACY: "serverInfo title; serverInfo description; initialize _meta",
    MODERN: "modern serverInfo title; modern serverInfo description; requestState",
}
TYPES = {"EMAIL", "PHONE", "CREDIT_CARD", "IBAN", "US_SSN", "SECRET", "PASSWORD", "PERSON", "ADDRESS", "DOB"}


def surfaces(era: str) -> set[str]:
    return {name.strip() for name in f"{SHARED_SURFACES};{ERA_SURFACES[era]}".split(";")}


class Talk(NamedTuple):
    """One whole conversation with the leaky server: the client's bytes, and the server's private records."""

    client: Peer
    server: Path
    home: Home
    answers: dict[str, Json]


def meta(era: str, **more: Json) -> Json:
    prefix = "io.modelcontextprotocol/"
    modern = {f"{prefix}protocolVersion": MODERN, f"{prefix}clientCapabilities": {"elicitation": {}, "sampling": {}}}
    return {"_meta": {**(modern if era == MODERN else {}), **more}}


def talk(era: str, peer: Peer) -> dict[str, Json]:
    """Ask for everything that the server has."""
    if era == LEGACY:
        answers = {"hello": peer.initialize(elicitation={"form": {}, "url": {}}, sampling={}, roots={})}
    else:
        answers = {"hello": peer.request("server/discover", meta(era))}

    def ask(name: str, method: str, /, **params: Json) -> Json:
        answers[name] = peer.request(method, {**params, **meta(era, **params.pop("meta", {}))})
        return answers[name].get("result", {})

    tools = ask("tools/list", "tools/list")
    if "nextCursor" in tools:
        ask("more tools", "tools/list", cursor=tools["nextCursor"])
    resources = ask("resources/list", "resources/list")
    if "nextCursor" in resources:
        ask("more resources", "resources/list", cursor=resources["nextCursor"])
    ask("resources/templates/list", "resources/templates/list")
    ask("resources/read", "resources/read", uri=resources["resources"][0]["uri"])
    ask("prompts/list", "prompts/list")
    ask("prompts/get", "prompts/get", name="greet", arguments={"who": "you"})
    reference = {"type": "ref/prompt", "name": "greet"}
    ask("completion", "completion/complete", ref=reference, argument={"name": "who", "value": ""})
    for tool in ("result", "structured", "files", "fail", "broken"):
        ask(tool, "tools/call", name=tool, arguments={})
    ask("busy", "tools/call", name="busy", arguments={}, meta={"progressToken": "p1"})
    asked = ask("ask", "tools/call", name="ask", arguments={})
    if "requestState" in asked:
        replies = {key: reply(question) for key, question in asked["inputRequests"].items()}
        again = {"inputResponses": replies, "requestState": asked["requestState"]}
        ask("ask again", "tools/call", name="ask", arguments={}, **again)
    ask("tasks/get", "tasks/get", taskId="t1")
    ask("unknown", "acme/export")
    ask("nothing", "acme/nothing")
    return answers


def reply(question: Json) -> Json:
    """A client that gives back what it was offered: defaults, enum members, the text of a message."""
    if question["method"] == "elicitation/create" and "requestedSchema" in question["params"]:
        form = question["params"]["requestedSchema"]["properties"]
        return {"action": "accept", "content": {"email": default_of(form["email"]), "who": form["who"]["enum"][0]}}
    return {"action": "accept"}


def default_of(schema: Json) -> Json:
    return schema["default"] if "default" in schema else schema["anyOf"][0]["default"]


@pytest.fixture(scope="module", params=[LEGACY, MODERN])
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def conversation(era: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    folder = tmp_path_factory.mktemp("leaks")
    server, home = folder / "server", Home(folder / "machine")
    server.mkdir()
    command = [sys.executable, str(SERVERS / "leaky.py"), f"seed {era}", str(server)]
    peer = Peer(home.shielded("leaky", command), home)
    peer.answer = lambda message: {"result": reply(message)}
    try:
        answers = talk(era, peer)
    finally:
        peer.close()
    yield Talk(peer, server, home, answers)


def said(server: Path) -> bytes:
    return (server / "said").read_bytes() + (server / "errors").read_bytes()


def test_every_surface_carried_planted_values_of_every_type(conversation: Talk, era: str) -> None:
    rows = planted_rows(conversation.server)
    assert {row[0] for row in rows} == surfaces(era)
    assert {row[1] for row in rows} == TYPES
    assert {leak.surface for leak in leaks(said(conversation.server), rows)} == surfaces(era)


def test_no_planted_value_is_on_the_client_side(conversation: Talk) -> None:
    assert leaks(conversation.client.received, planted_rows(conversation.server)) == []


def test_no_planted_value_is_on_stderr(conversation: Talk) -> None:
    assert leaks(conversation.client.errors, planted_rows(conversation.server)) == []


def test_the_servers_stderr_is_shown_with_masks(conversation: Talk) -> None:
    assert b"starting, contact " in conversation.client.errors
    assert b"[EMAIL]" in conversation.client.errors


def test_no_file_that_was_written_holds_a_planted_value(conversation: Talk) -> None:
    rows = planted_rows(conversation.server)
    files = [file for file in conversation.home.files() if file.stat().st_size]
    assert len(files) >= 2  # the vault and its key at least, so that the search is not about nothing
    assert {str(file): leaks(file.read_bytes(), rows) for file in files} == {str(file): [] for file in files}


def test_every_line_on_the_client_side_is_json_rpc(conversation: Talk) -> None:
    lines = [json.loads(line) for line in conversation.client.received.splitlines()]
    assert all(line["jsonrpc"] == "2.0" for line in lines)


def test_every_request_was_answered(conversation: Talk) -> None:
    failed = {name for name, answer in conversation.answers.items() if "error" in answer}
    assert failed == {"broken", "nothing"}


def test_cursors_and_request_state_came_back_to_the_server_exactly(conversation: Talk, era: str) -> None:
    if era == MODERN:
        assert conversation.answers["ask again"]["result"]["content"][0]["text"] == "state came back"
    assert conversation.answers["more tools"]["result"]["tools"] == []
    assert conversation.answers["more resources"]["result"]["resources"] == []


def received(server: Path) -> list[Json]:
    return [json.loads(line) for line in (server / "received").read_bytes().splitlines()]


def planted(conversation: Talk, surface: str, type: str) -> str:
    return next(row[2] for row in planted_rows(conversation.server) if row[:2] == [surface, type])


def test_the_server_received_the_uri_it_had_listed(conversation: Talk) -> None:
    reads = [message for message in received(conversation.server) if message.get("method") == "resources/read"]
    email = planted(conversation, "resource uri", "EMAIL")
    assert [message["params"]["uri"] for message in reads] == [f"crm://contacts/{email}/card"]


def test_answers_to_the_servers_questions_arrive_with_the_values(conversation: Talk, era: str) -> None:
    messages = received(conversation.server)
    if era == LEGACY:
        answer = next(message["result"] for message in messages if message.get("id") == "q-form")
    else:
        answer = next(
            m["params"]["inputResponses"]["q-form"] for m in messages if "inputResponses" in m.get("params", {})
        )
    assert answer["content"] == {
        "email": planted(conversation, "elicitation default", "EMAIL"),
        "who": planted(conversation, "elicitation enum", "EMAIL"),
    }


def test_tools_and_prompts_whose_names_hold_a_value_are_withheld(conversation: Talk) -> None:
    tools = [tool["name"] for tool in conversation.answers["tools/list"]["result"]["tools"]]
    assert tools == ["result", "structured", "files", "fail", "broken", "busy", "ask"]
    assert [prompt["name"] for prompt in conversation.answers["prompts/list"]["result"]["prompts"]] == ["greet"]


def test_text_and_structured_content_of_one_result_agree(conversation: Talk) -> None:
    result = conversation.answers["structured"]["result"]
    assert json.loads(result["content"][0]["text"]) == json.loads(json.dumps(result["structuredContent"]))


def test_a_cacheable_result_is_made_private(conversation: Talk, era: str) -> None:
    scopes = {a["result"].get("cacheScope") for a in conversation.answers.values() if "result" in a}
    assert "public" not in scopes


def test_binary_blobs_are_blocked_and_say_so(conversation: Talk) -> None:
    kinds = [block["type"] for block in conversation.answers["files"]["result"]["content"]]
    assert kinds == ["resource_link", "resource", "resource", "text", "text"]
