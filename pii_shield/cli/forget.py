"""`pii-shield forget`: erase a value from the vault."""

import os
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from . import page, tokens_in

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from ..settings import Config
    from ..vault.base import Vault

DESCRIPTION = """\
Erases the value behind a token, with all its spellings, from the vault and from the memory of every running shield. Its
tokens never resolve again; seen again, the value gets another token. Ends what a wrong finding does elsewhere.
"""


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    parser = subparsers.add_parser(
        "forget",
        help="erase the value behind a token for good",
        description=DESCRIPTION,
        epilog=page.epilog(
            more="The audit log keeps that the token existed and was erased, never what it was. Backups of the"
            " vault are yours to erase.",
            examples={
                "pii-shield forget EMAIL_7K2QF9M36": "",
                "pii-shield forget --scope cursor PERSON_7K2QF9M36 PHONE_9M367K2QF": "several, of one scope",
            },
            exits={0: "erased", 1: "there was nothing to erase", **page.VAULT},
            files=("config", "vault", "key"),
            environment=page.ALL_SETTINGS[:2],
        ),
    )
    parser.add_argument("token", nargs="+", metavar="TOKEN", help="as the model sees it")
    tokens_in.add_places(parser)
    parser.set_defaults(func=run)


def run(args: Namespace) -> int:
    """Erase, and put it on record.

    Raises:
        ShieldError: an unknown token, wrong configuration, or a vault that cannot be used.
    """
    from .. import assemble

    config = tokens_in.settings(args, dict(os.environ))
    vault = assemble.vault(config)
    try:
        among = tokens_in.scopes(args, config, vault)
        named = [tokens_in.find(text, among, vault) for text in args.token]
        erased = [_erased(config, vault, one) for one in named]
    finally:
        vault.close()
    return 0 if all(erased) else 1


def _erased(config: "Config", vault: "Vault", named: tokens_in.Named) -> bool:
    existed = vault.forget(named.scope, named.ref)
    if existed:
        _record(config._replace(scope=named.scope), vault, named.ref.id)
    print(f"{named.text}: {'erased' if existed else 'had expired already'}")
    return existed


def _record(config: "Config", vault: "Vault", token_id: str) -> None:
    from .. import engines, recording

    recording.forgotten(config, engines.Engines(config)(), vault, token_id)
