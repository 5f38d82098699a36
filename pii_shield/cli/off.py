"""`pii-shield off`: a person at a terminal lets a server's words pass for a while."""

import os
import re
import sys
import time
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Final

from ..errors import PolicyDenied, ShieldError
from . import page, places

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from ..off import Period

DESCRIPTION = """\
Switches the shield off for one server until the time is over: what it says passes to the model as it came. For the
moment when the shield stands in the way and work has to go on. It counts from the next message on, without a restart,
in every client, and ends by itself. What the model sends stays under policy: tokens become values only where they may.

It is on record in the audit log, and said on the server's stderr and by status, doctor and tail while it lasts. A
person has to type the server's name at a terminal; no variable, pipe or project's file can do it. To find out what is
wrong, `pii-shield why --last` is the better way, and to let through one thing only, `pii-shield allow`.
"""
AGENTS: Final = frozenset(
    "CLAUDECODE GEMINI_CLI CODEX_SANDBOX CODEX_SANDBOX_NETWORK_DISABLED CODEX_THREAD_ID CURSOR_AGENT".split()
)
"""Variables that agents set in the shells they use. Their absence proves nothing; their presence is reason enough."""
DEFAULT: Final = "15m"
_TIME: Final = re.compile(r"([1-9][0-9]{0,4})([smh])\Z")
_UNITS: Final = {"s": 1, "m": 60, "h": 3600}


class OffError(ShieldError):
    """A server cannot be switched off like this."""

    code = "PS122"
    exit_code = 2


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    parser = subparsers.add_parser(
        "off",
        help="let one server's words pass for a while",
        description=DESCRIPTION,
        epilog=page.epilog(
            more='[policy] off = "forbidden" forbids it: for good if the administrator says so.',
            examples={
                "pii-shield off crm --for 30m": "for half an hour",
                "pii-shield on crm": "protected again, at once",
            },
            exits={0: "it is off", 1: "not confirmed, or forbidden", **page.VAULT},
            files=("off", "managed", "config"),
            environment=("PII_SHIELD_CONFIG", "PII_SHIELD_KEY_FILE"),
        ),
    )
    parser.add_argument("server", metavar="SERVER", help="as `pii-shield status` calls it")
    parser.add_argument(
        "--for", dest="time", default=DEFAULT, metavar="TIME", help="90s, 15m, at most 8h (default: 15m)"
    )
    places.add(parser)
    parser.set_defaults(func=run)


def run(args: Namespace) -> int:
    """Ask, put on record, switch off.

    Raises:
        ShieldError: wrong usage, forbidden, nobody to ask, or log or vault cannot be used.
    """
    from .. import config
    from ..off import FORBIDDEN, MAX_SECONDS, Period, clock_time

    seconds = _seconds(args.time)
    if not 0 < seconds <= MAX_SECONDS:
        raise OffError(
            f"{args.time} is no time that a server can be off", fix=f"between 1s and {MAX_SECONDS // 3600}h: --for 15m"
        )
    settings = config.load(os.environ, file=args.config, vault=args.vault)
    if settings.off == FORBIDDEN:
        raise PolicyDenied(
            'servers cannot be switched off here: [policy] off = "forbidden"', code="PS612", fix="ask who set it"
        )
    _check_person()
    now = int(time.time())
    period = Period(args.server, now, now + seconds)
    question = f"What {args.server} says will reach the model in the clear until {clock_time(period.end)}."
    if not _confirmed(question, args.server):
        print("Nothing was changed.")
        return 1
    change(args, args.server, period)
    print(f"{period.words}.\nProtected again before that: pii-shield on {args.server}{places.said(args)}")
    return 0


def change(args: Namespace, server: str, new: "Period | None") -> "Period | None":
    """Put a change on record, then make it; the period that held before.

    Raises:
        ShieldError: it cannot be put on record, or not be made.
    """
    from .. import assemble, config, engines, recording
    from ..off import SECRET, Periods, file_of
    from ..store.faults import fault

    settings = config.load(os.environ, file=args.config, vault=args.vault)
    store = assemble.vault(settings)
    try:
        periods = Periods(file_of(settings), lambda: store.secret(SECRET))
        was = next((one for one in periods() if one.server == server and one.holds(time.time())), None)
        if was or new:
            found_by = engines.Engines(settings)()
            recording.switched(settings, found_by, store, server, was and was.end, new and new.end)
            periods.change(server, new, time.time())
    except OSError:
        raise fault("PS411", path=file_of(settings)) from None
    finally:
        store.close()
    return was


def _seconds(text: str) -> int:
    said = _TIME.match(text)
    return int(said[1]) * _UNITS[said[2]] if said else 0


def _check_person() -> None:
    agent = next((name for name in sorted(AGENTS) if os.environ.get(name)), "")
    if agent:
        raise OffError(f"an agent uses this shell ({agent} is set)", fix="use a terminal of your own")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise OffError("only a person at a terminal can switch a server off", fix="run it in a terminal, without pipes")


def _confirmed(question: str, name: str) -> bool:
    print(question, file=sys.stderr)
    try:
        return input("Type the server's name to go on: ").strip() == name
    except EOFError:
        print(file=sys.stderr)
        return False
