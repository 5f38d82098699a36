"""One session of many, without sockets: backends here are scripted, everything else is real."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from multidict import CIMultiDict

from pii_shield.proxy.http.aggregate import gathering as module
from pii_shield.proxy.http.aggregate import seat as seat_module
from pii_shield.proxy.http.aggregate.catalogue import Catalogue
from pii_shield.proxy.http.aggregate.errand import Errand, Told
from pii_shield.proxy.http.aggregate.gathering import CHANGED, Gathering
from pii_shield.proxy.http.aggregate.handles import Handles
from pii_shield.proxy.http.aggregate.listening import Merged, again
from pii_shield.proxy.http.aggregate.part import Part, nobody
from pii_shield.proxy.http.aggregate.patience import Patience
from pii_shield.proxy.http.aggregate.reply import Reply
from pii_shield.proxy.http.auth import Principal
from pii_shield.proxy.http.caller import Frame
from pii_shield.proxy.http.metrics import Metrics
from pii_shield.proxy.http.mind import Mind
from pii_shield.wire.renumber import outline

ANNA = Principal("anna")
HELLO = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}'


class Scripted:
    """A backend that greets after some seconds, and keeps what it is sent."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.got: list[str] = []

    async def post(self, caller: Any, _: Principal, body: bytes) -> web.StreamResponse:
        message = json.loads(body)
        self.got.append(message.get("method", "answer"))
        if message.get("method") == "tools/list":
            await asyncio.sleep(60)
        if message.get("method") != "initialize":
            return web.Response(status=202)
        await asyncio.sleep(self.seconds)
        result = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}}
        named = {"Mcp-Session-Id": f"s{id(self)}"}
        return web.json_response({"jsonrpc": "2.0", "id": 1, "result": result}, headers=named)

    async def get(self, _: Any, __: Principal) -> web.StreamResponse:
        return web.Response(status=405)

    async def delete(self, _: Any, __: Principal) -> web.StreamResponse:
        self.got.append("DELETE")
        return web.Response()

    async def tidy(self) -> None: ...
    def drain(self) -> None: ...
    async def close(self) -> None: ...


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    return asyncio.run(asyncio.wait_for(work(), 20))


async def gathered(told: list[bytes] | None = None, **backends: Scripted) -> Gathering:
    async def late(_: Gathering, messages: list[bytes]) -> None:
        (told if told is not None else []).extend(messages)

    gathering = Gathering(backends, ANNA, HELLO, CIMultiDict(), late)
    await gathering.gather()
    return gathering


def test_a_server_that_comes_late_is_ready_and_its_client_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seat_module, "HELLO_SECONDS", 0.1)

    async def work() -> None:
        told: list[bytes] = []
        slow, quick = Scripted(0.4), Scripted()
        gathering = await gathered(told, slow=slow, quick=quick)
        assert gathering.missing == ["slow"]
        await gathering.initialized()
        assert (slow.got, quick.got) == (["initialize"], ["initialize", "notifications/initialized"])
        assert await gathering.offering("tools") == ["quick"]
        await asyncio.sleep(0.5)
        assert slow.got == ["initialize", "notifications/initialized"]
        assert [json.loads(message)["method"] for message in told] == list(CHANGED)
        assert await gathering.offering("tools") == ["slow", "quick"]
        assert await gathering.offering("prompts") == []
        await gathering.end()
        assert slow.got[-1] == quick.got[-1] == "DELETE"

    run(work)


def test_a_message_for_a_server_that_is_not_there_is_an_answer_with_its_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seat_module, "HELLO_SECONDS", 0.1)

    async def work() -> None:
        gathering = await gathered(slow=Scripted(60))
        body = b'{"jsonrpc":"2.0","id":"x","method":"tools/call"}'
        response = await gathering.post("slow", body, Part(CIMultiDict(), nobody))
        assert isinstance(response, web.Response)
        assert isinstance(response.body, bytes)
        answer = json.loads(response.body)
        assert answer["id"] == "x"
        assert "slow" in answer["error"]["message"]
        await gathering.end()

    run(work)


