"""The official suite finds no difference between a server and the same server behind the shield, detection on."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from suite import REFERENCE, Check, reference_server, results

from pii_shield.entities import DEFAULT_TYPES

pytestmark = pytest.mark.slow
REVISIONS = ("2025-11-25", "2026-07-28")
NAME_IN_A_FORM = "elicitation-sep1034-string-default"
"""A form's default is "John Doe", and the suite wants to see it. The shield shows a token, as for every name."""
NEEDS_EVENT_IDS = {"server-sse-disconnect-resume", "server-sse-priming-event", "server-sse-retry-field"}
"""A process on stdio has no event streams that a client could resume."""


@pytest.fixture(scope="module")
def direct() -> Iterator[str]:
    with reference_server() as url:
        yield url


@pytest.fixture(scope="module")
def shielded(direct: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of `pii-shield serve` in front of the same server."""
    folder = tmp_path_factory.mktemp("shield")
    nameless = sorted(DEFAULT_TYPES - {"PERSON", "LITERAL", "OPAQUE"})
    shared = f"""
[blobs]
images = "pass"
audio = "pass"
other = "pass"
[servers.http]
url = "{direct}"
[servers.stdio]
command = ["{sys.executable}", "{REFERENCE}", "stdio"]
"""
    processes = []
    urls = []
    for name, extra in (("all", ""), ("nameless", f"[detect]\ntypes = {nameless}\n")):
        config = folder / f"{name}.toml"
        config.write_text(extra + shared)
        config.chmod(0o600)
        options = ["--config", str(config), "--vault", str(folder / "vault.db"), "--port", "0", "--no-auth"]
        process = subprocess.Popen(
            [sys.executable, "-m", "pii_shield", "serve", *options], stderr=subprocess.PIPE, text=True
        )
        processes.append(process)
        assert process.stderr
        found = re.search(r"http://\S+", process.stderr.readline())
        assert found
        urls.append(found[0])
    yield " ".join(urls)
    for process in processes:
        process.terminate()
        process.wait(30)
        assert process.stderr
        process.stderr.close()


def failed(checks: list[Check]) -> set[str]:
    return {check.id for check in checks if check.status == "FAILURE"}


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_suite_sees_the_same_through_the_shield(direct: str, shielded: str, revision: str, tmp_path: Path) -> None:
    every_type, nameless = shielded.split()
    plain = results(direct, revision, tmp_path / "direct")
    assert Counter(check.status for check in plain)["SUCCESS"] > 80
    assert failed(plain) == set()
    assert results(f"{nameless}/servers/http/mcp", revision, tmp_path / "nameless") == plain
    protected = results(f"{every_type}/servers/http/mcp", revision, tmp_path / "all")
    assert {check.id for check in set(protected) ^ set(plain)} <= {NAME_IN_A_FORM}


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_server_on_stdio_conforms_over_http(shielded: str, revision: str, tmp_path: Path) -> None:
    _, nameless = shielded.split()
    checks = results(f"{nameless}/servers/stdio/mcp", revision, tmp_path / "stdio")
    assert failed(checks) <= NEEDS_EVENT_IDS
    assert Counter(check.status for check in checks)["SUCCESS"] > 75
