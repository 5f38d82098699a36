"""`pii-shield install`: puts the shield in front of the servers that the clients on this machine are set up with."""

import contextlib
import json
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import compiled, config, paths
from ..client.installers import files, launcher, show, survey, trust
from ..client.installers.plan import Plan
from ..errors import ConfigError
from ..settings import Config
from . import clients, own, page

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from ..client.installers.entries import Entry
    from ..client.installers.journal import Journal
    from ..client.installers.places import Place
    from ..client.installers.survey import Seen, Selection

DESCRIPTION = """\
Looks at the configuration of every MCP client on this machine, shows which command lines it would change, asks once,
and writes. Only command and arguments of a server change; environment, comments and layout stay byte for byte. Each
change is recorded with a backup: `pii-shield uninstall` gives the same bytes back.
"""


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    parser = subparsers.add_parser(
        "install",
        help="protect the servers of the clients on this machine",
        description=DESCRIPTION,
        epilog=page.epilog(
            more="Committed project files (.mcp.json, .vscode/mcp.json, ...) are left alone unless --project "
            "is given: a team mate without pii-shield could not start those servers.",
            examples={
                "pii-shield install": "show, ask once, write",
                "pii-shield install -n": "only show",
                "pii-shield install -a cursor -a codex -y": "these clients, without asking",
                "pii-shield install --server crm --trust mailer": "one server; another may have its data",
                "pii-shield install --hooks": "what Claude Code's built-in tools show",
            },
            exits={0: "written, or nothing to do", 1: "not confirmed", **page.USAGE, 3: "a file was left as it was"},
            files=("config", "journal", "tuning"),
            environment=("PII_SHIELD_CONFIG", "COLUMNS"),
        ),
    )
    clients.add_selection(
        parser, "committed project files of DIR (default: this folder) too; who shares them needs pii-shield as well"
    )
    clients.add_writing(parser)
    parser.add_argument(
        "--scope", default="", help="one set of tokens for all clients (default: each client and project its own)"
    )
    parser.add_argument(
        "--trust",
        action="append",
        default=[],
        metavar="NAME",
        help="server that may receive contact and identity data of other servers; repeatable",
    )
    parser.add_argument(
        "--own",
        action="append",
        default=[],
        metavar="DOMAIN",
        help="mail addresses of this domain are yours: the model may read them; repeatable",
    )
    parser.add_argument(
        "--hooks", action="store_true", help="in place of servers, the built-in tools of Claude Code (Bash, Read, ...)"
    )
    parser.add_argument(
        "--reveal",
        action="store_true",
        help="with --hooks: you read values on the screen, the model tokens",
    )
    parser.set_defaults(func=run)


def run(args: Namespace) -> int:
    """Show, ask, write.

    Raises:
        ShieldError: wrong usage, or this program cannot be started by a client.
    """
    if args.hooks:
        from . import hooking

        return hooking.install(args)
    where, chosen = clients.machine(args), clients.selection(args)
    settings = config.load(os.environ, scope=args.scope or None)  # with a wrong one no protected server would start
    command = launcher.find(sys.argv[0])
    launcher.check(command, os.environ)
    seen = survey.look(where, chosen)
    if not seen:
        print("\n".join(clients.none_found(chosen)) if not args.json else json.dumps(_data([], [], [], written=False)))
        return 0
    clients.check_servers(seen, chosen.servers | set(args.trust))
    own.check(args.own)
    plans, faults = _plans(seen, chosen, command, args.scope)
    if not args.json:
        print("\n".join(_preview(plans, seen, chosen, clients.home(where))))
    clients.report(faults)
    if plans and not args.dry_run and not clients.confirmed(_question(plans), args):
        print("Nothing was written.")
        return 1
    if not args.dry_run:
        plans = _write(plans, clients.journal(where), faults)
        _trust(args.trust or _asked(plans, args), where.environ)
        if plans or args.own:
            own.let_through(own.wanted(args, settings), settings)
        if plans and settings.compile:
            _compile(settings, paths.cache_dir(where.environ))
    if args.json:
        print(json.dumps(_data(plans, seen, faults, written=bool(plans) and not args.dry_run), indent=2))
    elif plans and not args.dry_run:
        print("\n".join(_done(plans)))
    return 3 if faults else 0


def _compile(settings: Config, folder: Path) -> None:
    """Have the rules compiled while the person restarts their clients: the first server then starts fast."""
    with contextlib.suppress(OSError):
        own = [file.path for file in settings.rules if not file.is_added]
        compiled.build_aside(settings.types, settings.greedy, folder, own)


