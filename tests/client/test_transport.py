"""`shield(transport)` with the real SDK: sessions that do not notice, servers that get values."""

import json
import logging
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, ClientSession, MCPError, StdioServerParameters, types
from mcp.client._memory import InMemoryTransport
from mcp.client.stdio import stdio_client
from mcp.server.mcpserver import Context, MCPServer
from mcp.shared.memory import create_client_server_memory_streams
from mcp.shared.message import ClientMessageMetadata, SessionMessage

from pii_shield import PiiShield, shield
from pii_shield.client import messages
from pii_shield.errors import VaultError

from .office_server import JANE

CODE = Path(__file__).parents[2]


def text(result: Any) -> str:
    return str(result.content[0].text)


def token(shown: str) -> str:
    return re.search(r"\[[A-Z]+_\w+\]", shown)[0]  # type: ignore[index]


def office(transcript: Path) -> StdioServerParameters:
    arguments = ["-m", "tests.client.office_server", "--transcript", str(transcript)]
    return StdioServerParameters(command=sys.executable, args=arguments, env={"PYTHONPATH": str(CODE)})


def received(transcript: Path) -> list[Any]:
    lines = [json.loads(line) for line in transcript.read_text("utf-8").splitlines()]
    return [message for who, message in lines if who == "received"]


def talkative() -> MCPServer:
    """A server that says things on its own and asks back."""
    server = MCPServer("talkative")

    @server.tool()
    async def tell(ctx: Context) -> str:  # type: ignore[type-arg]
        await ctx.report_progress(1, 2, f"writing to {JANE}")
        answer = await ctx.session.elicit_form(
            f"Write to {JANE}?", {"type": "object", "properties": {"to": {"type": "string"}}}
        )
        return f"asked: {answer.content}"

    return server


def test_the_session_sees_tokens_and_the_server_values(pii: PiiShield, tmp_path: Path) -> None:
    async def main() -> None:
        transport = shield(stdio_client(office(tmp_path / "t")), name="office", using=pii)
        async with transport as streams, ClientSession(*streams) as session:
            await session.initialize()
            shown = text(await session.call_tool("get_customer", {"id": "1"}))
            assert JANE not in shown
            sent = text(await session.call_tool("send_mail", {"to": token(shown)}))
            assert sent == f"Sent to {token(shown)}."

    anyio.run(main)
    assert received(tmp_path / "t")[-1]["params"]["arguments"] == {"to": JANE}


def test_the_clients_of_mcp_2_take_a_shielded_transport(pii: PiiShield, tmp_path: Path) -> None:
    async def main() -> None:
        async with Client(shield(stdio_client(office(tmp_path / "t")), using=pii)) as client:
            assert "[EMAIL_" in text(await client.call_tool("get_customer", {"id": "1"}))

    anyio.run(main)


