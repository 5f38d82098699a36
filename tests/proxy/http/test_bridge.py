"""A server on stdio behind `serve`: sessions and stateless clients, each with its own view of a process."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from http_kit import MODERN, Client, Service, events, hang_up, meta


def text_of(answer: dict) -> str:
    return answer["result"]["content"][0]["text"]


@pytest.fixture
def pipe(service: Service) -> Client:
    client = service.client("pipe")
    client.initialize()
    return client


def modern_call(client: Client, tool: str, arguments: dict | None = None, **more: object) -> object:
    """A stateless call whose response is still to be read."""
    params = {"name": tool, "arguments": arguments or {}, "_meta": meta(**more)}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    return client.post(message, MCP_Protocol_Version=MODERN, Mcp_Method="tools/call", Mcp_Name=tool)


def test_each_session_has_a_process_of_its_own(service: Service) -> None:
    pids = set()
    for _ in range(2):
        client = service.client("pipe")
        client.initialize()
        pids |= {text_of(client.call("pid")) for _ in range(2)}
    assert len(pids) == 2


def test_sessions_of_one_principal_share_a_process_if_the_configuration_says_so(service: Service) -> None:
    answers, pids = [], set()
    for _ in range(3):
        client = service.client("shared")
        answers.append(client.initialize())
        pids.add(text_of(client.call("pid")))
    assert len(pids) == 1
    assert all(answer["result"] == answers[0]["result"] for answer in answers)


def test_principals_never_share_a_process(service: Service) -> None:
    token = service.run("--issue", "somebody-else", "--scope", "elsewhere").stdout.strip()
    pids = set()
    for client in (service.client("shared"), service.client("shared", token)):
        pids.add(text_of(client.modern("tools/call", {"name": "pid", "arguments": {}})))
        client.initialize()
        pids.add(text_of(client.call("pid")))
    assert len(pids) == 4, "nor do sessions and stateless clients"


def test_the_client_sees_tokens_and_the_server_gets_values(pipe: Client) -> None:
    token = text_of(pipe.call("mail")).removeprefix("write to ")
    assert token.startswith("[EMAIL_")
    upstream_saw = json.loads(text_of(pipe.call("echo", to=token, word="w")))["arguments"]
    assert upstream_saw["word"] == "w"
    assert upstream_saw["to"] == token, "what the client wrote comes back protected"
    assert text_of(pipe.call("big", size=len("jane@corp.com"))) == "x" * 13


def test_ids_of_clients_that_share_a_process_do_not_meet(service: Service) -> None:
    client = service.client("pipe")
    with ThreadPoolExecutor(8) as threads:
        sizes = list(range(1000, 1040))
        responses = threads.map(lambda size: modern_call(client, "big", {"size": size}), sizes)
        answers = [json.loads(response.read()) for response in responses]  # type: ignore[attr-defined]
    assert [len(text_of(answer)) for answer in answers] == sizes
    assert {answer["id"] for answer in answers} == {1}


def test_progress_reaches_who_asked_for_it_under_the_token_they_chose(service: Service) -> None:
    client = service.client("pipe")
    streams = [modern_call(client, "steps", progressToken=token) for token in ("a", "a", 7)]
    for stream, token in zip(streams, ("a", "a", 7), strict=True):
        *steps, last = events(stream)  # type: ignore[arg-type]
        assert [step["params"]["progress"] for step in steps] == [1, 2]
        assert {step["params"]["progressToken"] for step in steps} == {token}
        assert text_of(last) == "done"


def test_hanging_up_on_a_stateless_request_cancels_it(service: Service) -> None:
    client = service.client("pipe")
    before = int(text_of(json.loads(modern_call(client, "cancelled").read())))  # type: ignore[attr-defined]
    thread = threading.Thread(target=_call_and_hang_up, args=(client,))
    thread.start()
    thread.join()
    deadline = time.monotonic() + 10
    while int(text_of(json.loads(modern_call(client, "cancelled").read()))) == before:  # type: ignore[attr-defined]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _call_and_hang_up(client: Client) -> None:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=10)
    params = {"name": "wait", "arguments": {}, "_meta": meta()}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
    headers = {"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/call", "Mcp-Name": "wait"}
    connection.request("POST", client.path, body, {**headers, "Authorization": f"Bearer {client.token}"})
    time.sleep(0.3)
    connection.close()


@pytest.mark.parametrize(
    ("header", "value"),
    [("Mcp_Method", "tools/list"), ("Mcp_Name", "other"), ("MCP_Protocol_Version", "2026-07-29"), ("Mcp_Name", None)],
)
def test_headers_that_contradict_a_stateless_message_are_refused(
    service: Service, header: str, value: str | None
) -> None:
    headers = {"MCP_Protocol_Version": MODERN, "Mcp_Method": "tools/call", "Mcp_Name": "pid"}
    headers = {name: text for name, text in {**headers, header: value}.items() if text is not None}
    params = {"name": "pid", "arguments": {}, "_meta": meta()}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    with service.client("pipe").post(message, **headers) as response:
        assert response.status == 400
        assert json.loads(response.read())["error"]["code"] == -32020


def test_an_argument_that_a_header_mirrors_has_to_agree_with_it(service: Service) -> None:
    client = service.client("pipe")
    client.modern("tools/list")
    wrong = client.modern("tools/call", {"name": "echo", "arguments": {"region": "eu"}}, Mcp_Param_Region="us")
    right = client.modern("tools/call", {"name": "echo", "arguments": {"region": "eu"}}, Mcp_Param_Region="eu")
    assert wrong["error"]["code"] == -32020
    assert "eu" in text_of(right)


def test_an_unknown_method_is_a_404_for_stateless_clients(service: Service) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "no/such", "params": {"_meta": meta()}}
    with service.client("pipe").post(message, MCP_Protocol_Version=MODERN, Mcp_Method="no/such") as response:
        assert response.status == 404
        assert json.loads(response.read())["error"]["code"] == -32601


def test_a_cancelled_request_of_a_session_ends_also_if_the_server_says_no_more(pipe: Client) -> None:
    call = {"jsonrpc": "2.0", "id": 70, "method": "tools/call", "params": {"name": "wait", "arguments": {}}}
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(lambda: json.loads(pipe.post(call).read()))
        time.sleep(0.5)
        cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 70}}
        pipe.post(cancel).read()
        assert waiting.result(10)["error"]["message"] == "the client cancelled the request"
    assert text_of(pipe.call("cancelled")) == "1"


def test_a_number_that_python_would_not_read_is_a_number_like_any_other(pipe: Client) -> None:
    digits = "7" * 6000
    body = b'{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"big","arguments":{"size":3,"n":%s}}}'
    answer = json.loads(pipe.request("POST", body % digits.encode()).read())
    assert (answer["id"], text_of(answer)) == (5, "xxx")


def test_open_sessions_are_counted(service: Service) -> None:
    def open_sessions() -> int:
        text = service.client("pipe").request("GET", path="/metrics").read().decode()
        return int(text.partition('pii_shield_sessions{server="pipe"} ')[2].split("\n")[0])

    client = service.client("pipe")
    client.initialize()
    before = open_sessions()
    client.request("DELETE").read()
    assert open_sessions() == before - 1


def test_lists_are_private(service: Service) -> None:
    assert service.client("pipe").modern("tools/list")["result"]["cacheScope"] == "private"


def test_a_question_of_the_server_goes_to_the_stream_of_the_call_that_raised_it(pipe: Client) -> None:
    call = {"jsonrpc": "2.0", "id": 9, "method": "tools/call", "params": {"name": "ask", "arguments": {}}}
    stream = events(pipe.post(call))
    question = next(stream)
    assert question["method"] == "elicitation/create"
    answer = {"jsonrpc": "2.0", "id": question["id"], "result": {"action": "accept", "content": {"a": 1}}}
    with pipe.post(answer) as response:
        assert response.status == 202
    (last,) = stream
    assert json.loads(text_of(last)) == {"action": "accept", "content": {"a": 1}}
    assert last["id"] == 9


def test_what_concerns_everybody_goes_to_the_sessions_stream_also_if_it_opens_later(pipe: Client) -> None:
    pipe.call("change")
    stream = pipe.request("GET")
    assert next(events(stream))["method"] == "notifications/tools/list_changed"
    pipe.call("change")
    assert next(events(stream))["method"] == "notifications/tools/list_changed"
    hang_up(stream)


def test_a_batch_is_answered_message_by_message(pipe: Client) -> None:
    batch = [
        {"jsonrpc": "2.0", "id": "a", "method": "tools/list"},
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 99}},
        {"jsonrpc": "2.0", "id": "b", "method": "no/such"},
    ]
    answers = {message["id"]: message for message in events(pipe.post(batch))}
    assert "result" in answers["a"]
    assert answers["b"]["error"]["code"] == -32601


def test_a_process_that_dies_answers_whoever_waits_and_ends_its_session(pipe: Client, service: Service) -> None:
    answer = pipe.call("die")
    assert answer["error"]["code"] == -32052
    assert answer["id"] == 1
    deadline = time.monotonic() + 10
    while pipe.post({"jsonrpc": "2.0", "id": 5, "method": "ping"}).status != 404:
        assert time.monotonic() < deadline
    answer = json.loads(modern_call(service.client("pipe"), "die").read())  # type: ignore[attr-defined]
    assert answer["error"]["code"] == -32052
    assert text_of(json.loads(modern_call(service.client("pipe"), "pid").read())).isdigit()  # type: ignore[attr-defined]


def test_a_deleted_session_is_gone_and_so_is_its_process(pipe: Client) -> None:
    import os

    pid = int(text_of(pipe.call("pid")))
    with pipe.request("DELETE") as response:
        assert response.status == 200
    with pipe.post({"jsonrpc": "2.0", "id": 1, "method": "ping"}) as response:
        assert response.status == 404
    deadline = time.monotonic() + 10
    while os.path.exists(f"/proc/{pid}") and time.monotonic() < deadline:
        time.sleep(0.05)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"[1, 2]", b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}', b"\xff"]
)
def test_what_is_no_message_of_a_session_is_refused(service: Service, body: bytes) -> None:
    with service.client("pipe").request("POST", body) as response:
        assert response.status == 400
        assert "error" in json.loads(response.read())


def test_the_servers_stderr_is_masked(service: Service, pipe: Client) -> None:
    pipe.call("pid")
    deadline = time.monotonic() + 10
    while "a line for people about [EMAIL]" not in service.stderr and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "a line for people about [EMAIL]" in service.stderr
    assert "jane@corp.com" not in service.stderr
