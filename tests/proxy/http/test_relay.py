"""A server on HTTP behind `serve`: what each side sees of the other."""

import asyncio
import http.client
import json
import time

import pytest
from aiohttp import web
from http_kit import LEGACY, Client, Service, Upstream, events, hang_up, lines, result_of

MAIL = "jane.miller@acme-corp.com"
SSE = {"Content-Type": "text/event-stream"}


def content(text: str) -> dict:
    return {"content": [{"type": "text", "text": text}]}


def text_of(answer: dict) -> str:
    return answer["result"]["content"][0]["text"]


def event(message: dict, **fields: str) -> bytes:
    named = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return f"{named}data: {json.dumps(message)}\n\n".encode()


def token_of(client: Client, upstream: Upstream, value: str = MAIL) -> str:
    """The token that stands for a value."""
    upstream.answer = result_of(content(value))
    token = text_of(client.modern("tools/call", {"name": "look", "arguments": {}}))
    assert token.startswith("[EMAIL_")
    return token


def test_the_client_sees_tokens_and_the_server_gets_values(client: Client, upstream: Upstream) -> None:
    token = token_of(client, upstream)
    client.modern("tools/call", {"name": "find", "arguments": {"email": token, "n": 1}})
    _, _, received = upstream.last
    assert received["params"]["arguments"] == {"email": MAIL, "n": 1}


def test_a_message_with_nothing_to_change_arrives_byte_for_byte(client: Client, upstream: Upstream) -> None:
    body = b'{ "jsonrpc":"2.0",\n "id": 1e0, "method":"x", "params":{"u":"\\u00e9"}}'

    async def answer(_: web.BaseRequest, __: bytes) -> web.Response:
        return web.Response(body=b'{"id" : 1e0, "jsonrpc":"2.0","result":{"n":1.50}}', content_type="application/json")

    upstream.answer = answer
    with client.request("POST", body) as response:
        assert response.read() == b'{"id" : 1e0, "jsonrpc":"2.0","result":{"n":1.50}}'
    assert upstream.requests[-1][2] == body


def test_headers_that_mirror_a_released_argument_follow_it(client: Client, upstream: Upstream) -> None:
    schema = {"type": "object", "properties": {"email": {"type": "string"}}}
    token = token_of(client, upstream)
    upstream.answer = result_of({"tools": [{"name": "find", "inputSchema": schema}]})
    client.modern("tools/list")
    upstream.answer = result_of(content("ok"))
    client.modern("tools/call", {"name": "find", "arguments": {"email": token}}, Mcp_Param_Email=token)
    _, headers, _ = upstream.last
    assert headers["Mcp-Param-Email"] == MAIL
    assert headers["Mcp-Name"] == "find"


def test_no_value_goes_into_a_header_that_policy_did_not_see(client: Client, upstream: Upstream) -> None:
    token = token_of(client, upstream)
    answer = client.modern("tools/call", {"name": "never_listed", "arguments": {"e": token}}, Mcp_Param_E=token)
    assert answer["result"]["isError"]
    assert "PS610" in text_of(answer)
    assert all(MAIL not in str(headers) for _, headers, _ in upstream.requests)


def test_a_declared_header_needs_a_policy_that_releases_into_headers(client: Client, upstream: Upstream) -> None:
    token = token_of(client, upstream)
    schema = {"type": "object", "properties": {"e": {"type": "string", "x-mcp-header": "E"}}}
    upstream.answer = result_of({"tools": [{"name": "mirrored", "inputSchema": schema}]})
    client.modern("tools/list")
    answer = client.modern("tools/call", {"name": "mirrored", "arguments": {"e": token}}, Mcp_Param_E=token)
    assert answer["result"]["isError"]


