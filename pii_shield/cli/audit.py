"""`pii-shield audit`: read, verify, export and prune the record of what was protected and released."""

import os
import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any, NamedTuple

from . import page, places

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    Subparsers = _SubParsersAction[ArgumentParser]

DESCRIPTION = """\
The audit log is a record of what was protected, released, refused and changed. It names token ids, entity types,
counts, servers, tools and argument names; it never holds a value. Its rows form one chain (SHA-256 over canonical
JSON), and its state is signed (Ed25519) every 1,000 rows or five minutes; the signed checkpoints also go to a second
place, by default a file in the state folder. Set [audit] checkpoints in config.toml to send them elsewhere: a path on
another volume, syslog:/dev/log, syslog+tls://HOST:PORT (also syslog, syslog+udp), or https://URL.

What it proves: a log that verifies against a checkpoint that somebody else holds is, up to that checkpoint, row for
row what was written. What it does not prove: that rows after that checkpoint were not rewritten by somebody who has
the signing key, that the machine's clock was right, or that a program that never ran the shield did nothing.
"""
SHIPPING = """\
  [audit.ship.siem]             # the name keeps its place in the log
  # syslog+tls, syslog (TCP), syslog+udp, syslog:/dev/log, https://URL
  to = "syslog+tls://siem.example:6514"
  format = "ocsf"               # or jsonl, the default
  ca = "/etc/ssl/siem-ca.pem"   # in place of whom this machine believes
                                # cert, key: our own

  [audit.ship.lake]
  to = "https://collector.example/v1/rows"
  # from the environment; never shown
  headers = { Authorization = "Bearer ${LAKE_TOKEN}" }
  gzip = true
  rows = 1000                   # at once (default: 500)
"""


class _Command(NamedTuple):
    help: str
    description: str
    epilog: str
    run: str


_COMMANDS: dict[str, _Command] = {
    "summary": _Command(
        "the last week on one screen",
        "Counts what was protected, released and refused, by day, type, server, tool and flow.",
        "Exit code: 0.",
        "summary",
    ),
    "tail": _Command(
        "the last rows",
        "Shows the last rows, one a line; -f waits for more. `pii-shield tail` is the same with -f.",
        "Exit code: 0.",
        "tail",
    ),
    "query": _Command(
        "rows that match",
        "Shows the rows that pass all filters, one a line.",
        "Exit code: 0; 1 if no row passes.",
        "query",
    ),
    "verify": _Command(
        "is the log what was written?",
        "Reads the whole log once and checks its chain, and its state at every signed checkpoint. Needs no key of the\n"
        "vault. Give checkpoints that somebody else kept and a public key that you got another way than from the log:\n"
        "without them it says what it cannot see. --receipt checks the file of `audit receipt` in place of a log.",
        "Exit code: 0 nothing is wrong; 1 something is not as it was written; 4 there is no log to read.",
        "verify",
    ),
    "export": _Command(
        "rows for other programs",
        "Writes rows as JSON lines (complete, they can be verified like the log), as CSV for spreadsheets, or as OCSF\n"
        "1.8 events. With -o FILE a signed manifest is written beside it, FILE.manifest. The log\n"
        "notes every export before its first row leaves.",
        "Exit code: 0; 4 if the log cannot be read or the file not be written.",
        "export",
    ),
    "report": _Command(
        "a page for officers, boards and auditors",
        "Writes one HTML page that stands alone: what was protected, released and refused, by server, tool and type;\n"
        "the flows between servers; what was given out and never used; the policy; whether the record verifies; what\n"
        "is not covered; and views for GDPR, HIPAA, PCI DSS, SOC 2 and the EU AI Act. It holds no value and loads\n"
        "nothing. Organisation and contacts come from [organisation] in config.toml.",
        "Exit code: 0; 1 if the record is not what was written (the page says where); 4 there is no log to read.",
        "report",
    ),
    "ropa": _Command(
        "the record of processing activities of GDPR Art. 30",
        "Lists every MCP server with the categories of data that it received and sent, how often, first and last;\n"
        "with controller, purposes and contacts from [organisation] in config.toml.",
        "Exit code: 0; 4 there is no log to read.",
        "ropa",
    ),
    "receipt": _Command(
        "one release as a signed file",
        "Writes one row with the proof that it is in the log: a third party checks it with\n"
        "`pii-shield audit verify --receipt FILE --key KEY`, offline. It shows no other row.",
        "Exit code: 0; 4 if there is no such row or no checkpoint covers it yet.",
        "receipt",
    ),
    "ship": _Command(
        "rows to a SIEM, now",
        "Brings all rows that they have not got to the receivers of the configuration, in order. `run` and `serve`\n"
        "do the same in the background; of several processes that share a vault one does it for all. A row arrives\n"
        "at least once, told apart by `seq` and `head`; a receiver that is down keeps nothing waiting but itself, and\n"
        "`audit prune` leaves the rows that it has not got.\n\n" + SHIPPING,
        "Exit code: 0; 1 if a receiver has not got them all; 3 for wrong configuration; 4 if there is no log to read.",
        "ship",
    ),
    "prune": _Command(
        "delete rows that need not be kept any longer",
        "Deletes rows older than the longest of the named presets, up to a checkpoint. A signed seal takes their\n"
        "place, so that the rest still verifies; --archive writes them to a file first. Without --yes it only says\n"
        "what it would do.",
        "Exit code: 0.",
        "prune",
    ),
    "key": _Command(
        "the public key of the checkpoints",
        "Prints the key in the C2SP note format. Give it to the auditor by a way of its own.",
        "Exit code: 0.",
        "key",
    ),
}


