"""The command that starts this very program from anywhere: absolute, since graphical clients have a bare PATH."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from ...errors import ConfigError
from .wrapper import MODULE, PROGRAM, stem

CHECK_SECONDS: Final = 30

_PASSING: Final = re.compile(r"[/\\](?:uv|pipx)[/\\](?:archive-v\d+|\.?cache)[/\\]|[/\\]\.cache[/\\](?:uv|pipx)[/\\]")
"""Where `uvx` and `pipx run` put programs that they throw away later."""


def find(argv0: str, executable: str = sys.executable) -> tuple[str, ...]:
    """The launcher of the program that runs now.

    Args:
        argv0: as `sys.argv[0]`; the interpreter starts the module if it is not the program itself.
    """
    path = shutil.which(argv0) if stem(argv0) == PROGRAM else None
    # -P: a folder of the same name where the client happens to stand must not be run.
    return (str(Path(path).absolute()),) if path else (executable, "-P", "-m", MODULE)


def check(launcher: Sequence[str], environ: Mapping[str, str]) -> None:
    """Start it once as a client will.

    Raises:
        ConfigError: it would not be there for long, does not start, or is another program of that name.
    """
    if _PASSING.search(launcher[0]):
        raise ConfigError(
            f"{launcher[0]} is in a cache that is emptied now and then",
            code="PS324",
            fix="install pii-shield-mcp for good (uv tool install, pipx install), then install again",
        )
    plain = {name: value for name, value in environ.items() if not name.startswith("PYTHON")}
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            [*launcher, "--version"], env=plain, capture_output=True, text=True, timeout=CHECK_SECONDS, check=False
        )
        said = done.stdout
    except (OSError, subprocess.TimeoutExpired):
        said = ""
    if "pii-shield-mcp" not in said:
        raise ConfigError(
            f"{' '.join(launcher)} does not start this program",
            code="PS324",
            fix="install pii-shield-mcp in an environment of its own, and no package named pii-shield beside it",
        )
