"""`pii-shield login`: let `serve` speak for you at a server that wants OAuth."""

import os
import sys
import webbrowser
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ConfigError
from . import page

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    parser = subparsers.add_parser(
        "login",
        help="let `serve` speak for you at a server that wants OAuth",
        description="Opens the server's login page and keeps what it grants, sealed with the vault's key. "
        "Each principal logs in for themselves. No client ever sees the server's tokens.",
        epilog=page.epilog(
            examples={
                "pii-shield login mail": "for yourself",
                "pii-shield login mail --principal anna": "for a principal of `serve --issue`",
                "pii-shield login mail --forget": "end it",
            },
            exits={0: "logged in", 1: "the login failed", **page.VAULT},
            files=("config", "vault", "key"),
            environment=page.ALL_SETTINGS[:2],
        ),
    )
    parser.add_argument("server", help="its name in the configuration, where it says oauth = true")
    parser.add_argument("--config", metavar="FILE", help="configuration file of `serve`")
    parser.add_argument("--vault", metavar="PATH", help="vault file")
    parser.add_argument("--principal", default="local", help="for whom (default: local)")
    parser.add_argument("--no-browser", action="store_true", help="only print the address to open")
    parser.add_argument("--forget", action="store_true", help="end the login here instead")
    parser.set_defaults(func=run)


def run(args: Namespace) -> int:
    """Log in, or forget a login.

    Raises:
        ShieldError: there is no such server, or the login failed.
    """
    from .. import assemble, config, paths, upstreams

    file = Path(args.config) if args.config else paths.user_config(os.environ)
    settings = config.load(os.environ, file=None if file.suffix == ".json" else args.config, vault=args.vault)
    _, servers = upstreams.load(file, os.environ)
    upstream = servers.get(args.server)
    if upstream is None or upstream.oauth is None:
        raise ConfigError(f"{file} has no server {args.server} with oauth = true", code="PS331")
    logins = assemble.logins(settings)
    if args.forget:
        logins.forget(args.principal, upstream.name)
        return 0
    from ..proxy.http.login import login

    def show(address: str) -> None:
        print(f"Open this page to log in:\n  {address}", file=sys.stderr, flush=True)
        if not args.no_browser:
            webbrowser.open(address)

    logins.put(args.principal, upstream.name, upstream.url, login(upstream, show))
    print(f"{args.principal} is logged in at {upstream.name}")
    return 0
