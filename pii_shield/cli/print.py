"""`pii-shield print CLIENT`: an entry to paste, where a client keeps its servers out of files."""

import os
import sys
from argparse import REMAINDER, ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from ..client.installers import launcher, places
from ..client.installers.places import Machine
from ..client.installers.snippet import snippet
from ..client.installers.table import BY_NAME
from ..client.installers.wrapper import words
from ..naming import default_name
from . import page

if TYPE_CHECKING:
    from argparse import _SubParsersAction

_EXAMPLE = ("npx", "-y", "YOUR-SERVER")


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    parser = subparsers.add_parser(
        "print",
        usage="pii-shield print [--name NAME] [--scope SCOPE] CLIENT [-- CMD ARGS...]",
        help="a protected server's entry to paste into a client",
        description="Prints the entry of one protected server in a client's own format, to be pasted where the "
        "client keeps its servers out of files. Writes nothing; where the entry belongs is said on "
        "stderr.",
        epilog=page.epilog(
            examples={
                "pii-shield print jetbrains -- npx -y your-crm-server": "",
                "pii-shield print --name crm codex -- uvx crm-server": "",
            },
            exits={0: "printed", **page.USAGE, 3: "this program could not be started by a client"},
        ),
    )
    parser.add_argument("client", metavar="CLIENT", choices=BY_NAME, help=f"one of {', '.join(BY_NAME)}")
    parser.add_argument("--name", help="what the server is called (default: its package)")
    parser.add_argument("--scope", help="the set of tokens (default: the client's own)")
    parser.add_argument("command", nargs=REMAINDER, metavar="CMD ARGS...", help="the server's own command line")
    parser.set_defaults(func=run, usage_error=parser.error)


def run(args: Namespace) -> int:
    """Print the entry, and on stderr where it belongs.

    Raises:
        ConfigError: this program cannot be started by a client.
    """
    client = BY_NAME[args.client]
    argv = tuple(args.command[1:] if args.command[:1] == ["--"] else args.command) or _EXAMPLE
    if argv[0].startswith("-"):
        args.usage_error("options come before CLIENT, and -- before the server's command")
    command = launcher.find(sys.argv[0])
    launcher.check(command, os.environ)
    name = args.name or default_name(argv)
    print(snippet(client, name, (*words(command, name, args.scope or client.name), *argv)))
    place = places.usual(Machine(os.environ, sys.platform, Path.cwd()), client)
    print(f"\nFor {client.title}: {place}", file=sys.stderr)
    return 0
