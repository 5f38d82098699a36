"""`pii-shield status`: every server of every client, protected or not, and why."""

import json
import os
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from ..client.hooks.tools import SERVER
from ..client.installers import places, show, survey
from ..client.installers.entries import State
from ..errors import ConfigError
from . import clients, hooking, page

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from ..client.installers.places import Machine
    from ..client.installers.survey import Seen, Selection

DESCRIPTION = (
    "Lists the servers that the clients on this machine are set up with, and whether the shield is before each."
)


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    parser = subparsers.add_parser(
        "status",
        help="which servers are protected, and which are not",
        description=DESCRIPTION,
        epilog=page.epilog(
            more="Project files of this folder count too. `pii-shield doctor` looks at everything else.",
            examples={
                "pii-shield status": "every server of every client",
                "pii-shield status --check": "for CI and device management, which look at the exit code",
                "pii-shield status -a cursor --json": "one client, for programs",
            },
            exits={
                0: "shown",
                1: "with --check: a server that is switched on is not protected, observed or off, or a file unreadable",
                **page.USAGE,
            },
            files=("config", "journal", "off"),
            environment=("PII_SHIELD_CONFIG", "COLUMNS"),
        ),
    )
    clients.add_selection(parser)
    parser.add_argument("--check", action="store_true", help="end with 1 unless everything is protected")
    parser.set_defaults(func=run)


def run(args: Namespace) -> int:
    """Print all states.

    Raises:
        ShieldError: wrong usage.
    """
    where, chosen = clients.machine(args), clients.selection(args)
    seen = survey.look_back(where, chosen, clients.journal(where))
    clients.check_servers(seen, chosen.servers)
    seen = [one._replace(entries=tuple(filter(chosen.wants, one.entries))) for one in seen]
    if chosen.servers:
        seen = [one for one in seen if one.entries or one.fault]
    observed = _observed()
    tools = hooking.state(where) if any(client.name == SERVER for client in chosen.clients) else []
    if args.json:
        print(json.dumps({**_data(seen), "observed": observed, "tools": tools}, indent=2))
    else:
        lines = _lines(seen, clients.home(where)) if seen else clients.none_found(chosen)
        print("\n".join([*lines, *_hidden(where, chosen), *tools, *observed]))
    is_fine = not survey.exposed(seen) and not any(one.fault for one in seen) and not observed
    return 1 if args.check and not is_fine else 0


def _observed() -> list[str]:
    """Servers that are not protected although the shield is before them, in sentences."""
    from .. import config, observing, off

    try:
        settings = config.load(os.environ)
        return [*observing.notices(settings, date.today()), *off.notices(settings, time.time())]
    except ConfigError as error:
        return [f"NOT PROTECTED: no server will start, since {error}"]


def _hidden(where: "Machine", chosen: "Selection") -> list[str]:
    """Servers that clients start by themselves."""
    found = ((client.title, len(places.hidden(where, client))) for client in chosen.clients)
    return [f"{title}: {count} of its plugins bring servers: NOT PROTECTED" for title, count in found if count]


def _lines(seen: "Sequence[Seen]", home: str) -> list[str]:
    width = clients.width()
    lines = [line for one in seen for line in (*show.states(one, width, home), "")]
    for sentence in show.beyond(one.place for one in seen):
        lines += show.paragraph(f"Note  {sentence}", width, "      ")
    open_ = len(survey.exposed(seen))
    unread = sum(one.fault is not None for one in seen)
    protected = sum(entry.state is State.PROTECTED for one in seen for entry in one.entries)
    parts = [f"{show.count(protected, 'server')} protected", f"{open_} NOT PROTECTED" if open_ else "none unprotected"]
    parts += [f"{show.count(unread, 'file')} cannot be read"] if unread else []
    lines += ["", ", ".join(parts) + "."]
    can_be = any(entry.can_wrap for _, entry in survey.exposed(seen))
    return [*lines, *(["To protect: pii-shield install"] if can_be else [])]


def _data(seen: "Sequence[Seen]") -> dict[str, object]:
    return {
        "servers": [show.data(one.place, entry) for one in seen for entry in one.entries],
        "faults": [str(one.fault) for one in seen if one.fault],
        "notes": show.beyond(one.place for one in seen),
    }
