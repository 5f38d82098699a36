"""`pii-shield serve`: the shield as an HTTP server in front of many MCP servers."""

import os
import sys
from argparse import SUPPRESS, ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ConfigError
from . import page

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from ..proxy.http.auth import Tokens
    from ..settings import Config

DEFAULT_PORT = 8717
DESCRIPTION = """\
Serves every MCP server of the configuration at /servers/NAME/mcp, and all of them as one at /mcp (Streamable HTTP, all
protocol revisions), with the shield in between. At /mcp a name that two servers offer has its server's in front
(NAME__tool); a server that is not there is left out. Clients need a bearer token; the first one is made and shown at
first start. GET /healthz and /readyz say how it is, /metrics says it in Prometheus' words.
"""


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    parser = subparsers.add_parser(
        "serve",
        help="put the shield in front of many servers, over HTTP",
        description=DESCRIPTION,
        epilog=page.epilog(
            examples={
                "pii-shield serve --config servers.toml": "on http://127.0.0.1:8717; shows the first token once",
                "pii-shield serve --config servers.toml --issue anna --scope anna": "a token for somebody else",
                "pii-shield serve --config .mcp.json --no-auth": "a client's file, for yourself on this machine",
            },
            exits={0: "ended by SIGTERM or SIGINT", **page.VAULT},
            files=("config", "managed", "tuning", "vault", "key"),
            environment=page.ALL_SETTINGS,
        ),
    )
    parser.add_argument(
        "--config", metavar="FILE", help="configuration file: TOML with [servers.NAME], or a client's mcpServers JSON"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"default: {DEFAULT_PORT}; 0 for any")
    parser.add_argument("--vault", metavar="PATH", help="vault file")
    parser.add_argument("--tls-cert", metavar="FILE", help="certificate chain, PEM")
    parser.add_argument("--tls-key", metavar="FILE", help="its private key, PEM")
    parser.add_argument(
        "--behind-tls-proxy", action="store_true", help="listen beyond this machine without TLS: a proxy adds it"
    )
    parser.add_argument("--no-auth", action="store_true", help="ask for no bearer token (on the loopback only)")
    parser.add_argument("--issue", metavar="PRINCIPAL", help="make a bearer token for somebody, show it once, and end")
    parser.add_argument("--scope", help="with --issue: the set of tokens that somebody's values live in")
    parser.add_argument("--revoke", metavar="PRINCIPAL", help="end all bearer tokens of somebody, and end")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes over one vault (default: 1)")
    parser.add_argument("--worker", help=SUPPRESS)
    parser.set_defaults(func=run, usage_error=parser.error)


def run(args: Namespace) -> int:
    """Serve until a signal comes.

    Raises:
        ShieldError: configuration, address, vault or key cannot be used.
    """
    from .. import config, paths, upstreams
    from ..proxy.http.auth import Tokens

    file = Path(args.config) if args.config else paths.user_config(os.environ)
    is_json = file.suffix == ".json"
    settings = config.load(os.environ, file=None if is_json else args.config, vault=args.vault)
    serve, servers = upstreams.load(file, os.environ)
    tokens = Tokens(serve.principals or _beside(settings))
    if args.issue or args.revoke:
        return _manage(args, tokens)
    _check_address(args)
    try:
        from ..proxy.http import serving, workers
        from ..proxy.http.peers import Worker
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("pii_shield"):
            raise
        raise ConfigError(
            f"serve needs the package {error.name}", code="PS325", fix='pip install "pii-shield-mcp[http]"'
        ) from None
    tls = (args.tls_cert, args.tls_key) if args.tls_cert else None
    address = serving.Address(args.host, args.port, tls)
    admitted = None if args.no_auth else tokens if args.worker else _with_first(tokens)
    worker = Worker.parse(args.worker) if args.worker else None
    plan = serving.Plan(settings, serve, servers, admitted, address, os.environ, worker)
    if args.workers > 1 and worker is None:
        return workers.supervise(plan, args.workers, [sys.executable, "-m", "pii_shield", *sys.argv[1:]])
    return serving.run(plan)


def _beside(settings: "Config") -> Path:
    """The bearer tokens' file: beside the vault's key."""
    from .. import paths

    key = settings.key or (settings.vault or paths.key_file())
    return key.with_name("principals.json")


def _manage(args: Namespace, tokens: "Tokens") -> int:
    if args.revoke:
        ended = tokens.revoke(args.revoke)
        print(f"{ended} tokens ended")
        return 0 if ended else 1
    print(tokens.issue(args.issue, args.scope or ""))
    return 0


def _check_address(args: Namespace) -> None:
    """Beyond this machine nobody gets in without a token, and no token goes there in the clear."""
    from ..proxy.http.guard import is_loopback

    if bool(args.tls_cert) != bool(args.tls_key):
        args.usage_error("--tls-cert and --tls-key belong together")
    if is_loopback(args.host):
        return
    if args.no_auth:
        raise ConfigError(
            "--no-auth would let the whole network in",
            code="PS326",
            fix="leave it out, or listen on 127.0.0.1",
        )
    if not (args.tls_cert or args.behind_tls_proxy):
        raise ConfigError(
            "bearer tokens and personal data would cross the network in the clear",
            code="PS327",
            fix="give --tls-cert and --tls-key, or --behind-tls-proxy if something in front adds TLS",
        )


def _with_first(tokens: "Tokens") -> "Tokens":
    from ..proxy.http.auth import FIRST

    if not tokens:
        print(
            f"pii-shield: a bearer token was made for clients; it is shown this once:\n"
            f"  Authorization: Bearer {tokens.issue(FIRST)}",
            file=sys.stderr,
            flush=True,
        )
    return tokens
