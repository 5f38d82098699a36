"""`pii-shield serve` ships the audit log in the background, and its metrics say how far behind a receiver is."""

import os
import time
from pathlib import Path

from audit.kit import SEED, release
from audit.ship.kit import Collector, closing, status
from http_kit import Service, Upstream, result_of

from pii_shield.audit.log import Log

MAIL = "jane.miller@acme-corp.com"


def metrics(service: Service) -> str:
    with service.client("crm").request("GET", path="/metrics") as response:
        return response.read().decode()


def test_serve_ships_and_says_what_it_has_not_shipped(upstream: Upstream, tmp_path: Path) -> None:
    log = Log(tmp_path / "vault.db", lambda: SEED, os.urandom)
    log.commit("release", **release())
    log.close()
    upstream.answer = result_of({"content": [{"type": "text", "text": MAIL}]})
    collector = Collector(status(503), status(503), status(200))
    toml = f'[servers.crm]\nurl = "{upstream.url}"\n[audit.ship.siem]\nto = "http://127.0.0.1:{collector.port}/"\n'
    with closing(collector), Service(tmp_path, toml) as service:
        deadline = time.monotonic() + 60
        while 'ship_lag_rows{receiver="siem"} 3' not in metrics(service):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        service.client("crm").ask("tools/call", {"name": "find", "arguments": {}})
        while "protect" not in {row["type"] for call in collector.calls[2:] for row in call.rows}:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    assert MAIL not in str(collector.calls)
    arrived = [row["seq"] for call in collector.calls[2:] for row in call.rows]
    assert arrived == list(range(1, len(arrived) + 1))