def test_credentials_of_the_client_end_here_and_ours_go_on(
    client: Client, upstream: Upstream, service: Service
) -> None:
    client.modern("tools/list", None, Cookie="a=b", X_Forwarded_For="10.0.0.1", Mcp_Param_Unknown="kept")
    _, headers, _ = upstream.last
    assert service.token not in str(headers)
    assert not {"Cookie", "X-Forwarded-For", "Authorization"} & set(headers)
    assert headers["X-Api-Key"] == "upstream-credential"
    assert headers["Mcp-Param-Unknown"] == "kept"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(client: Client, upstream: Upstream, status: int) -> None:
    async def redirect(_: web.BaseRequest, __: bytes) -> web.Response:
        return web.Response(status=status, headers={"Location": upstream.url + "/elsewhere"})

    upstream.answer = redirect
    answer = client.modern("tools/list")
    assert "redirects" in answer["error"]["message"]
    assert len(upstream.requests) == 1


def test_a_server_that_wants_credentials_is_our_affair_not_the_clients(client: Client, upstream: Upstream) -> None:
    async def refuse(_: web.BaseRequest, __: bytes) -> web.Response:
        return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})

    upstream.answer = refuse
    response = client.post({"jsonrpc": "2.0", "id": 7, "method": "tools/list"})
    assert response.status == 200
    assert "WWW-Authenticate" not in response.headers
    with response:
        answer = json.loads(response.read())
    assert answer["id"] == 7
    assert "credentials" in answer["error"]["message"]


def test_a_server_that_is_not_there_is_an_answer_with_the_requests_id(service: Service) -> None:
    for server in ("nowhere", "missing"):
        answer = service.client(server).ask("tools/list")
        assert answer["id"] == 1
        assert answer["error"]["code"] == -32052


def test_status_and_json_of_a_servers_error_go_back(client: Client, upstream: Upstream) -> None:
    async def fail(_: web.BaseRequest, __: bytes) -> web.Response:
        error = {"code": -32020, "message": f"mismatch near {MAIL}"}
        return web.json_response({"jsonrpc": "2.0", "id": 1, "error": error}, status=400)

    upstream.answer = fail
    with client.post({"jsonrpc": "2.0", "id": 1, "method": "x"}) as response:
        assert response.status == 400
        answer = json.loads(response.read())
    assert answer["error"]["code"] == -32020
    assert MAIL not in str(answer)


def test_headers_of_the_server_say_nothing_that_nobody_searched(client: Client, upstream: Upstream) -> None:
    said = {"Allow": f"GET, {MAIL}", "Retry-After": MAIL, "X-User": MAIL, "Set-Cookie": f"u={MAIL}", "Server": MAIL}

    async def busy(_: web.BaseRequest, __: bytes) -> web.Response:
        return web.Response(status=503, headers=said, reason=f"no {MAIL}")

    upstream.answer = busy
    with client.post({"jsonrpc": "2.0", "id": 1, "method": "x"}) as response:
        assert response.status == 503
        assert "jane" not in str(response.headers) + response.reason
    said.update({"Retry-After": "12", "Allow": "POST"})
    with client.post({"jsonrpc": "2.0", "id": 1, "method": "x"}) as response:
        assert (response.headers["Retry-After"], response.headers["Allow"]) == ("12", "POST")


@pytest.mark.parametrize(("kind", "text"), [("text/html", "<p>ok"), ("text/plain", "ok"), ("application/json", "")])
def test_a_success_without_an_answer_is_an_error_with_the_requests_id(
    client: Client, upstream: Upstream, kind: str, text: str
) -> None:
    async def page(_: web.BaseRequest, __: bytes) -> web.Response:
        return web.Response(status=200, text=text, content_type=kind)

    upstream.answer = page
    with client.post({"jsonrpc": "2.0", "id": 7, "method": "x"}) as response:
        answer = json.loads(response.read())
    assert answer["id"] == 7
    assert "no JSON-RPC message" in answer["error"]["message"]


@pytest.mark.parametrize("kind", ["text/html", "text/plain", "application/json"])
def test_an_error_page_shows_no_value(client: Client, upstream: Upstream, kind: str) -> None:
    async def page(_: web.BaseRequest, __: bytes) -> web.Response:
        return web.Response(status=500, text=f"<p>no such user {MAIL}", content_type=kind)

    upstream.answer = page
    with client.post({"jsonrpc": "2.0", "id": 1, "method": "x"}) as response:
        assert MAIL.encode() not in response.read() + str(response.headers).encode()
        assert response.status in (200, 500)


