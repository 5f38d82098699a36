"""The demo's MCP servers, in process and as children."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pii_shield.demo import crm, mailer, webhook
from pii_shield.demo.people import CUSTOMERS
from pii_shield.demo.stdio import Server

SERVERS = {"crm": crm.SERVER, "mailer": mailer.SERVER, "webhook": webhook.SERVER}


def ask(server: Server, method: str, params: Any = None) -> Any:
    return server.answer({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})


def call(server: Server, tool: str, **arguments: Any) -> Any:
    return ask(server, "tools/call", {"name": tool, "arguments": arguments})["result"]


@pytest.mark.parametrize("tool", ["list", "get"])
def test_structured_results_are_valid_under_their_output_schema_and_equal_to_their_text(tool: str) -> None:
    schemas = {entry["name"]: entry["outputSchema"] for entry in ask(crm.SERVER, "tools/list")["result"]["tools"][:2]}
    result = call(crm.SERVER, tool, email=CUSTOMERS[0]["email"])
    jsonschema.validate(result["structuredContent"], schemas[tool])
    assert json.loads(result["content"][0]["text"]) == result["structuredContent"]


def test_an_unknown_customer_is_an_error_result() -> None:
    assert call(crm.SERVER, "get", email="nobody@example.com")["isError"] is True


@pytest.mark.parametrize("name", SERVERS)
def test_unknown_methods_and_tools_are_json_rpc_errors(name: str) -> None:
    assert ask(SERVERS[name], "resources/list")["error"]["code"] == -32601
    assert ask(SERVERS[name], "tools/call", {"name": "none"})["error"]["code"] == -32602


def test_notifications_have_no_answer() -> None:
    assert crm.SERVER.answer({"jsonrpc": "2.0", "method": "notifications/initialized"}) is None


def test_as_a_child_the_server_answers_each_line_and_keeps_a_private_transcript(tmp_path: Path) -> None:
    transcript = tmp_path / "transcript"
    mail = {"to": "a@example.com", "subject": "s", "body": "b"}
    request = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": "send", "arguments": mail}}
    command = [sys.executable, "-m", "pii_shield.demo.mailer", "--transcript", str(transcript)]
    ended = subprocess.run(
        command, check=False, input=json.dumps(request).encode() + b"\n", capture_output=True, timeout=30
    )
    answer = json.loads(ended.stdout)
    assert answer["id"] == 7
    assert answer["result"]["content"] == [{"type": "text", "text": "Queued for a@example.com."}]
    assert [json.loads(line) for line in transcript.read_text().splitlines()] == [
        ["received", request],
        ["said", answer],
    ]
    assert transcript.stat().st_mode & 0o777 == 0o600
