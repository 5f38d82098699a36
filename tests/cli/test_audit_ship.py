"""`pii-shield audit ship` as people, cron and clients use it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from audit.kit import fill
from audit.ship.kit import Collector, closing, status

TOKEN = "s3cr3t-of-the-collector"


@pytest.fixture
def collector() -> Iterator[Collector]:
    receiver = Collector()
    with closing(receiver):
        yield receiver


@pytest.fixture
def home(tmp_path: Path, collector: Collector) -> Path:
    configure(tmp_path, f"http://127.0.0.1:{collector.port}/rows?key=hidden-too")
    return tmp_path


def configure(home: Path, to: str) -> None:
    text = f'[vault]\npath = "{home}/data/vault.db"\n[audit]\ncheckpoints = ["{home}/checkpoints"]\n'
    text += f'[audit.ship.siem]\nto = "{to}"\nheaders = {{ Authorization = "Bearer ${{SIEM_TOKEN}}" }}\n'
    (home / "config.toml").write_text(text)
    (home / "config.toml").chmod(0o600)


def pii_shield(home: Path, *args: str, code: int = 0, **environ: str) -> str:
    """Standard output, and standard error after it; the command must end with the code."""
    argv = [sys.executable, "-m", "pii_shield", *args]
    variables = {**os.environ, "HOME": str(home), "PII_SHIELD_CONFIG": str(home / "config.toml"), **environ}
    done = subprocess.run(argv, check=False, capture_output=True, text=True, env=variables, timeout=60)
    assert done.returncode == code, done.stderr
    assert TOKEN not in done.stdout + done.stderr and "hidden-too" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_ship_brings_everything_and_says_so(home: Path, collector: Collector) -> None:
    fill(home, 20)
    said = pii_shield(home, "audit", "ship", SIEM_TOKEN=TOKEN)
    count = len(collector.rows)
    assert f"siem (http://127.0.0.1:{collector.port}) has all {count} rows" in said
    assert collector.calls[0].headers["Authorization"] == f"Bearer {TOKEN}"
    (state,) = json.loads(pii_shield(home, "audit", "ship", "--status", "--json", SIEM_TOKEN=TOKEN))
    assert (state["sent"], state["rows"], state["problem"]) == (count, 0, "")
    pii_shield(home, "audit", "ship", "--from", str(count), "--to", "siem", SIEM_TOKEN=TOKEN)
    assert [row["seq"] for row in collector.calls[-1].rows] == [count]


def test_a_receiver_that_refuses_is_seen_everywhere(home: Path, collector: Collector) -> None:
    fill(home, 20)
    collector.script = [status(401)]
    said = pii_shield(home, "audit", "ship", "--patience", "0", code=1, SIEM_TOKEN=TOKEN)
    assert "behind: it answers HTTP 401, since" in said
    assert "HTTP 401" in pii_shield(home, "audit", "ship", "--status", code=1, SIEM_TOKEN=TOKEN)
    summary = pii_shield(home, "audit", "summary", "--since", "2020-01-01", SIEM_TOKEN=TOKEN)
    assert "shipping" in summary and "HTTP 401" in summary


def test_a_missing_variable_is_named_and_stops_nothing_else(home: Path, collector: Collector) -> None:
    fill(home, 20)
    assert "the environment has no SIEM_TOKEN" in pii_shield(home, "audit", "ship", code=1)
    assert "nothing is wrong" in pii_shield(home, "audit", "verify")
    assert collector.calls == []


def test_wrong_use_is_said_clearly(home: Path) -> None:
    assert "PS702" in pii_shield(home, "audit", "ship", code=4, SIEM_TOKEN=TOKEN)
    fill(home, 5)
    said = pii_shield(home, "audit", "ship", "--to", "nobody", code=4, SIEM_TOKEN=TOKEN)
    assert "PS712" in said and "receiver nobody" in said and "configured: siem" in said
    for wrong in (("--from", "0"), ("--from", "x"), ("--patience", "-1")):
        pii_shield(home, "audit", "ship", *wrong, code=2, SIEM_TOKEN=TOKEN)
    configure(home, "http://collector.example/")
    said = pii_shield(home, "audit", "ship", code=3, SIEM_TOKEN=TOKEN)
    assert "PS305" in said and "in the clear" in said
    (home / "config.toml").write_text("")
    assert "PS712" in pii_shield(home, "audit", "ship", code=4)


ECHO = """
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    text = {"type": "text", "text": "mail jane@acme.com"}
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": {"content": [text]}}), flush=True)
"""


def test_run_ships_in_the_background_and_never_a_value(home: Path, collector: Collector) -> None:
    server = home / "server.py"
    server.write_text(ECHO)
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "find", "arguments": {}}}
    argv = [sys.executable, "-m", "pii_shield", "run", "--name", "crm", "--", sys.executable, str(server)]
    environ = {**os.environ, "HOME": str(home), "PII_SHIELD_CONFIG": str(home / "config.toml"), "SIEM_TOKEN": TOKEN}
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ, text=True) as process:
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(call) + "\n")
        process.stdin.flush()
        assert "[EMAIL_" in process.stdout.readline()
        deadline = time.monotonic() + 60
        while "protect" not in {row["type"] for row in collector.rows}:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.stdin.close()
        assert process.wait(60) == 0
    assert [row["type"] for row in collector.rows][:3] == ["log", "start", "protect"]
    assert "jane" not in str(collector.calls)
    pii_shield(home, "audit", "ship", SIEM_TOKEN=TOKEN)
    seqs = [row["seq"] for row in collector.rows]
    assert sorted(set(seqs)) == list(range(1, max(seqs) + 1))
    assert collector.rows[-1]["type"] == "stop"