def test_a_batch_is_answered_as_one_with_our_refusals_in_it(client: Client, upstream: Upstream) -> None:
    async def answer(_: web.BaseRequest, body: bytes) -> web.Response:
        return web.json_response([{"jsonrpc": "2.0", "id": m["id"], "result": {}} for m in json.loads(body)])

    upstream.answer = answer
    refused = {"name": "x", "arguments": {"a": "[EMAIL_7K2QF9M36]"}}
    batch = [
        {"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": refused},
    ]
    with client.post(batch) as response:
        answers = {message["id"]: message["result"] for message in json.loads(response.read())}
    assert answers[1] == {}
    assert answers[2]["isError"]
    assert [message["id"] for message in upstream.last[2]] == [1]


# --- streams


def test_each_event_is_flushed_before_the_next_one_exists(client: Client, upstream: Upstream) -> None:
    go_on = asyncio.Event()

    async def answer(request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers=SSE)
        await response.prepare(request)
        note = {"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": f"found {MAIL}"}}
        await response.write(event(note, event="message"))
        await go_on.wait()
        await response.write(event({"jsonrpc": "2.0", "id": json.loads(body)["id"], "result": content(MAIL)}))
        return response

    upstream.answer = answer
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "x", "arguments": {}}}
    stream = events(client.post(call))
    first = next(stream)
    upstream.call(go_on.set)
    (last,) = stream
    token = text_of(last)
    assert token.startswith("[EMAIL_")
    assert first["params"]["data"] == f"found {token}"


def test_an_event_may_be_larger_than_a_mebibyte(client: Client, upstream: Upstream) -> None:
    big = "x" * 3_000_000

    async def answer(request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers=SSE)
        await response.prepare(request)
        await response.write(event({"jsonrpc": "2.0", "id": json.loads(body)["id"], "result": content(big)}))
        return response

    upstream.answer = answer
    assert text_of(client.modern("tools/call", {"name": "x", "arguments": {}})) == big


def test_a_client_that_hangs_up_is_a_client_that_hung_up_for_the_server_too(client: Client, upstream: Upstream) -> None:
    async def answer(request: web.BaseRequest, _: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers=SSE)
        await response.prepare(request)
        await response.write(event({"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": 1}}))
        await asyncio.sleep(60)
        return response

    upstream.answer = answer
    response = client.post({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "x"}})
    next(events(response))
    hang_up(response)
    assert upstream.gone.wait(10)


def test_a_server_that_breaks_off_breaks_off_for_the_client(client: Client, upstream: Upstream) -> None:
    async def answer(request: web.BaseRequest, _: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers=SSE)
        await response.prepare(request)
        await response.write(b"id: 5\ndata:\n\n")
        assert request.transport
        request.transport.abort()
        return response

    upstream.answer = answer
    response = client.post({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "x"}})
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        response.read()


def test_a_slow_client_slows_the_server(client: Client, upstream: Upstream) -> None:
    sent = 0
    note = event({"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": "x" * 100_000}})

    async def answer(request: web.BaseRequest, _: bytes) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers=SSE)
        await response.prepare(request)
        while sent < 3000:
            await response.write(note)
            sent += 1
        return response

    upstream.answer = answer
    response = client.post({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "x"}})
    before = -1
    while before != sent:  # until nothing moves any more
        before = sent
        time.sleep(0.5)
    assert sent < 1000
    hang_up(response)


# --- sessions


