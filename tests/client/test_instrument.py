"""`instrument()`: every session that the SDK opens, and nothing left behind."""

import inspect
import json
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, ClientSession, MCPError, StdioServerParameters
from mcp.client import client as sdk_client
from mcp.client import sse, stdio, streamable_http
from mcp.server.mcpserver import Context, MCPServer
from mcp.shared.direct_dispatcher import create_direct_dispatcher_pair
from mcp.shared.memory import create_client_server_memory_streams

import pii_shield
from pii_shield import PiiShield
from pii_shield.client.streams import Reader

from .office_server import JANE

CODE = Path(__file__).parents[2]
by_name = stdio.stdio_client  # as a framework has imported it long before


def text(result: Any) -> str:
    return str(result.content[0].text)


def token(shown: str) -> str:
    return re.search(r"\[[A-Z]+_\w+\]", shown)[0]  # type: ignore[index]


def office(transcript: Path) -> StdioServerParameters:
    arguments = ["-m", "tests.client.office_server", "--transcript", str(transcript)]
    return StdioServerParameters(command=sys.executable, args=arguments, env={"PYTHONPATH": str(CODE)})


def calls(transcript: Path) -> list[Any]:
    lines = [json.loads(line) for line in transcript.read_text("utf-8").splitlines()]
    return [m["params"]["arguments"] for who, m in lines if who == "received" and m["method"] == "tools/call"]


@pytest.fixture
def instrumented(pii: PiiShield) -> Iterator[PiiShield]:
    pii_shield.instrument(pii)
    yield pii
    pii_shield.uninstrument()


def local(name: str, got: list[Any]) -> MCPServer:
    """A server in this process."""
    server = MCPServer(name)

    @server.tool()
    def get_customer() -> dict[str, str]:
        return {"mail": JANE}

    @server.tool()
    async def send_mail(to: str, ctx: Context) -> str:  # type: ignore[type-arg]
        got.append(to)
        await ctx.report_progress(1, 2, f"writing to {to}")
        return f"Sent to {to}."

    @server.tool()
    def fail() -> str:
        raise ValueError(f"no such customer: {JANE}")

    @server.resource("customers://all")
    def customers() -> str:
        return JANE

    return server


async def converse(client: Client, got: list[Any]) -> None:
    heard: list[str] = []

    async def on_progress(_: float, __: float | None, message: str | None) -> None:
        heard.append(str(message))

    shown = await client.call_tool("get_customer", {})
    assert JANE not in repr(shown)
    mail = token(text(shown))
    sent = await client.call_tool("send_mail", {"to": mail}, progress_callback=on_progress)
    assert (text(sent), got) == (f"Sent to {mail}.", [JANE])
    assert heard == [f"writing to {mail}"]
    failed = await client.call_tool("fail", {})
    assert failed.is_error
    assert JANE not in repr(failed)
    assert JANE not in repr(await client.read_resource("customers://all"))
    refused = await client.call_tool("send_mail", {"to": "[EMAIL_7K2QF9M36]"})
    assert "PS510" in text(refused)
    assert got == [JANE]
    with pytest.raises(MCPError) as missing:
        await client.read_resource(f"customers://{mail}")
    assert JANE not in str(missing.value)


def test_a_session_over_a_transport_imported_by_name_is_shielded(instrumented: PiiShield, tmp_path: Path) -> None:
    async def main() -> None:
        async with by_name(office(tmp_path / "t")) as streams, ClientSession(*streams) as session:
            assert isinstance(streams[0], Reader)
            await session.initialize()
            shown = text(await session.call_tool("get_customer", {"id": "1"}))
            await session.call_tool("send_mail", {"to": token(shown)})

    anyio.run(main)
    assert calls(tmp_path / "t") == [{"id": "1"}, {"to": JANE}]


def test_two_sessions_of_one_server_share_their_tokens(instrumented: PiiShield, tmp_path: Path) -> None:
    async def call(tool: str, **arguments: str) -> str:
        async with Client(office(tmp_path / "t")) as client:
            return text(await client.call_tool(tool, arguments))

    mail = token(anyio.run(lambda: call("get_customer", id="1")))
    anyio.run(lambda: call("send_mail", to=mail))
    assert calls(tmp_path / "t")[-1] == {"to": JANE}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_server_in_this_process_is_one_too(instrumented: PiiShield, mode: Any) -> None:
    got: list[Any] = []

    async def main() -> None:
        async with Client(local("office", got), mode=mode) as client:
            await converse(client, got)

    anyio.run(main)


