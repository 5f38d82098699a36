import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from http_kit import Client, Service

OFFERING = Path(__file__).parent / "offering.py"


def server(name: str, **offer: Any) -> str:
    """A table of the configuration."""
    words = [sys.executable, str(OFFERING), name, json.dumps(offer)]
    return f"[servers.{name}]\ncommand = [{', '.join(map(json.dumps, words))}]\n"


COMMON = ["ask", "roots", "steps", "wait", "heard", "change", "touch", "rounds", "job", "link", "say"]
ONE = server(
    "one",
    tools=["search", "only_one"],
    resources=["one://a", "file:///both"],
    templates=["one://{id}/x"],
    prompts=["greet", "hi"],
)
TWO = server(
    "two",
    tools=["search", "only_two", "one__search"],
    resources=["two://a", "file:///both"],
    prompts=["greet"],
    page=1,
)


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Two servers that offer some of the same, one that cannot be reached, one that is not there."""
    config = (
        ONE
        + TWO
        + server("jobs", tools=COMMON, resources=["jobs://a"])
        + '[servers.nowhere]\nurl = "http://127.0.0.1:9/mcp"\n'
        + '[servers.missing]\ncommand = ["no-such-program-anywhere"]\n'
    )
    with Service(tmp_path_factory.mktemp("together"), config) as running:
        yield running


@pytest.fixture
def stateless(together: Service) -> Client:
    """A client of 2026-07-28."""
    return together.client("")


@pytest.fixture
def session(together: Service) -> Client:
    """A client of 2025-11-25 in a session."""
    client = together.client("")
    client.initialize()
    return client
