"""The program itself: which one runs, whether another has its name, and what it can use."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

from .. import __version__
from .line import Line, Patient, fail, ok, warn

DISTRIBUTION: Final = "pii-shield-mcp"
_OTHER: Final = "pii-shield"
_MCP: Final = ((1, 24), (3, 0))
"""The first version of mcp that the library works with, and the first that it does not."""
_DEVELOPERS: Final = frozenset({"test", "bench", "dev", "docs"})
_EXTRA: Final = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?.*;\s*.*extra == ['\"]([^'\"]+)['\"]")
_SECONDS: Final = 30


def version(patient: Patient) -> Iterator[Line]:
    """Which program this is."""
    yield ok("version", f"{__version__}: {' '.join(patient.launcher)}")
    yield ok("python", f"{'.'.join(map(str, sys.version_info[:3]))}: {sys.executable}")


def name(_: Patient) -> Iterator[Line]:
    """Whether another package has overwritten our files, or could."""
    owners = set(metadata.packages_distributions().get("pii_shield") or ()) - {DISTRIBUTION}
    owners |= {_OTHER} if _is_installed(_OTHER) else set()
    if not owners:
        yield ok("name", "no other package of this name is installed")
        return
    yield fail(
        "name",
        f"the package {', '.join(sorted(owners))} is installed beside this one",
        f"it is somebody else's, and has the same files as {DISTRIBUTION}: which program runs depends on chance",
        f"remove both, then install {DISTRIBUTION} again, in an environment of its own",
    )


def on_path(patient: Patient) -> Iterator[Line]:
    """What a person who types `pii-shield` gets."""
    found = shutil.which(_OTHER, path=patient.environ.get("PATH", ""))
    own = Path(patient.launcher[0])
    if found is None:
        yield ok("on PATH", "no pii-shield there; clients do not need one, their files name it in full")
    elif Path(found).resolve() == own.resolve():
        yield ok("on PATH", "this very program")
    elif DISTRIBUTION in (said := _version_of(found)):
        yield warn(
            "on PATH",
            f"{found} comes first: {said}",
            "it is another installation of this program",
            "remove the one that you do not need, then: pii-shield install",
        )
    else:
        yield fail(
            "on PATH",
            f"{found} comes first, and is another program of the same name",
            "who types pii-shield runs that one",
            f"remove it, or put {own.parent} first on PATH",
        )


def mcp(_: Patient) -> Iterator[Line]:
    """Whether the library can work with the SDK that is installed."""
    try:
        found = metadata.version("mcp")
    except metadata.PackageNotFoundError:
        yield ok("mcp", "not installed; only Python programs that use the library need it")
        return
    numbers = tuple(int(part) for part in re.findall(r"\d+", found)[:2])
    if _MCP[0] <= numbers < _MCP[1]:
        yield ok("mcp", found)
        return
    first, last = (".".join(map(str, part)) for part in _MCP)
    yield warn(
        "mcp",
        f"{found}: `shield` and `instrument` are made for {first} to below {last}",
        "`pii-shield run` does not use it",
        f'pip install "mcp>={first},<{last[0]}"',
    )


def extras(_: Patient) -> Iterator[Line]:
    """What can be installed besides, and what is."""
    wanted: dict[str, list[str]] = {}
    for requirement in _requirements():
        said = _EXTRA.match(requirement)
        if said and said[2] not in _DEVELOPERS:
            wanted.setdefault(said[2], []).append(said[1])
    there = [extra for extra, packages in wanted.items() if all(map(_is_installed, packages))]
    absent = [extra for extra in wanted if extra not in there]
    more = f"; not: {', '.join(sorted(absent))} (pip install '{DISTRIBUTION}[NAME]')" if absent else ""
    yield ok("extras", f"{', '.join(sorted(there)) or 'none'}{more}")


def _requirements() -> list[str]:
    try:
        return metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return []


def _is_installed(distribution: str) -> bool:
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def _version_of(program: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - what a person who types its name would run
            [program, "--version"], capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip().splitlines()[0] if done.stdout.strip() else ""
