"""`pii-shield vault`: numbers about the vault, never values."""

import os
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from . import page

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from ..vault.base import VaultInfo

_KB = 1024


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    family = subparsers.add_parser("vault", help="numbers about the vault, never values")
    commands = family.add_subparsers(title="commands", required=True, metavar="COMMAND")
    info = commands.add_parser(
        "info",
        help="where it is, its key, how much is in it",
        description="Shows where the vault and its key are and how many identities it holds. Makes nothing; no values.",
        epilog=page.epilog(
            examples={"pii-shield vault info": "", "pii-shield vault info --json": "for programs"},
            exits={0: "shown", **page.VAULT},
            files=("config", "vault", "key"),
            environment=page.ALL_SETTINGS[:2],
        ),
    )
    info.add_argument("--vault", metavar="PATH", help="vault file")
    info.add_argument("--config", metavar="FILE", help="configuration file")
    info.add_argument("--json", action="store_true", help="print data in place of text")
    info.set_defaults(func=show_info)


def show_info(args: Namespace) -> int:
    """Print what there is to know.

    Raises:
        ShieldError: the configuration is wrong, or the vault or its key cannot be used.
    """
    import json

    from .. import assemble, config

    vault = assemble.vault(config.load(os.environ, file=args.config, vault=args.vault))
    try:
        info = vault.info()
    finally:
        vault.close()
    print(json.dumps(info._asdict(), indent=2) if args.json else "\n".join(describe(info)))
    return 0


def describe(info: "VaultInfo") -> list[str]:
    """Lines for people."""
    if not info.schema:
        return [f"vault      {info.path} does not exist yet: the first `pii-shield run` makes it"]
    lines = [
        f"vault      {info.path} ({-(-info.size // _KB)} KB, format {info.schema})",
        f"key        {info.key_source} (id {info.key_id})",
        f"retention  {info.retention_days:g} days without use",
    ]
    for scope in sorted(info.live.keys() | info.expired.keys()):
        types = info.live.get(scope, {})
        expired = f", {info.expired[scope]} expired" if scope in info.expired else ""
        lines.append(
            f"scope {scope}: {sum(types.values())} identities, {info.spellings.get(scope, 0)} spellings{expired}"
        )
        lines += [f"  {type_:<16} {count:>8}" for type_, count in sorted(types.items())]
    return lines
