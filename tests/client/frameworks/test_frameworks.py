"""Agent frameworks of others, each in its own environment: the model has tokens, the server the values.

The agents are what their documentation shows, but for one line: `pii_shield.instrument()`, or the one that the name of
the agent says.
"""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.client.office_server import JANE
from tests.e2e import packages

ROOT = Path(__file__).parents[3]
AGENTS = Path(__file__).parent / "agents"
SECONDS = 120


class Framework(NamedTuple):
    """One agent, and the packages that it needs."""

    agent: str
    packages: tuple[str, ...]


FRAMEWORKS = (
    Framework("mcp_1", ("mcp==1.30.0",)),
    Framework("mcp_1_shield", ("mcp==1.30.0",)),
    Framework("mcp_1_shield", ("mcp==1.24.0",)),
    Framework("mcp_2", ("mcp==2.3.0",)),
    Framework("fast_mcp", ("fastmcp==4.1.2",)),
    Framework("fast_mcp_shield_config", ("fastmcp==4.1.2",)),
    Framework("langchain", ("langchain-mcp-adapters==0.3.2",)),
    Framework("langchain_shield_config", ("langchain-mcp-adapters==0.3.2",)),
    Framework("pydantic_ai_agent", ("pydantic-ai-slim[mcp]==2.68.0",)),
    Framework("openai_agents", ("openai-agents==0.24.0",)),
    Framework("llama_index_agent", ("llama-index-tools-mcp==0.6.0",)),
    Framework("google_adk", ("google-adk[mcp]==2.13.0",)),
    Framework("crew_ai", ("crewai-tools[mcp]==1.15.30",)),
)


@pytest.fixture
def python(request: pytest.FixtureRequest) -> Path:
    """The framework's Python. Gigabytes are installed only where somebody asked for it."""
    own = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    wanted = (*request.param, *own)
    asked = os.environ.get("CI") or "frameworks" in request.config.getoption("-m")
    if not asked and not packages.is_installed(*wanted):
        pytest.skip(f"{request.param[0]} is not installed yet; pytest -m frameworks installs it")
    found = packages.python_with(*wanted)
    (site,) = found.parents[1].glob("lib/python*/site-packages")
    (site / "pii_shield_checkout.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    return found


@pytest.mark.frameworks
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("agent", "python"), FRAMEWORKS, indirect=["python"], ids=[f"{f.agent}-{f.packages[0]}" for f in FRAMEWORKS]
)
def test_the_model_has_tokens_and_the_server_the_values(agent: str, python: Path, tmp_path: Path) -> None:
    transcript = tmp_path / "transcript"
    office = _program(tmp_path / "office", "-m", "tests.client.office_server", "--transcript", str(transcript))
    seen = _run(python, agent, office, tmp_path)
    assert JANE not in "".join(seen)
    (token,) = set(re.findall(r"\[EMAIL_\w+\]", seen[0]))
    assert token in seen[1]
    assert _called(transcript) == [{"id": "1"}, {"to": JANE}]


def _program(path: Path, *arguments: str) -> Path:
    """The server as a program of its own, which runs in our environment and not in the framework's."""
    words = " ".join(f"'{word}'" for word in (sys.executable, *arguments))
    path.write_text(f"#!/bin/sh\nPYTHONPATH='{ROOT}' exec {words}\n", encoding="utf-8")
    path.chmod(0o700)
    return path


def _run(python: Path, agent: str, office: Path, home: Path) -> list[str]:
    """What the model of the agent saw."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("XDG_CONFIG", "XDG_DATA", "XDG_STATE", "PII_SHIELD_", "OTEL_"))
    }
    environ = {**kept, "HOME": str(home), "CREWAI_DISABLE_TELEMETRY": "true"}
    done = subprocess.run(
        [python, AGENTS / f"{agent}.py", office],
        env=environ, cwd=home, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen: list[str] = json.loads(done.stdout.splitlines()[-1])
    return seen


def _called(transcript: Path) -> list[dict[str, str]]:
    """The arguments of the calls that reached the server."""
    lines = [json.loads(line) for line in transcript.read_text("utf-8").splitlines()]
    return [said["params"]["arguments"] for who, said in lines if who == "received" and said["method"] == "tools/call"]