def _plans(
    seen: "Sequence[Seen]", chosen: "Selection", command: Sequence[str], scope: str
) -> tuple[list[Plan], list[ConfigError]]:
    plans, faults = list[Plan](), [one.fault for one in seen if one.fault]
    for one in seen:
        try:
            plan = survey.to_install(one, chosen, command, scope)
        except ConfigError as error:
            faults.append(ConfigError(f"{one.place.path}: {error}", code=error.code, fix=error.fix))
            continue
        plans += [plan] if plan else []
    return plans, faults


def _preview(plans: Sequence[Plan], seen: "Sequence[Seen]", chosen: "Selection", home: str) -> list[str]:
    width = clients.width()
    lines = [line for plan in plans for line in (*show.plan(plan, width, home), "")]
    lines += [] if plans else ["Nothing to change.", ""]
    left = [(place, entry) for place, entry in _left(plans, seen) if chosen.wants(entry)]
    skipped = [(place.client.title, entry) for place, entry in left if entry.can_wrap]
    others = [(place.client.title, entry) for place, entry in left if not entry.can_wrap]
    if others:
        lines += ["NOT PROTECTED, and cannot be from here:", *clients.listed(others), ""]
    if skipped:
        advice = (
            "Not touched: project files are shared with people who may not have pii-shield. --project includes them."
        )
        lines += [*show.paragraph(advice, width), *clients.listed(skipped), ""]
    for sentence in show.beyond(one.place for one in seen):
        lines += [*show.paragraph(f"Note  {sentence}", width, "      "), ""]
    return lines


def _left(plans: Sequence[Plan], seen: "Sequence[Seen]") -> "list[tuple[Place, Entry]]":
    """Servers that stay without protection when all is written."""
    planned = {(plan.place.path, change.entry.address) for plan in plans for change in plan.changes}
    return [(place, entry) for place, entry in survey.exposed(seen) if (place.path, entry.address) not in planned]


def _question(plans: Sequence[Plan]) -> str:
    servers = sum(len(plan.changes) for plan in plans)
    return f"Change {show.count(servers, 'server')} in {show.count(len(plans), 'file')}?"


def _write(plans: Sequence[Plan], journal: "Journal", faults: list[ConfigError]) -> list[Plan]:
    """Write file by file; one that fails does not stop the others."""
    written, failed = list[Plan](), list[ConfigError]()
    for plan in plans:
        try:
            journal.record(plan, datetime.now(UTC).isoformat(timespec="seconds"))
            files.replace(plan.place.path, plan.before, plan.after)
            written.append(plan)
        except ConfigError as error:
            failed.append(error)
    clients.report(failed)
    faults += failed
    return written


def _asked(written: Sequence[Plan], args: Namespace) -> list[str]:
    """Servers that the person says are to be trusted; asked once for each new server."""
    if args.yes:
        return []
    content = paths.user_config(os.environ).read_bytes() if paths.user_config(os.environ).exists() else b""
    names = {change.entry.name for plan in written for change in plan.changes} - trust.mentioned(content)
    return _ask_trust(sorted(names)) if names else []


def _ask_trust(names: list[str]) -> list[str]:
    question = (
        "Which of these may receive names, addresses, phone numbers and the like that came from OTHER servers, as a "
        "mailer must? Only what you name here; each gets back its own data anyway."
    )
    print("\n".join(["", *show.paragraph(question, clients.width()), f"  {', '.join(map(show.printable, names))}"]))
    while True:
        said = clients.answer("Names, with commas between (Enter: none): ")
        wanted = [name.strip() for name in said.split(",") if name.strip()]
        unknown = [name for name in wanted if name not in names]
        if not unknown:
            return wanted
        print(f"Not one of them: {', '.join(unknown)}")


def _trust(names: list[str], environ: Mapping[str, str]) -> None:
    if not names:
        return
    path = paths.user_config(environ)
    before = files.read(path) if path.exists() else None
    after = trust.with_trusted(before or b"", names)
    if before is None:
        files.write_private(path, after)
    elif before != after:
        files.replace(path, before, after)
    print(f"Trusted: {', '.join(names)}  (in {path})", file=sys.stderr)


def _done(written: Sequence[Plan]) -> list[str]:
    titles = ", ".join(dict.fromkeys(plan.place.client.title for plan in written))
    return [
        "",
        f"Protected: {show.count(sum(len(plan.changes) for plan in written), 'server')}. Now restart: {titles}.",
        "Look: pii-shield status    Undo: pii-shield uninstall",
    ]


def _data(
    plans: Sequence[Plan], seen: "Sequence[Seen]", faults: Sequence[ConfigError], *, written: bool
) -> dict[str, Any]:
    return {
        "written": written,
        "changes": [
            show.data(plan.place, change.entry) | {"state": "protected", "why": ""}
            for plan in plans
            for change in plan.changes
        ],
        "not_protected": [show.data(place, entry) for place, entry in _left(plans, seen)],
        "faults": [str(fault) for fault in faults],
    }
