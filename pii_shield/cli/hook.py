"""`pii-shield hook`: answers the events of a client that calls hooks, and runs its shell."""

import os
import sys
from argparse import REMAINDER, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from ..client.hooks.means import Means

DESCRIPTION = """\
claude-code: reads one event of Claude Code as JSON on stdin and writes the answer on stdout. What the built-in tools
(Read, Edit, Grep, WebFetch, ...) show becomes tokens, files that are written with tokens get their values, and calls
that touch pii-shield itself are refused. Whatever goes wrong, the tool is not called or its output is withheld.

shell: runs a shell whose output has tokens; with the client's own hooks alone, a command that fails would show values.

People call neither: `pii-shield install --hooks` puts them into the client's settings.
"""
EPILOG = "Exit code: 0, as the client reads an answer only then; `shell` ends with the shell's own code."


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    parser = subparsers.add_parser(
        "hook",
        help="answer the events of a client that calls hooks",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    kinds = parser.add_subparsers(metavar="WHAT", required=True)
    answering = kinds.add_parser("claude-code", help="answer one event")
    shell = kinds.add_parser("shell", help="run a shell", usage="pii-shield hook shell [--scope S] -- SHELL ARGS...")
    for one, func in ((answering, _answer), (shell, _shell)):
        one.add_argument("--scope", help="the set of tokens (default: default)")
        one.add_argument("--vault", metavar="PATH", help="vault file")
        one.add_argument("--config", metavar="FILE", help="configuration file")
        one.set_defaults(func=func, usage_error=one.error)
    shell.add_argument("--drain", action="store_true", help="make tokens of stdin, run nothing")
    shell.add_argument("command", nargs=REMAINDER, metavar="SHELL ARGS...", help="the real shell")


def _answer(args: Namespace) -> int:
    from ..client.hooks.reply import reply

    answer = reply(sys.stdin.buffer.read(), lambda: _means(args))
    sys.stdout.buffer.write(answer + b"\n")
    sys.stdout.buffer.flush()
    return 0


def _shell(args: Namespace) -> int:
    from ..client.hooks import shell
    from ..client.hooks.after import protector

    argv: list[str] = args.command[1:] if args.command[:1] == ["--"] else args.command
    protect = protector(" ".join(argv), lambda: _means(args))
    if args.drain:
        shell.filter_stdin(protect)
        return 0
    if not argv:
        args.usage_error("the shell is missing: pii-shield hook shell -- /bin/bash -c COMMAND")
    places = [word for name in ("scope", "vault", "config") for word in _flag(name, getattr(args, name))]
    drain = (sys.executable, "-P", "-m", "pii_shield", "hook", "shell", *places, "--drain")
    return shell.run(argv, os.environ, protect, drain)


def _means(args: Namespace) -> "Means":
    from .. import config
    from ..client.hooks.means import Means

    settings = config.load(os.environ, file=args.config, scope=args.scope, vault=args.vault)
    return Means(settings, os.environ, sys.platform)


def _flag(name: str, value: str | None) -> tuple[str, ...]:
    return () if value is None else (f"--{name}", value)