def test_servers_in_this_process_are_told_apart_by_name(instrumented: PiiShield) -> None:
    got: list[Any] = []

    async def main() -> tuple[str, str]:
        async with Client(local("office", [])) as client:
            mail = token(text(await client.call_tool("get_customer", {})))
        async with Client(local("elsewhere", got)) as other:
            refused = text(await other.call_tool("send_mail", {"to": mail}))
        async with Client(local("office", got)) as again:
            return refused, text(await again.call_tool("send_mail", {"to": mail}))

    refused, sent = anyio.run(main)
    assert "PS603" in refused
    assert "Sent" in sent
    assert got == [JANE]


def test_streams_of_unknown_making_get_a_shield_and_a_server_of_their_own(instrumented: PiiShield) -> None:
    got: list[Any] = []

    async def session(action: Any) -> Any:
        server = local("office", got)._lowlevel_server
        async with (
            create_client_server_memory_streams() as (mine, others),
            anyio.create_task_group() as group,
        ):
            group.start_soon(lambda: server.run(*others, server.create_initialization_options()))
            async with ClientSession(*mine) as client:
                await client.initialize()
                result = await action(client)
            group.cancel_scope.cancel()
        return result

    async def both(client: ClientSession) -> str:
        mail = token(text(await client.call_tool("get_customer", {})))
        await client.call_tool("send_mail", {"to": mail})
        return mail

    async def main() -> str:
        mail = await session(both)
        return text(await session(lambda client: client.call_tool("send_mail", {"to": mail})))

    assert "PS603" in anyio.run(main)
    assert got == [JANE]


def test_what_a_server_in_this_process_asks_passes_the_shield(instrumented: PiiShield) -> None:
    questions: list[str] = []

    async def answer(_: Any, method: str, params: Any) -> dict[str, Any]:
        questions.append(params["message"])
        return {"action": "accept", "content": {"to": token(params["message"])}}

    async def main() -> dict[str, Any]:
        mine, others = create_direct_dispatcher_pair()
        session = ClientSession(dispatcher=mine)
        shielded = session._dispatcher
        told: list[Any] = []

        async def note(_: Any, method: str, params: Any) -> None:
            told.append((method, params))

        async with anyio.create_task_group() as group:
            await group.start(shielded.run, answer, note, None)
            await group.start(others.run, answer, note, None)
            asked = {"message": f"Write to {JANE}?", "requestedSchema": {"type": "object", "properties": {}}}
            result = await others.send_raw_request("elicitation/create", asked)
            await others.notify("notifications/message", {"level": "info", "data": JANE})
            assert JANE not in repr(told)
            assert told[0][0] == "notifications/message"
            shielded.close()
            others.close()
        return result

    result = anyio.run(main)
    assert JANE not in questions[0]
    assert result["content"] == {"to": JANE}


def test_doing_it_twice_and_in_threads_changes_nothing_more(pii: PiiShield) -> None:
    originals = _everything()
    threads = [threading.Thread(target=pii_shield.instrument, args=(pii,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    once = _everything()
    pii_shield.instrument(pii)
    assert all(now is before for now, before in zip(_everything(), once, strict=True))
    assert not any(now is before for now, before in zip(once, originals, strict=True))
    pii_shield.uninstrument()
    assert all(now is before for now, before in zip(_everything(), originals, strict=True))
    pii_shield.uninstrument()


def test_signatures_stay_as_they_were(pii: PiiShield) -> None:
    before = [inspect.signature(each) for each in (ClientSession, stdio.stdio_client)]
    pii_shield.instrument(pii)
    try:
        assert [inspect.signature(each) for each in (ClientSession, stdio.stdio_client)] == before
    finally:
        pii_shield.uninstrument()


def test_afterwards_sessions_are_as_before(pii: PiiShield, tmp_path: Path) -> None:
    pii_shield.instrument(pii)
    pii_shield.uninstrument()

    async def main() -> None:
        async with Client(office(tmp_path / "t")) as client:
            assert JANE in text(await client.call_tool("get_customer", {"id": "1"}))

    anyio.run(main)


def _everything() -> list[Any]:
    """What `instrument` exchanges."""
    functions = (stdio.stdio_client, sse.sse_client, streamable_http.streamable_http_client)
    inside = [function.__closure__[0].cell_contents for function in functions]  # type: ignore[attr-defined]
    return [ClientSession.__init__, sdk_client._connect_inproc, *inside]
