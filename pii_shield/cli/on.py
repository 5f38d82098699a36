"""`pii-shield on`: ends before its time what `pii-shield off` began."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from . import off, page, places

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    parser = subparsers.add_parser(
        "on",
        help="protect a server again that was switched off",
        description="Ends what `pii-shield off` began. Counts from the next message on, and is on record in the "
        "audit log. Needs no terminal: whoever may protect may do it at any time.",
        epilog=page.epilog(
            examples={"pii-shield on crm": ""},
            exits={0: "it is protected", **page.VAULT},
            files=("off",),
            environment=("PII_SHIELD_CONFIG", "PII_SHIELD_KEY_FILE"),
        ),
    )
    parser.add_argument("server", metavar="SERVER", help="as `pii-shield status` calls it")
    places.add(parser)
    parser.set_defaults(func=run)


def run(args: Namespace) -> int:
    """End the server's period.

    Raises:
        ShieldError: log or vault cannot be used.
    """
    was = off.change(args, args.server, None)
    print(f"{args.server} is protected again" if was else f"{args.server} was not switched off")
    return 0
