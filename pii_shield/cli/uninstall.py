"""`pii-shield uninstall`: takes the shield out of the clients' files again, to the byte."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..client.installers import files, show, survey
from ..client.installers.plan import Plan
from ..errors import ConfigError
from . import clients, hooking, page

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from ..client.installers.journal import Journal
    from ..client.installers.places import Machine
    from ..client.installers.survey import Selection

DESCRIPTION = """\
Takes the shield out of every server's command line, in project files that were changed too. A file that nobody has
changed since gets its old bytes back; in another one only the shield's own words go. Vault and settings stay.
"""


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    parser = subparsers.add_parser(
        "uninstall",
        help="take the shield out of the clients' files again",
        description=DESCRIPTION,
        epilog=page.epilog(
            examples={
                "pii-shield uninstall": "everywhere; show, ask once, write",
                "pii-shield uninstall -a zed --server docs -y": "one server of one client",
            },
            exits={0: "written, or nothing to do", 1: "not confirmed", **page.USAGE, 3: "a file was left as it was"},
            files=("journal",),
            environment=("COLUMNS",),
        ),
    )
    clients.add_selection(parser)
    clients.add_writing(parser)
    parser.add_argument("--hooks", action="store_true", help="only the hooks of Claude Code's built-in tools")
    parser.set_defaults(func=run)


def run(args: Namespace) -> int:
    """Show, ask, write.

    Raises:
        ShieldError: wrong usage, or the journal is damaged.
    """
    where, chosen = clients.machine(args), clients.selection(args)
    has_hooks = args.hooks or (not args.json and hooking.is_there(where, chosen))
    code = 0 if args.hooks else _servers(args, where, chosen, is_quiet=has_hooks)
    return max(code, hooking.uninstall(args, where)) if has_hooks else code


def _servers(args: Namespace, where: "Machine", chosen: "Selection", *, is_quiet: bool) -> int:
    journal = clients.journal(where)
    seen = survey.look_back(where, chosen, journal)
    clients.check_servers(seen, chosen.servers)
    plans, faults = list[Plan](), [one.fault for one in seen if one.fault]
    for one in seen:
        try:
            plan = survey.to_uninstall(one, chosen, journal)
        except ConfigError as error:
            faults.append(ConfigError(f"{one.place.path}: {error}", code=error.code, fix=error.fix))
            continue
        plans += [plan] if plan else []
    if not args.json and (plans or not is_quiet):
        print("\n".join(_preview(plans, clients.home(where))))
    clients.report(faults)
    is_written = bool(plans) and not args.dry_run
    if is_written and not clients.confirmed(f"Take the shield out of {show.count(len(plans), 'file')}?", args):
        print("Nothing was written.")
        return 1
    if is_written:
        _write(plans, journal, faults)
    if args.json:
        changes = [show.data(plan.place, change.entry) for plan in plans for change in plan.changes]
        print(json.dumps({"written": is_written, "changes": changes, "faults": list(map(str, faults))}, indent=2))
    elif is_written:
        print(f"Done. Now restart: {', '.join(dict.fromkeys(plan.place.client.title for plan in plans))}.")
    return 3 if faults else 0


def _preview(plans: Sequence[Plan], home: str) -> list[str]:
    if not plans:
        return ["Nothing to take out: no server here was wrapped by `pii-shield install`."]
    return [line for plan in plans for line in (*show.plan(plan, clients.width(), home), "")]


def _write(plans: Sequence[Plan], journal: "Journal", faults: list[ConfigError]) -> None:
    """Write file by file; one that fails does not stop the others."""
    failed = list[ConfigError]()
    for plan in plans:
        try:
            files.replace(plan.place.path, plan.before, plan.after)
            if not survey.is_wrapped(plan.place, plan.after):
                journal.forget(plan.place.path)
        except ConfigError as error:
            failed.append(error)
    clients.report(failed)
    faults += failed
