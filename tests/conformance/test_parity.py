"""The official suite finds no difference between a server and the same server behind the shield, detection on."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def served(folder: Path, name: str, config: str) -> Iterator[str]:
    """`pii-shield serve` with binary content let through; gives its base URL."""
    file = folder / f"{name}.toml"
    file.write_text(config + '[blobs]\nimages = "pass"\naudio = "pass"\nother = "pass"\n')
    file.chmod(0o600)
    options = ["--config", str(file), "--vault", str(folder / "vault.db"), "--port", "0", "--no-auth"]
    command = [sys.executable, "-m", "pii_shield", "serve", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    found = re.search(r"http://\S+", process.stderr.readline())
    assert found
    yield found[0]
    process.terminate()
    process.wait(30)
    process.stderr.close()


NAMELESS = f"[detect]\ntypes = {sorted(DEFAULT_TYPES - {'PERSON', 'LITERAL', 'OPAQUE'})}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shield")


@pytest.fixture(scope="module")
def shielded(direct: str, folder: Path) -> Iterator[str]:
    """The base URLs of `pii-shield serve` in front of the same server: all types, all but names."""
    stdio = f'[servers.stdio]\ncommand = ["{sys.executable}", "{REFERENCE}", "stdio"]\n'
    config = f'[servers.http]\nurl = "{direct}"\n{stdio}'
    with served(folder, "all", config) as every_type, served(folder, "nameless", NAMELESS + config) as nameless:
        yield f"{every_type} {nameless}"


@pytest.fixture(scope="module")
def gathered(direct: str, folder: Path) -> Iterator[str]:
    """The same server as one of two, and one that is not there."""
    clock = Path(sys.executable).with_name("mcp-server-time")
    others = f'[servers.clock]\ncommand = ["{clock}"]\n[servers.gone]\nurl = "http://127.0.0.1:9/mcp"\n'
    with served(folder, "gathered", f'{NAMELESS}[servers.http]\nurl = "{direct}"\n{others}') as url:
        yield url


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


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_server_among_others_loses_no_check(direct: str, gathered: str, revision: str, tmp_path: Path) -> None:
    plain = results(direct, revision, tmp_path / "direct")
    assert results(f"{gathered}/mcp", revision, tmp_path / "gathered") == plain