def add_parser(subparsers: "Subparsers") -> None:
    """Add the command to `pii-shield`'s parser."""
    family = subparsers.add_parser(
        "audit",
        help="the record of what was protected and released, for officers and auditors",
        description=DESCRIPTION,
        epilog=page.epilog(
            more="The log lives in the vault's file and opens read-only in any SQLite browser: the view "
            "audit_log has a column a field.",
            examples={
                "pii-shield audit summary": "",
                "pii-shield audit report --since 2026-05-01 -o report.html": "",
                'pii-shield audit verify --checkpoints /mnt/worm/checkpoints --key "$(cat auditor.key)"': "",
                "pii-shield audit query --type denial --since 7d --json": "",
                "pii-shield audit export --format ocsf --since 2026-05-01 -o may.ocsf.jsonl": "",
                "pii-shield audit receipt 4711 -o release-4711.json": "",
            },
            exits={0: "fine", 1: "verify: not as it was written; query: no row", **page.VAULT},
            files=("vault", "checkpoints", "config"),
            environment=page.ALL_SETTINGS[:2],
        ),
    )
    commands = family.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, said in _COMMANDS.items():
        parser = commands.add_parser(name, help=said.help, description=said.description, epilog=said.epilog)
        places.add(parser)
        if name not in ("prune", "key", "ship"):
            parser.add_argument("--log", metavar="FILE", help="another log: a copy of a vault file, or a JSONL export")
        _OPTIONS.get(name, lambda _: None)(parser)
        parser.set_defaults(func=run, audit_command=said.run)


def run(args: Namespace) -> int:
    """Run the command that the parser chose.

    Raises:
        ShieldError: the configuration is wrong, or the log cannot be used.
    """
    if args.audit_command in ("report", "ropa"):
        from .audit_report import Reports as Commands
    else:
        from .audit_commands import Commands  # type: ignore[assignment]
    commands = Commands(args, os.environ, sys.stdout, sys.stderr)
    return int(getattr(commands, args.audit_command)())


def _span(parser: ArgumentParser) -> None:
    _time_and_server(parser)
    parser.add_argument("--organisation", metavar="NAME", help="the controller, in place of the configured one")


