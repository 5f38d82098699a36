"""`pii-shield deny`: always protect something, from the next message on."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from . import page, tune
from .tune import UsageError

if TYPE_CHECKING:
    from argparse import _SubParsersAction

DESCRIPTION = """\
Always protects a value, a domain's addresses, a pattern, an entity type, or whatever stands in a place, whatever the
profile says. Outranks every exemption. Counts from the next message on, without a restart.

A value of a deny list has to be looked for, so it stands in tuning.toml in the clear: the file is then personal data.
"""


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    parser = subparsers.add_parser(
        "deny",
        help="always protect a value, pattern, type or place",
        description=DESCRIPTION,
        epilog=page.epilog(
            more="--type says what the value is, which decides about its release; without it SECRET, which is "
            "released least.",
            examples={
                "pii-shield deny --value --type ORG": "the name of a customer, asked for",
                "pii-shield deny --type IP": "one more entity type",
                "pii-shield deny --pattern 'FLC-[0-9]{4}' --type NATIONAL_ID": "numbers of your own",
                "pii-shield deny --path /structuredContent/notes --server crm": "a place",
                "pii-shield deny --list; pii-shield deny --remove 1": "look, and take one back",
            },
            exits={0: "done", **page.SETTINGS},
            files=("config", "managed", "tuning"),
            environment=page.ALL_SETTINGS[:2],
        ),
    )
    tune.add_options(parser, "deny")
    parser.set_defaults(func=run)


def run(args: Namespace) -> int:
    """Change or show the list.

    Raises:
        ShieldError: wrong usage or configuration, or the file cannot be changed.
    """
    return tune.run(args, "deny", _fields)


def _fields(args: Namespace) -> dict[str, Any]:
    fields = tune.where(args)
    if not (args.value or any(fields.values())):
        raise UsageError("nothing to deny", fix="say --value, --domain, --pattern, --type or --path")
    return {**fields, "value": tune.ask_value() if args.value else ""}
