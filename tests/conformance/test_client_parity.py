"""The official suite finds no difference between a client on HTTP and one on pipes through `pii-shield run --url`."""

import shlex
import sys
from pathlib import Path

import pytest
from suite import client_results

pytestmark = pytest.mark.slow
CLIENT = Path(__file__).parent / "suite_client.py"
LEGACY, MODERN = "2025-11-25", "2026-07-28"
SCENARIOS = [
    ("initialize", LEGACY),
    ("tools_call", LEGACY),
    ("tools_call", MODERN),
    ("sse-retry", LEGACY),
    ("elicitation-sep1034-client-defaults", LEGACY),
    ("request-metadata", MODERN),
    ("http-standard-headers", MODERN),
    ("http-custom-headers", MODERN),
    ("http-invalid-tool-headers", MODERN),
    ("sep-2322-client-request-state", MODERN),
    ("json-schema-ref-no-deref", MODERN),
    ("json-schema-2020-12-preservation", LEGACY),
    ("json-schema-2020-12-preservation", MODERN),
]


def command(way: str, folder: Path) -> str:
    (folder / "config.toml").touch(0o600)
    return shlex.join([sys.executable, str(CLIENT), way, str(folder)])


@pytest.mark.parametrize(("scenario", "revision"), SCENARIOS)
def test_a_client_on_pipes_does_what_a_client_on_http_does(scenario: str, revision: str, tmp_path: Path) -> None:
    direct = client_results(command("direct", tmp_path), scenario, revision, tmp_path / "direct")
    shielded = client_results(command("shield", tmp_path), scenario, revision, tmp_path / "shield")
    assert any(check.status == "SUCCESS" for check in direct)
    assert not [check for check in shielded if check.status == "FAILURE"]
    assert [check[1:] for check in shielded] == [check[1:] for check in direct]