def _time_and_server(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--since", metavar="TIME", help="first time: 2026-05-31, 2026-05-31T12:00:00Z, or an age: 7d, 12h"
    )
    parser.add_argument("--until", metavar="TIME", help="time at which to stop, itself not included")
    parser.add_argument("--server", action="append", default=[], metavar="NAME", help="server (may be repeated)")


def _filters(parser: ArgumentParser) -> None:
    _time_and_server(parser)
    parser.add_argument(
        "--type",
        action="append",
        default=[],
        metavar="TYPE",
        help="release, denial, ... or EMAIL, ... (may be repeated)",
    )
    parser.add_argument("--direction", choices=("in", "out"), help="in: from servers, out: to servers")


def _query(parser: ArgumentParser) -> None:
    _filters(parser)
    parser.add_argument("--tool", metavar="NAME", help="tool")
    parser.add_argument("--token", metavar="ID", help="token: 7K2QF9M36 or [EMAIL_7K2QF9M36]")
    _json(parser)


def add_tail(parser: ArgumentParser) -> None:
    """The options of a live view, but for whether it waits."""
    _filters(parser)
    parser.add_argument("-n", type=int, metavar="N", help="how many rows to begin with (default: 20; with --since all)")
    _json(parser)


def _tail(parser: ArgumentParser) -> None:
    parser.add_argument("-f", "--follow", action="store_true", help="wait for more")
    add_tail(parser)


def _summary(parser: ArgumentParser) -> None:
    parser.add_argument("--since", default="7d", metavar="TIME", help="first time or an age (default: 7d)")
    parser.add_argument("--until", metavar="TIME", help="time at which to stop")
    _json(parser)


def _trust(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--checkpoints", action="append", default=[], metavar="FILE", help="checkpoints that somebody else kept"
    )
    parser.add_argument("--key", action="append", default=[], metavar="KEY", help="public key, or a file that holds it")


def _verify(parser: ArgumentParser) -> None:
    _trust(parser)
    parser.add_argument("--receipt", metavar="FILE", help="verify this receipt in place of a log")
    _json(parser)


def _export(parser: ArgumentParser) -> None:
    parser.add_argument("--format", choices=("jsonl", "csv", "ocsf"), default="jsonl", help="default: jsonl")
    _filters(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help="default: standard output")


def _report(parser: ArgumentParser) -> None:
    _span(parser)
    parser.add_argument("--title", metavar="TEXT", help="heading of the page")
    _trust(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help="where the page goes (default: standard output)")


def _ropa(parser: ArgumentParser) -> None:
    _span(parser)
    parser.add_argument("--format", choices=("text", "csv", "html", "json"), default="text", help="default: text")
    parser.add_argument("-o", "--output", metavar="FILE", help="default: standard output")


def _receipt(parser: ArgumentParser) -> None:
    parser.add_argument("seq", type=int, metavar="SEQ", help="number of the row")
    parser.add_argument("-o", "--output", metavar="FILE", help="default: standard output")


def _ship(parser: ArgumentParser) -> None:
    from .audit_ship import options

    options(parser)


def _prune(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--preset",
        action="append",
        required=True,
        choices=("ai-act", "gdpr", "hipaa", "pci", "soc2"),
        help="how long rows are kept at least (may be repeated: the longest counts)",
    )
    parser.add_argument("--archive", metavar="FILE", help="write the rows to this file first, as JSON lines")
    parser.add_argument("--yes", action="store_true", help="do it")


def _json(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print data in place of text")


_OPTIONS: dict[str, Any] = {
    "summary": _summary,
    "tail": _tail,
    "query": _query,
    "verify": _verify,
    "export": _export,
    "report": _report,
    "ropa": _ropa,
    "receipt": _receipt,
    "prune": _prune,
    "ship": _ship,
}
