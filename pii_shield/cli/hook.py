"""`pii-shield hook`: answers the events of a client that calls hooks, and runs its shell."""

import os
import sys
from argparse import REMAINDER, ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from ..client.hooks.line import Call
    from ..client.hooks.means import Means
    from ..client.hooks.resident import Houses

SECONDS: Final = 300.0
"""After which an answer says that there is none; the client waits for longer, see `client.hooks.settings.TIMEOUT`."""
_HEAD: Final = 4096
"""Bytes in which an event says its name, if it may need a screen."""
DESCRIPTION = """\
claude-code: reads one event of Claude Code as JSON on stdin and writes the answer on stdout. What the built-in tools
(Read, Edit, Grep, WebFetch, ...) show becomes tokens, files that are written with tokens get their values, and calls
that touch pii-shield itself are refused. Whatever goes wrong, the tool is not called or its output is withheld.

shell: runs a shell whose output has tokens; with the client's own hooks alone, a command that fails would show values.

People call neither: `pii-shield install --hooks` puts them into the client's settings.
"""


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    from . import page  # not needed for an event

    parser = subparsers.add_parser(
        "hook",
        help="answer the events of a client that calls hooks",
        description=DESCRIPTION,
        epilog=page.epilog(
            examples={"pii-shield install --hooks": "has them called", "pii-shield doctor": "sees whether they work"},
            exits={0: "always, as the client reads an answer only then; `shell` ends with the shell's own code"},
            files=("config", "vault", "key"),
            environment=page.ALL_SETTINGS,
        ),
    )
    kinds = parser.add_subparsers(metavar="WHAT", required=True)
    answering = kinds.add_parser("claude-code", help="answer one event")
    shell = kinds.add_parser("shell", help="run a shell", usage="pii-shield hook shell [--scope S] -- SHELL ARGS...")
    for one, func in ((answering, _answer), (shell, _shell)):
        one.add_argument("--scope", help="the set of tokens (default: default)")
        one.add_argument("--vault", metavar="PATH", help="vault file")
        one.add_argument("--config", metavar="FILE", help="configuration file")
        one.set_defaults(func=func, usage_error=one.error)
    kinds.add_parser("resident", help="stay and answer the others, until there are none").set_defaults(func=_resident)
    shell.add_argument("--drain", action="store_true", help="make tokens of stdin, run nothing")
    shell.add_argument("command", nargs=REMAINDER, metavar="SHELL ARGS...", help="the real shell")


def at_once(argv: Sequence[str]) -> int:
    """Answer one event: the helper that is there does it without loading anything here."""
    from ..client.hooks import line

    data = sys.stdin.buffer.read()
    answer = line.ask(line.call(argv, data, os.environ))
    if answer is None:
        from . import parser

        answer = _reply(parser(argv).parse_args(argv), data)
    return _say(answer)


def _answer(args: Namespace) -> int:
    return _say(_reply(args, sys.stdin.buffer.read()))


def _say(answer: bytes) -> int:
    sys.stdout.buffer.write(answer + b"\n")
    sys.stdout.buffer.flush()
    return 0


def _reply(args: Namespace, data: bytes) -> bytes:
    from ..client.hooks.reply import reply_in_time

    return reply_in_time(data, lambda: _means(args, os.environ, Path()), SECONDS)


def _shell(args: Namespace) -> int:
    from ..client.hooks import line, shell

    argv = _real(args)
    places = [word for name in ("scope", "vault", "config") for word in _flag(name, getattr(args, name))]
    own = ("hook", "shell", *places)

    def protect(text: str) -> str:
        raw = text.encode("utf-8", "surrogatepass")
        answer = line.ask(line.call((*own, "--", *argv), raw, os.environ))
        return answer.decode("utf-8", "surrogatepass") if answer else by_itself(text)

    @cache
    def protector() -> "Callable[[str], str]":
        from ..client.hooks.after import protector

        return protector(" ".join(argv), lambda: _means(args, os.environ, Path()))

    def by_itself(text: str) -> str:
        return protector()(text)

    if args.drain:
        shell.filter_stdin(protect)
        return 0
    if not argv:
        args.usage_error("the shell is missing: pii-shield hook shell -- /bin/bash -c COMMAND")
    drain = (sys.executable, "-P", "-m", "pii_shield", *own, "--drain", "--", *argv)
    return shell.run(argv, os.environ, protect, drain)


def _resident(_: Namespace) -> int:
    from ..client.hooks import line, resident

    place = line.address(os.environ)
    if place:
        houses = resident.Houses()
        idle = float(os.environ.get(line.IDLE) or line.IDLE_SECONDS)
        resident.serve(place, idle, lambda call: _answered(call, houses))
    return 0


def _answered(call: "Call", houses: "Houses") -> bytes:
    """The helper's answer to a call of another process; empty if that is to do the work itself."""
    from ..client.hooks import contract, reply
    from ..client.hooks.after import protector
    from . import parser

    if call.argv[:1] != ("hook",):
        return b""
    args = parser(call.argv).parse_args(call.argv)
    made = cache(lambda: _means(args, call.environ, Path(call.cwd), houses))
    if args.func is _shell:
        text = call.data.decode("utf-8", "surrogatepass")
        return protector(" ".join(_real(args)), made)(text).encode("utf-8", "surrogatepass")
    if contract.DISPLAY.encode() in call.data[:_HEAD]:
        return b""  # only a process of the client's own knows whether there is a screen
    return reply.reply(call.data, made)


def _real(args: Namespace) -> list[str]:
    """The command line of the real shell."""
    return list(args.command[1:] if args.command[:1] == ["--"] else args.command)


def _means(args: Namespace, environ: Mapping[str, str], folder: Path, houses: "Houses | None" = None) -> "Means":
    from .. import config
    from ..client.hooks.means import Means

    settings = config.load(environ, file=args.config, scope=args.scope, vault=args.vault, project=folder)
    return Means(settings, environ, sys.platform, houses.of(settings) if houses else None)


def _flag(name: str, value: str | None) -> tuple[str, ...]:
    return () if value is None else (f"--{name}", value)
