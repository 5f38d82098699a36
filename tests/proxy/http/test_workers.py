"""`pii-shield serve --workers N`: one address, several processes, one vault."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from http_kit import Service, Upstream, events, hang_up, result_of

MAIL = "jane.miller@acme-corp.com"


@pytest.fixture(scope="module")
def many(_upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    server = Path(__file__).parent / "stdio_server.py"
    config = f'[servers.crm]\nurl = "{_upstream.url}"\n[servers.pipe]\ncommand = ["{sys.executable}", "{server}"]\n'
    with Service(tmp_path_factory.mktemp("many"), config, "--workers", "2") as running:
        yield running


def text_of(answer: dict) -> str:
    return answer["result"]["content"][0]["text"]


def test_a_session_is_found_from_whichever_worker_a_request_arrives_at(many: Service) -> None:
    owners: set[str] = set()
    for number in range(80):  # the kernel says which worker gets a connection
        if number >= 8 and len(owners) == 2:
            break
        client = many.client("pipe")
        client.initialize()
        owners.add(client.session.split("-")[0])
        assert len({text_of(client.call("pid")) for _ in range(6)}) == 1
    assert owners == {"0", "1"}


def test_a_session_with_all_servers_is_found_too(many: Service) -> None:
    for _ in range(4):
        client = many.client("")
        client.initialize()
        for _ in range(6):
            assert [tool["name"] for tool in client.ask("tools/list")["result"]["tools"]] == ["echo"]


def test_streams_go_through_other_workers_event_by_event(many: Service) -> None:
    for _ in range(4):
        client = many.client("pipe")
        client.initialize()
        stream = client.request("GET")
        client.call("change")
        assert next(events(stream))["method"] == "notifications/tools/list_changed"
        hang_up(stream)
        with client.request("DELETE") as response:
            assert response.status == 200
        with client.post({"jsonrpc": "2.0", "id": 1, "method": "ping"}) as response:
            assert response.status == 404


def test_all_workers_know_the_same_tokens(many: Service, upstream: Upstream) -> None:
    upstream.answer = result_of({"content": [{"type": "text", "text": MAIL}]})
    tokens = {text_of(many.client("crm").call("look")) for _ in range(8)}
    assert len(tokens) == 1
    for _ in range(8):
        many.client("crm").call("send", to=next(iter(tokens)))
        assert upstream.last[2]["params"]["arguments"] == {"to": MAIL}


def test_another_principal_finds_no_session_at_any_worker(many: Service) -> None:
    client = many.client("pipe")
    client.initialize()
    thief = many.client("pipe", many.run("--issue", "thief").stdout.strip())
    thief.session = client.session
    for _ in range(6):
        with thief.post({"jsonrpc": "2.0", "id": 1, "method": "ping"}) as response:
            assert response.status == 404


@pytest.mark.parametrize("session", ["0-", "9-abc", "-1-abc", "0-unknown", "1-unknown", "٣-abc", "x"])
def test_a_session_id_that_names_no_session_is_none(many: Service, session: str) -> None:
    client = many.client("pipe")
    client.session = session.encode("ascii", "replace").decode()
    with client.post({"jsonrpc": "2.0", "id": 1, "method": "ping"}) as response:
        assert response.status == 404


def test_metrics_are_of_all_workers(many: Service) -> None:
    with many.client("crm").request("GET", path="/metrics") as response:
        text = response.read().decode()
    assert 'pii_shield_ready{worker="0"} ' in text
    assert 'pii_shield_ready{worker="1"} ' in text
    assert text.count("# TYPE pii_shield_ready gauge") == 1


def test_a_worker_that_dies_is_replaced_and_none_is_left_behind(many: Service, upstream: Upstream) -> None:
    workers = _children(many.process.pid)
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    deadline = time.monotonic() + 20
    while len(set(_children(many.process.pid)) - {workers[0]}) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    upstream.answer = result_of({})
    assert all(many.client("crm").ask("ping")["result"] == {} for _ in range(6))
    workers = _children(many.process.pid)
    assert many.end() == 0
    for pid in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def _children(pid: int) -> list[int]:
    done = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True)
    rows = [line.split() for line in done.stdout.splitlines()]
    return [int(child) for child, parent, state in rows if int(parent) == pid and not state.startswith("Z")]
