"""`pii-shield run -- CMD ARGS...`: the server behind the shield, on the client's own pipes."""

import os
from argparse import REMAINDER, ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from . import page

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from ..conversation import Conversation

DESCRIPTION = """\
Starts an MCP server and stands between it and the client: personal data in what the server says becomes tokens, and
tokens in what the model says become values again where policy lets them. Reads and writes the protocol on stdin and
stdout; the server's stderr, masked, and pii-shield's own notices go to stderr.
"""


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    parser = subparsers.add_parser(
        "run",
        usage="pii-shield run [OPTIONS] -- CMD ARGS...\n       pii-shield run [OPTIONS] --url URL",
        help="put the shield in front of a stdio MCP server",
        description=DESCRIPTION,
        epilog=page.epilog(
            examples={
                "pii-shield run -- npx -y your-crm-server": "the server in front of which it stands",
                "pii-shield run --name crm -- uvx crm-server --port 1": "all behind -- is the server's",
                "pii-shield run --url https://mcp.example.com/mcp": "a server on HTTP, for a client on stdio",
            },
            exits={
                0: "the server ended with 0; with any other code, so does this; 128 + n if signal n ended it",
                126: "the server's program cannot be executed",
                127: "it was not found",
                **page.VAULT,
            },
            files=("config", "managed", "project", "tuning", "vault", "key", "off"),
            environment=page.ALL_SETTINGS,
            more="The server sees no PII_SHIELD_ variable. Settings, strongest first: managed file, options, "
            "environment, project's file, your file; the three in the middle can only tighten.",
        ),
    )
    parser.add_argument("--name", help="what this server is called in configuration and records (default: its package)")
    parser.add_argument("--scope", help="the set of tokens this client shares with others (default: default)")
    parser.add_argument("--vault", metavar="PATH", help="vault file")
    parser.add_argument("--config", metavar="FILE", help="configuration file")
    parser.add_argument("--url", help="the server is on HTTP, at this endpoint")
    parser.add_argument(
        "--header",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="with --url: what to say to it; ${NAME} in the value is taken from the environment (may be repeated)",
    )
    parser.add_argument("command", nargs=REMAINDER, metavar="CMD ARGS...", help="the server's command line")
    parser.set_defaults(func=run, usage_error=parser.error)


def run(args: Namespace) -> int:
    """Carry one conversation.

    Returns:
        The server's exit code.

    Raises:
        ShieldError: the server cannot be started, or the shield cannot be set up; `exit_code` says which.
    """
    if args.url:
        return _run_url(args)
    from ..proxy import stdio

    argv: list[str] = args.command[1:] if args.command[:1] == ["--"] else args.command
    if not argv:
        args.usage_error("the server's command is missing: pii-shield run -- CMD ARGS...")
    conversations: list[Conversation] = []

    def converse(command: tuple[str, ...]) -> "Conversation":
        conversations.append(_conversation(args, argv, command))
        return conversations[0]

    code = stdio.run(argv, converse, os.environ, stdio.Streams(stdout=_claim_stdout()))
    conversations[0].ready()  # a vault that could not be opened is worse news than how the server ended
    conversations[0].close()
    return code


def _conversation(args: Namespace, argv: Sequence[str], command: tuple[str, ...]) -> "Conversation":
    from .. import assemble, config
    from ..naming import default_name

    settings = config.load(os.environ, file=args.config, scope=args.scope, vault=args.vault)
    return assemble.conversation(settings, name=args.name or default_name(argv), command=command)


def _run_url(args: Namespace) -> int:
    """The same with a server on HTTP."""
    from .. import assemble, config
    from ..errors import ConfigError
    from ..upstreams import from_flags

    if args.command:
        args.usage_error("either a command or --url, not both")
    upstream = from_flags(args.name or "", args.url, args.header, os.environ)
    try:
        from ..proxy.http import on_pipes
        from ..proxy.stdio import Streams
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("pii_shield"):
            raise
        raise ConfigError(
            f"--url needs the package {error.name}", code="PS325", fix='pip install "pii-shield-mcp[http]"'
        ) from None
    settings = config.load(os.environ, file=args.config, scope=args.scope, vault=args.vault)
    with closing(assemble.House(settings)) as house:
        return on_pipes.run(
            upstream.name,
            upstream.url,
            upstream.headers,
            lambda memory: house.conversation(settings.scope, upstream.name, upstream.url, memory),
            Streams(stdout=_claim_stdout()),
        )


def _claim_stdout() -> int:
    """A descriptor for the client that nobody else has: a stray print would be read as a message."""
    client = os.dup(1)
    os.dup2(2, 1)
    return client
