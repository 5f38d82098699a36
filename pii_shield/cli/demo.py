"""`pii-shield demo`: see the product work in two seconds, without a client, a network or a trace left behind."""

import os
import shutil
import signal
import sys
import time
from argparse import ArgumentParser, Namespace
from types import FrameType
from typing import TYPE_CHECKING, Any

from . import page

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from ..demo.view import Look

INTERRUPTED = 130
FALLBACK_SIZE = (100, 24)


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    parser = subparsers.add_parser(
        "demo",
        help="watch a scripted agent work behind the shield",
        description="Starts three small MCP servers behind `pii-shield run`, lets a scripted agent work with "
        "them, and shows side by side what the model saw and what the servers received. No network; "
        "deletes its vault.",
        epilog=page.epilog(
            examples={"pii-shield demo": "", "pii-shield demo --json": "what was said, for programs"},
            exits={0: "no value reached the model's side", 1: "one did", **page.USAGE, 130: "ended with Ctrl-C"},
            environment=("NO_COLOR", "COLUMNS"),
        ),
    )
    parser.add_argument("--json", action="store_true", help="print data in place of the picture")
    parser.set_defaults(func=run)


def run(args: Namespace) -> int:
    """Play the demo and print it.

    Returns:
        0; 1 when a value reached the model's side; 130 when interrupted.
    """
    import json

    from ..demo.stage import play
    from ..demo.view import as_json, draw

    signal.signal(signal.SIGTERM, _interrupt)  # so that the temporary folder goes in this case too
    begin = time.monotonic()
    try:
        played = play(os.environ)
    except KeyboardInterrupt:
        return INTERRUPTED
    seconds = time.monotonic() - begin
    if args.json:
        print(json.dumps(as_json(played, seconds), indent=2, ensure_ascii=not _speaks_unicode()))
    else:
        print(draw(played, seconds, _look()), end="")
    return 1 if played.leaked else 0


def _interrupt(_signal: int, _frame: FrameType | None) -> Any:
    raise KeyboardInterrupt


def _look() -> "Look":
    from ..demo.view import Look

    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Look(shutil.get_terminal_size(FALLBACK_SIZE).columns, color, _speaks_unicode())


def _speaks_unicode() -> bool:
    try:
        "│─→←".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
