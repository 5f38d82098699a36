"""The clipboard of this desktop, through the program that it has for that. Values go by stdin, never as arguments."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Final, NamedTuple

from ..errors import ShieldError

SECONDS: Final = 10


class ClipboardError(ShieldError):
    """There is no clipboard, or it does not take the text."""

    code = "PS371"


class Program(NamedTuple):
    """What copies.

    Attributes:
        argv: reads the text on stdin.
        display: variable that must be set; "" for none.
        platform: `sys.platform` that it is for; "" for all others.
    """

    argv: tuple[str, ...]
    display: str = ""
    platform: str = ""


PROGRAMS: Final = (
    Program(("pbcopy",), platform="darwin"),
    Program(("clip.exe",), platform="win32"),
    Program(("wl-copy",), "WAYLAND_DISPLAY"),
    Program(("xclip", "-selection", "clipboard"), "DISPLAY"),
    Program(("xsel", "--clipboard", "--input"), "DISPLAY"),
    Program(("clip.exe",), "WSL_DISTRO_NAME"),
)


def copy(text: str, environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> None:
    """Put a text on the clipboard.

    Raises:
        ClipboardError: nothing here can, or it failed.
    """
    argv = _program(environ, platform)
    try:
        done = subprocess.run(  # noqa: S603 - a name of the table, found on the PATH
            argv,
            input=text.encode("utf-8", "surrogateescape"),
            stdout=subprocess.DEVNULL,  # some keep it open to serve the clipboard
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise ClipboardError(f"{argv[0]} does not answer", fix="show it on the screen: leave --clip out") from None
    if done.returncode:
        raise ClipboardError(f"{argv[0]} failed", fix="show it on the screen: leave --clip out")


def _program(environ: Mapping[str, str], platform: str) -> list[str]:
    for program in PROGRAMS:
        fits = program.platform == platform if program.platform else platform not in ("darwin", "win32")
        found = shutil.which(program.argv[0], path=environ.get("PATH"))
        if fits and found and (not program.display or environ.get(program.display)):
            return [found, *program.argv[1:]]
    raise ClipboardError(
        "no program for the clipboard is here", fix="install wl-clipboard, xclip or xsel, or leave --clip out"
    )
