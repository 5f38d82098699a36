"""`pii-shield allow`: let something through from the next message on."""

import os
import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from . import page, tokens_in, tune
from .tune import UsageError

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from ..vault.base import Vault

DESCRIPTION = """\
Lets a value, a domain, a pattern, a rule, an entity type, a whole tool or a place in its results through to the model.
All that one entry says must hold. Counts from the next message on, without a restart; tokens that were given before
keep working. `pii-shield why --last` prints the command for what was just replaced.

A value is kept as a keyed digest that only this vault's key can recognise, in every spelling. It is never an argument:
name its token, or use --value and type it. Only you can make exemptions: no project's file and no variable can.
"""


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    parser = subparsers.add_parser(
        "allow",
        help="let a value, rule, type, tool or place through",
        description=DESCRIPTION,
        epilog=page.epilog(
            more="Entries are [[allow]] tables in tuning.toml beside config.toml, which you may edit too; "
            "thresholds and settings of single servers stand there as well (see the README). A domain or "
            "pattern is written there in the clear. Every change is a row of the audit log.",
            examples={
                "pii-shield allow EMAIL_7K2QF9M36": "this value, wherever it comes from",
                "pii-shield allow --domain acme.example": "our own addresses",
                "pii-shield allow --type PHONE --server crm": "no phone numbers of this server",
                "pii-shield allow --server shop --tool list_orders --path '/orders/*/sku'": "a place",
                "pii-shield allow --list; pii-shield allow --remove 2": "look, and take one back",
            },
            exits={0: "done", 1: "the token is unknown", **page.VAULT},
            files=("config", "managed", "tuning", "vault", "key"),
            environment=page.ALL_SETTINGS[:2],
        ),
    )
    parser.add_argument("token", nargs="?", metavar="TOKEN", help="let the value behind this token through")
    parser.add_argument("--rule", metavar="ID", help="findings of this rule (see `pii-shield rules list`)")
    tune.add_options(parser, "allow")
    parser.set_defaults(func=run)


def run(args: Namespace) -> int:
    """Change or show the list.

    Raises:
        ShieldError: wrong usage, an unknown token, wrong configuration, or a file or vault that cannot be used.
    """
    return tune.run(args, "allow", _fields)


def _fields(args: Namespace) -> dict[str, Any]:
    fields = {**tune.where(args), "rule": args.rule}
    if not (args.token or args.value or any(fields.values())):
        raise UsageError("nothing to allow", fix="name a token, --value, --domain, --pattern, --rule, --type or --path")
    if args.token and args.value:
        raise UsageError("a token and --value are two ways to say the same", fix="use one")
    if args.rule:
        _warn_of_rule(args.rule)
    if not (args.token or args.value):
        return fields
    from .. import assemble

    vault = assemble.vault(tokens_in.settings(args, dict(os.environ)))
    try:
        return {**fields, **_value(args, vault)}
    finally:
        vault.close()


def _value(args: Namespace, vault: "Vault") -> dict[str, Any]:
    from ..tuned import digest
    from ..tuning.judge import digests

    if not args.token:
        return {"digest": digests(tune.ask_value(), digest(vault))}
    config = tokens_in.settings(args, dict(os.environ))
    named = tokens_in.find(args.token, tokens_in.scopes(args, config, vault), vault)
    known = tokens_in.known(named, vault)
    if known is None:
        raise UsageError("the value behind this token has expired", fix="nothing needs to be allowed")
    return {"type": known.type, "digest": digest(vault)(known.identity)}


def _warn_of_rule(rule: str) -> None:
    from .. import rules
    from .about import is_known

    if not is_known(rule, rules.load()):
        print(f"note: no shipped rule is called {rule}; `pii-shield rules list` shows them", file=sys.stderr)
