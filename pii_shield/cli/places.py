"""The options that say which configuration and which vault a command means."""

import shlex
from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Add them."""
    parser.add_argument("--config", metavar="FILE", help="configuration file")
    parser.add_argument("--vault", metavar="PATH", help="vault file")


def said(args: Namespace) -> str:
    """Those that were given, to be repeated in a command."""
    given = ((name, getattr(args, name)) for name in ("config", "vault"))
    return "".join(f" --{name} {shlex.quote(text)}" for name, text in given if text)
