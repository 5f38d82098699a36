"""The command line: one module per command family, imported only when its command is used."""

import os
import sys
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from .. import __version__
from ..errors import ShieldError

COMMANDS: dict[str, str] = {
    "run": "put the shield in front of a stdio MCP server",
    "serve": "put the shield in front of many servers, over HTTP",
    "login": "let `serve` speak for you at a server that wants OAuth",
    "demo": "see it work in three seconds, without a client or a network",
    "install": "protect the servers of the clients on this machine",
    "uninstall": "take the shield out of the clients' files again",
    "status": "which servers are protected, and which are not",
    "doctor": "is it working? if not, what would put it right",
    "tail": "watch what is protected, released and refused, as it happens",
    "off": "let one server's words pass for a while",
    "on": "protect a server again that was switched off",
    "print": "a protected server's entry to paste into a client",
    "why": "why something was replaced, or was not, and how to change that",
    "allow": "let a value, rule, type, tool or place through",
    "deny": "always protect a value, pattern, type or place",
    "reveal": "read values where the model has tokens",
    "forget": "erase the value behind a token for good",
    "completion": "make the Tab key complete commands, options and names",
    "scan": "show the personal data in files",
    "rules": "list, check and try rules",
    "hook": "answer the events of a client that calls hooks",
    "vault": "numbers about the vault, never values",
    "audit": "the record of what was protected and released, for officers and auditors",
}
"""Command -> its line in --help. The module of the same name adds the parser."""

DESCRIPTION = "The privacy layer between AI agents and MCP servers: the model sees tokens, the tools get the values."
START = """\
To begin:
  pii-shield demo        see it work, in three seconds
  pii-shield install     protect the servers of the clients on this machine
  pii-shield status      what is protected, and what is not
  pii-shield --help      everything else
"""
EXITS = {
    0: "fine",
    1: "something was found, refused, not protected, or not confirmed",
    2: "wrong usage",
    3: "wrong configuration, or a file that cannot be read or written",
    4: "the vault, its key or the log cannot be used",
    130: "ended with Ctrl-C",
}


def run_command(argv: Sequence[str]) -> int:
    """Parse and run one command line; errors become words on stderr and an exit code."""
    if list(argv[:2]) == ["hook", "claude-code"] and not {"-h", "--help"} & set(argv):
        from .hook import at_once  # once for each event of a client, so it comes before what reads command lines

        return at_once(argv)
    from . import page

    if not argv:
        _say(f"{DESCRIPTION}\n\n{START}")
        return 2
    root = parser(argv)
    args, unknown = root.parse_known_args(argv)
    if unknown:
        page.leaf(root, argv).error(f"unrecognized arguments: {' '.join(unknown)}")
    try:
        return int(args.func(args))
    except ShieldError as error:
        _say(explain(error))
        return error.exit_code
    except BrokenPipeError:  # nobody reads any more; what is still buffered must not complain about it at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130


def _say(text: str) -> None:
    """To the human. Not `print`: the module of that name takes its place here."""
    sys.stderr.write(f"{text}\n")


def explain(error: ShieldError) -> str:
    """What happened, why, and what to do, for a person."""
    lines = [f"pii-shield: error[{error.code}]: {error}"]
    if error.fix:
        lines.append(f"  fix: {error.fix}")
    return "\n".join(lines)


def parser(argv: Sequence[str]) -> ArgumentParser:
    """The parser of the whole program, complete for the command that a command line names."""
    from . import page

    epilog = page.epilog(
        more="Settings, strongest first: managed file, options, PII_SHIELD_* environment, project's file, your "
        "config.toml, defaults; the three in the middle can only tighten. Each command has a --help of its own.",
        examples={},
        exits=EXITS,
        files=("config", "managed", "project", "tuning", "vault", "key", "off", "checkpoints", "journal", "cache"),
        environment=(*page.ALL_SETTINGS, "NO_COLOR", "COLUMNS"),
    )
    parser = page.Parser("pii-shield", description=DESCRIPTION, epilog=epilog)
    parser.add_argument("--version", action="version", version=f"pii-shield {__version__} (pii-shield-mcp)")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    wanted = next((word for word in argv if word in COMMANDS), None)
    for command, summary in COMMANDS.items():
        if command == wanted:
            import_module(f".{command}", __package__).add_parser(subparsers)
        else:
            _placeholder(subparsers, command, summary)
    return parser


def _placeholder(subparsers: "_SubParsersAction[Any]", command: str, summary: str) -> None:
    """A line in --help for a command whose module is not needed now."""
    subparsers.add_parser(command, help=summary, add_help=False)
