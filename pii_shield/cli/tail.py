"""`pii-shield tail`: the record as it is written, one line an event, without values."""

from argparse import ArgumentParser
from typing import TYPE_CHECKING

from . import audit, page, places

if TYPE_CHECKING:
    from argparse import _SubParsersAction

DESCRIPTION = """\
Shows what happens while it happens, in every client and server of this vault: time, server, which way (<- from the
server, -> to it), tool, and how many values of which type were protected, released or denied by which rule. No value is
ever shown. Ctrl-C ends it.
"""


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    parser = subparsers.add_parser(
        "tail",
        help="watch what is protected, released and refused, as it happens",
        description=DESCRIPTION,
        epilog=page.epilog(
            more="It reads the audit log, which `pii-shield audit` searches, verifies and exports.",
            examples={
                "pii-shield tail": "the last 20 events, then each new one",
                "pii-shield tail --server crm --type denial": "only what the policy refused there",
                "pii-shield tail --since 1h -n 1000 --json": "the last hour, as JSON lines",
            },
            exits={0: "nobody reads any more", 130: "ended with Ctrl-C", **page.VAULT},
            files=("vault",),
            environment=("PII_SHIELD_CONFIG",),
        ),
    )
    audit.add_tail(parser)
    places.add(parser)
    parser.add_argument("--log", metavar="FILE", help="another log: a vault file's copy, or a JSONL export")
    parser.set_defaults(func=audit.run, audit_command="tail", follow=True)
