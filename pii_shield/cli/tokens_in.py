"""Tokens on command lines: which identity in which scope somebody means."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import NamedTuple

from .. import config as configuration
from .. import tokens
from ..errors import UnknownToken
from ..settings import Config
from ..types import TokenRef
from ..vault.base import Known, Row, Vault


class Named(NamedTuple):
    """An identity that a token on the command line names.

    Attributes:
        scope: where it is.
        ref: which identity and spelling.
        row: what is known of it without its value.
    """

    scope: str
    ref: TokenRef
    row: Row

    @property
    def text(self) -> str:
        """The token without brackets, which shells would read."""
        return tokens.write_bare(self.row.label, self.ref)


def add_places(parser: ArgumentParser) -> None:
    """Options that say which configuration, vault and scope are meant."""
    parser.add_argument("--scope", help="the scope of the token (default: every scope of the vault)")
    parser.add_argument("--vault", metavar="PATH", help="vault file")
    parser.add_argument("--config", metavar="FILE", help="configuration file; tuning.toml lies beside it")


def settings(args: Namespace, environ: dict[str, str]) -> Config:
    """The configuration in force.

    Raises:
        ConfigError: it is wrong.
    """
    return configuration.load(environ, file=args.config, scope=args.scope, vault=args.vault)


def scopes(args: Namespace, config: Config, vault: Vault) -> list[str]:
    """The scopes that are meant, the configured one first."""
    if args.scope:
        return [config.scope]
    return [config.scope, *sorted(vault.info().live.keys() - {config.scope})]


def find(text: str, among: list[str], vault: Vault) -> Named:
    """The identity behind a token, written with or without brackets, or only as its id.

    Raises:
        UnknownToken: there is none in these scopes.
    """
    for ref in _read(text):
        for scope in among:
            row = vault.look(scope, [ref])[0]
            if row is not None:
                return Named(scope, ref, row)
    raise UnknownToken(
        "this is no token of this vault", fix="give it as the model sees it, and --scope or --vault if it has its own"
    )


def _read(text: str) -> Iterator[TokenRef]:
    yield from (match.ref for match in tokens.find(text) if match.valid)
    yield from (match.ref for match in tokens.find(f"[ID_{text.strip()}]") if match.valid)


def known(named: Named, vault: Vault) -> Known | None:
    """All that the vault knows of it, its value included; None if it expired."""
    return next((one for one in vault.known(named.scope, 0)[1] if one.ref.id == named.ref.id and not one.gone), None)