def test_a_servers_request_its_progress_token_and_its_cancellation_keep_their_owner() -> None:
    async def work() -> None:
        gathering = await gathered(a=Scripted(), b=Scripted())
        ask = b'{"jsonrpc":"2.0","id":7,"method":"roots/list","params":{"_meta":{"progressToken":"p"}}}'
        ours = {s: json.loads(gathering.inward(s, Frame(b"", ask), is_shared=False).data or b"") for s in ("a", "b")}
        assert len({ours["a"]["id"], ours["b"]["id"], 7}) == 3
        note = b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}'
        cancelled = json.loads(gathering.inward("b", Frame(b"", note), is_shared=False).data or b"")
        assert cancelled["params"]["requestId"] == ours["b"]["id"]
        token = ours["b"]["params"]["_meta"]["progressToken"]
        progress = {"method": "notifications/progress", "params": {"progressToken": token}}
        server, body = gathering.progressed(outline(json.dumps(progress))) or ("", b"")
        assert (server, json.loads(body)["params"]["progressToken"]) == ("b", "p")
        answer = {"id": ours["a"]["id"], "result": {}}
        server, body = gathering.answered(outline(json.dumps(answer))) or ("", b"")
        assert (server, json.loads(body)["id"]) == ("a", 7)
        assert gathering.answered(outline(json.dumps(answer))) is None, "once"

    run(work)


def test_requests_that_nobody_answers_are_forgotten_at_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ASKED", 2)

    async def work() -> None:
        gathering = await gathered(a=Scripted())
        frames = [Frame(b"", b'{"jsonrpc":"2.0","id":%d,"method":"ping"}' % number) for number in range(3)]
        ids = [json.loads(gathering.inward("a", f, is_shared=False).data or b"")["id"] for f in frames]
        known = [gathering.answered(outline(json.dumps({"id": each, "result": {}}))) for each in ids]
        assert [each is not None for each in known] == [False, True, True]

    run(work)


def test_an_event_of_the_common_stream_says_where_each_server_stood() -> None:
    async def work() -> None:
        gathering = await gathered(a=Scripted(), b=Scripted())
        ids = [
            gathering.inward(server, Frame(b"", None, event_id), is_shared=True).id
            for server, event_id in (("a", b"1"), ("b", b"9"), ("a", b"2"))
        ]
        places = [gathering.place((each or b"").decode()) for each in ids]
        seen = [place and dict(place.seen) for place in places]
        assert seen == [{"a": b"1"}, {"a": b"1", "b": b"9"}, {"a": b"2", "b": b"9"}]
        own = gathering.inward("b", Frame(b"", None, b"5"), is_shared=False).id
        place = gathering.place((own or b"").decode())
        assert place is not None
        assert (place.server, place.seen) == ("b", {"b": b"5"})
        assert gathering.place("5") is None, "a server's own ids say nothing here"

    run(work)


class Client:
    """A caller that keeps its stream."""

    headers: CIMultiDict[str] = CIMultiDict()

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.response = web.StreamResponse()

    async def open(self, _: int, __: Any) -> "Client":
        return self

    async def send(self, frame: Frame) -> None:
        self.frames.append(frame)

    def abort(self) -> None: ...


def test_a_list_that_is_not_waited_for_any_more_is_cancelled_at_the_server() -> None:
    async def work() -> None:
        backend = Scripted()
        gathering = await gathered(a=backend)
        told = Told(Catalogue(Handles(bytes(32), "anna")), Patience(lambda: 0.0), Mind(Metrics(), print))
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        body = json.dumps(message).encode()
        errand = Errand(CIMultiDict(), body, message, gathering, told, Reply(Client(), {}), is_modern=False)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(errand.ask("a", "tools/list", {}, '"own"'), 0.1)
        await asyncio.sleep(0.1)
        assert backend.got == ["initialize", "tools/list", "notifications/cancelled"]

    run(work)


def test_changes_in_a_rush_are_told_at_once_and_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    from pii_shield.proxy.http.aggregate import listening

    monkeypatch.setattr(listening, "REST_SECONDS", 0.2)

    async def work() -> None:
        client = Client()
        merged = Merged(Reply(client, {}))
        for _ in range(30):
            for method in CHANGED[:2]:
                await merged.say(json.dumps({"method": method}).encode())
        assert len(client.frames) == 2
        await asyncio.sleep(0.4)
        assert len(client.frames) == 4
        await merged.say(b'{"method":"notifications/resources/updated"}')
        assert len(client.frames) == 5

    run(work)


def test_a_stream_that_ends_is_asked_for_again_until_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    from pii_shield.proxy.http.aggregate import listening

    monkeypatch.setattr(listening, "RETRY_SECONDS", 0.01)
    left = [False, True, True]

    async def attempt() -> bool:
        return left.pop()

    run(lambda: again(attempt))
    assert left == []