def test_a_session_is_the_principals_who_opened_it(service: Service, upstream: Upstream) -> None:
    upstream.answer = result_of({"protocolVersion": LEGACY, "capabilities": {}}, Mcp_Session_Id="predictable-1")
    owner = service.client("crm")
    owner.initialize()
    assert owner.session not in ("", "predictable-1")
    upstream.answer = result_of(content("ok"))
    owner.call("x")
    assert upstream.last[1]["Mcp-Session-Id"] == "predictable-1"
    thief = service.client("crm", service.run("--issue", "thief").stdout.strip())
    for session in (owner.session, "predictable-1", "unknown"):
        thief.session = session
        before = len(upstream.requests)
        for method in ("POST", "GET", "DELETE"):
            with thief.request(method, b'{"jsonrpc":"2.0","id":1,"method":"ping"}') as response:
                assert response.status == 404
        assert len(upstream.requests) == before


def test_a_session_that_the_server_forgot_is_gone_for_the_client(client: Client, upstream: Upstream) -> None:
    upstream.answer = result_of({}, Mcp_Session_Id="s")
    client.initialize()

    async def forgotten(_: web.BaseRequest, __: bytes) -> web.Response:
        return web.json_response({"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "?"}}, status=404)

    upstream.answer = forgotten
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    for asked in (2, 2):
        with client.post(ping) as response:
            assert response.status == 404
        assert len(upstream.requests) == asked + 1


def test_deleting_a_session_deletes_it_at_the_server(client: Client, upstream: Upstream) -> None:
    upstream.answer = result_of({}, Mcp_Session_Id="s")
    client.initialize()

    async def deleted(_: web.BaseRequest, __: bytes) -> web.Response:
        return web.Response(status=200)

    upstream.answer = deleted
    with client.request("DELETE") as response:
        assert response.status == 200
    assert upstream.last[:1] == ("DELETE",)
    with client.request("DELETE") as response:
        assert response.status == 404


def test_a_broken_stream_is_resumed_with_the_same_tokens(client: Client, upstream: Upstream) -> None:
    note = {"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": MAIL}}
    upstream.answer = result_of({}, Mcp_Session_Id="s")
    client.initialize()

    async def stream(request: web.BaseRequest, _: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers=SSE)
        await response.prepare(request)
        await response.write(event(note, id="evt-1", retry="50") + event(note, id=f"{MAIL}/2"))
        return response

    upstream.answer = stream
    read = list(lines(client.request("GET")))
    assert read[:2] == [b"id: evt-1\n", b"retry: 50\n"]
    assert MAIL.encode() not in b"".join(read)
    first, second = (line for line in read if line.startswith(b"data"))
    assert first == second
    alias = next(line for line in read if line.startswith(b"id: ps-")).decode().split()[1]
    for said, meant in ((alias, f"{MAIL}/2"), ("evt-1", "evt-1")):
        list(lines(client.request("GET", Last_Event_ID=said)))
        assert upstream.last[1]["Last-Event-ID"] == meant


def test_a_request_of_the_server_and_its_answer_find_each_other(client: Client, upstream: Upstream) -> None:
    upstream.answer = result_of({}, Mcp_Session_Id="s")
    client.initialize()
    answered = asyncio.Event()
    got: list[dict] = []

    async def ask(request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        message = json.loads(body)
        if "method" not in message:
            got.append(message)
            answered.set()
            return web.Response(status=202)
        response = web.StreamResponse(headers=SSE)
        await response.prepare(request)
        question = {"messages": [{"role": "user", "content": {"type": "text", "text": MAIL}}], "maxTokens": 9}
        await response.write(
            event({"jsonrpc": "2.0", "id": "q", "method": "sampling/createMessage", "params": question})
        )
        await answered.wait()
        await response.write(event({"jsonrpc": "2.0", "id": message["id"], "result": content("thanks")}))
        return response

    upstream.answer = ask
    stream = events(client.post({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "x"}}))
    question = next(stream)
    said = question["params"]["messages"][0]["content"]["text"]
    assert said.startswith("[EMAIL_")
    reply = {"role": "assistant", "content": {"type": "text", "text": f"it is {said}"}, "model": "m"}
    with client.post({"jsonrpc": "2.0", "id": "q", "result": reply}) as response:
        assert response.status == 202
    list(stream)
    assert MAIL not in str(got), "a sampling answer releases nothing"