def test_a_refused_call_is_answered_and_never_sent(
    pii: PiiShield, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with Client(shield(stdio_client(office(tmp_path / "t")), using=pii)) as client:
            refused = await client.call_tool("send_mail", {"to": "[EMAIL_7K2QF9M36]"})
            assert refused.is_error
            assert "PS510" in text(refused)
            assert text(await client.call_tool("get_customer", {"id": "1"}))  # the session goes on

    with caplog.at_level(logging.WARNING, "pii_shield"):
        anyio.run(main)
    assert "tools/call" in [message.get("method") for message in received(tmp_path / "t")]
    assert "7K2QF9M36" not in (tmp_path / "t").read_text("utf-8")
    assert "PS510" in caplog.text


def test_order_is_kept_when_many_call_at_once(pii: PiiShield, tmp_path: Path) -> None:
    async def main() -> None:
        async with Client(shield(stdio_client(office(tmp_path / "t")), name="many", using=pii)) as client:
            mail = token(text(await client.call_tool("get_customer", {"id": "1"})))
            answers: dict[int, str] = {}

            async def call(number: int) -> None:
                to = mail if number % 2 else f"nobody-{number}"
                answers[number] = text(await client.call_tool("send_mail", {"to": to}))

            async with anyio.create_task_group() as group:
                for number in range(40):
                    group.start_soon(call, number)
            for number, answer in answers.items():
                assert answer == f"Sent to {mail if number % 2 else f'nobody-{number}'}."

    anyio.run(main)
    calls = [m for m in received(tmp_path / "t") if m.get("method") == "tools/call"][1:]
    assert [call["id"] for call in calls] == sorted(call["id"] for call in calls)


def test_progress_questions_and_their_answers_pass_the_shield(pii: PiiShield) -> None:
    heard: list[str] = []

    async def on_progress(_: float, __: float | None, message: str | None) -> None:
        heard.append(str(message))

    async def on_question(_: Any, params: Any) -> types.ElicitResult:
        heard.append(params.message)
        return types.ElicitResult(action="accept", content={"to": token(params.message)})

    async def main() -> str:
        transport = shield(InMemoryTransport(talkative()), name="talkative", using=pii)
        async with transport as streams, ClientSession(*streams, elicitation_callback=on_question) as session:
            await session.initialize()
            return text(await session.call_tool("tell", {}, progress_callback=on_progress))

    answer = anyio.run(main)
    assert len(heard) == 2
    assert JANE not in f"{heard}{answer}"
    assert token(heard[0]) == token(heard[1]) == token(answer)


def test_what_fails_in_the_body_or_the_transport_fails_as_without_the_shield(pii: PiiShield, tmp_path: Path) -> None:
    async def body(transport: Any) -> None:
        async with transport as streams, ClientSession(*streams) as session:
            await session.initialize()
            raise KeyError("body")

    async def missing(transport: Any) -> None:
        async with transport:
            raise AssertionError("there is no such server")

    def failure(use: Any, transport: Any) -> list[str]:
        with pytest.raises(BaseException) as caught:
            anyio.run(use, transport)
        return _kinds(caught.value)

    gone = StdioServerParameters(command=str(tmp_path / "gone"))
    plain, nothing = stdio_client(office(tmp_path / "t")), stdio_client(gone)
    assert failure(body, plain) == failure(body, shield(stdio_client(office(tmp_path / "t")), using=pii))
    assert failure(missing, nothing) == failure(missing, shield(stdio_client(gone), using=pii))


def _kinds(error: BaseException) -> list[str]:
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    return [type(error).__name__, *(kind for each in inner for kind in _kinds(each))]


def test_a_server_that_ends_ends_the_session(pii: PiiShield) -> None:
    async def main() -> None:
        async with create_client_server_memory_streams() as ((read, write), (server_read, server_write)):

            @asynccontextmanager
            async def transport() -> AsyncIterator[Any]:
                yield read, write

            async def end() -> None:
                await server_read.receive()
                await server_write.aclose()

            async with (
                shield(transport(), using=pii) as streams,
                ClientSession(*streams) as session,
                anyio.create_task_group() as group,
            ):
                group.start_soon(end)
                with pytest.raises(MCPError):
                    await session.initialize()

    anyio.run(main)


def test_an_error_that_quotes_a_message_is_replaced(pii: PiiShield) -> None:
    async def main() -> None:
        async with create_client_server_memory_streams() as ((read, write), (_, server_write)):

            @asynccontextmanager
            async def transport() -> AsyncIterator[Any]:
                yield read, write, "more"

            async with shield(transport(), using=pii) as (reader, _, more):
                assert more == "more"
                await server_write.send(ValueError(f"bad line: {JANE}"))
                await server_write.send(ConnectionError("reset"))
                first, second = await reader.receive(), await reader.receive()
                assert JANE not in repr(first)
                assert isinstance(second, ConnectionError)

    anyio.run(main)


def test_a_transport_is_shielded_once(pii: PiiShield, tmp_path: Path) -> None:
    async def main() -> None:
        twice = shield(shield(stdio_client(office(tmp_path / "t")), using=pii), using=pii)
        async with Client(twice) as client:
            assert "[EMAIL_" in text(await client.call_tool("get_customer", {"id": "1"}))

    anyio.run(main)


def test_a_vault_that_cannot_be_used_fails_before_the_server_starts(tmp_path: Path) -> None:
    (tmp_path / "vault.db").write_text("no database" * 1000)
    broken = PiiShield(vault=str(tmp_path / "vault.db"))

    async def main() -> None:
        async with shield(stdio_client(office(tmp_path / "t")), using=broken):
            raise AssertionError("entered")

    with pytest.raises(VaultError):
        anyio.run(main)
    assert not (tmp_path / "t").exists()


def test_headers_that_repeat_an_argument_follow_its_release() -> None:
    params = b'{"name":"send","arguments":{"to":"[EMAIL_7K2QF9M36]"}}'
    before = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":%s}' % params
    metadata = ClientMessageMetadata(headers={"Mcp-Name": "send", "Mcp-Param-To": "[EMAIL_7K2QF9M36]"})
    item = SessionMessage(messages.new(before).message, metadata)
    released = messages.changed(item, before.replace(b"[EMAIL_7K2QF9M36]", JANE.encode()))
    headers = messages.follow(released, before).metadata.headers
    assert headers == {"Mcp-Name": "send", "Mcp-Param-To": JANE}
    assert metadata.headers == {"Mcp-Name": "send", "Mcp-Param-To": "[EMAIL_7K2QF9M36]"}
