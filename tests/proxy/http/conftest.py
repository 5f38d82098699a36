from collections.abc import Iterator
from pathlib import Path

import pytest
from http_kit import Client, Service, Upstream, result_of


@pytest.fixture(scope="module")
def _upstream() -> Iterator[Upstream]:
    upstream = Upstream()
    yield upstream
    upstream.close()


@pytest.fixture
def upstream(_upstream: Upstream) -> Upstream:
    """A server on HTTP that answers {} until told otherwise."""
    _upstream.requests.clear()
    _upstream.gone.clear()
    _upstream.answer = result_of({})
    return _upstream


@pytest.fixture(scope="module")
def service(_upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """`pii-shield serve` in front of it, with a stdio server beside."""
    scripted = Path(__file__).parent / "stdio_server.py"
    import sys

    config = f"""
[servers.crm]
url = "{_upstream.url}"
headers = {{ X-Api-Key = "upstream-credential" }}
[servers.pipe]
command = ["{sys.executable}", "{scripted}"]
[servers.shared]
command = ["{sys.executable}", "{scripted}"]
share = "principal"
[servers.nowhere]
url = "http://127.0.0.1:9/mcp"
[servers.missing]
command = ["no-such-program-anywhere"]
"""
    with Service(tmp_path_factory.mktemp("serve"), config) as running:
        yield running


@pytest.fixture
def client(service: Service) -> Client:
    return service.client("crm")
