"""`pii-shield hook claude-code`: answers the events of a client that calls hooks."""

import os
import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from ..client.hooks.means import Means

DESCRIPTION = """\
Reads one event of Claude Code as JSON on stdin and writes the answer on stdout: what the built-in tools (Bash, Read,
Edit, Grep, ...) show becomes tokens, files that are written with tokens get their values, and calls that touch
pii-shield itself are refused. Whatever goes wrong, the tool is not called or its output is withheld. People do not call
this: `pii-shield install --hooks` puts it into the client's settings.
"""


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    parser = subparsers.add_parser(
        "hook", help="answer the events of a client that calls hooks", description=DESCRIPTION
    )
    parser.add_argument("client", choices=("claude-code",), help="whose events they are")
    parser.add_argument("--scope", help="the set of tokens (default: default)")
    parser.add_argument("--vault", metavar="PATH", help="vault file")
    parser.add_argument("--config", metavar="FILE", help="configuration file")
    parser.set_defaults(func=run)


def run(args: Namespace) -> int:
    """Answer one event.

    Returns:
        0: what is wrong is said in the answer, which the client reads only then.
    """
    from ..client.hooks.reply import reply

    def means() -> "Means":
        from .. import config
        from ..client.hooks.means import Means

        settings = config.load(os.environ, file=args.config, scope=args.scope, vault=args.vault)
        return Means(settings, os.environ, sys.platform)

    answer = reply(sys.stdin.buffer.read(), means)
    sys.stdout.buffer.write(answer + b"\n")
    sys.stdout.buffer.flush()
    return 0
