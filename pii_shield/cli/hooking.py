"""What `install`, `uninstall` and `status` do about Claude Code's own tools."""

import difflib
import json
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..client.hooks import setup
from ..client.hooks.tools import SERVER
from ..client.installers import launcher, show
from ..errors import ConfigError
from . import clients

if TYPE_CHECKING:
    from ..client.hooks.setup import Change
    from ..client.installers.places import Machine
    from ..client.installers.survey import Selection


def install(args: Namespace) -> int:
    """Show, ask, write, and see whether it works.

    Raises:
        ShieldError: wrong usage, or the settings cannot be changed.
    """
    where = clients.machine(args)
    command = launcher.find(sys.argv[0])
    launcher.check(command, os.environ)
    change = setup.installing(where, command, args.scope or SERVER, args.reveal)
    if change is None:
        _say(args, ["Nothing to change: hooks and shell of Claude Code are set up."], written=False)
    elif not _written(change, where, args, "Have pii-shield answer Claude Code's hooks?"):
        return 1 if not args.dry_run else 0
    return 0 if args.dry_run or args.json else _checked(where)


def uninstall(args: Namespace, where: "Machine") -> int:
    """Show, ask, write.

    Raises:
        ShieldError: wrong usage, or the settings cannot be changed.
    """
    change = setup.uninstalling(where, setup.journal(where))
    if change is None:
        _say(args, ["Nothing to take out of Claude Code's settings."], written=False)
        return 0
    return 0 if _written(change, where, args, "Take the hooks out of Claude Code?") or args.dry_run else 1


def is_there(where: "Machine", chosen: "Selection") -> bool:
    """Whether there is something of ours in the settings of a client that is meant."""
    if chosen.servers or chosen.file or all(client.name != SERVER for client in chosen.clients):
        return False
    return setup.uninstalling(where, setup.journal(where)) is not None


def state(where: "Machine") -> list[str]:
    """One line on the built-in tools, for `status`; none where the client has no settings."""
    try:
        held = setup.look(where)
    except ConfigError as error:
        return [f"Claude Code's own tools: {error}"]
    if held is None:
        return []
    path = show.printable(str(setup.settings_file(where)))
    if not held.events:
        return [f"Claude Code's own tools (Bash, Read, ...): NOT PROTECTED; pii-shield install --hooks  ({path})"]
    if held.is_off:
        return [f"Claude Code's own tools: NOT PROTECTED, since {path} says disableAllHooks"]
    if not Path(held.program).is_file():
        return [f"Claude Code's own tools: NOT PROTECTED, since {held.program} is gone; pii-shield install --hooks"]
    return [f"Claude Code's own tools: hooks are set up; pii-shield doctor sees whether they work  ({path})"]


def _written(change: "Change", where: "Machine", args: Namespace, question: str) -> bool:
    if not args.json:
        print("\n".join([*_diff(change), ""]))
    if args.dry_run or not clients.confirmed(question, args):
        _say(args, ["Nothing was written."], written=False)
        return False
    setup.write(change, setup.journal(where), datetime.now(UTC).isoformat(timespec="seconds"))
    _say(args, ["Done. Now restart: Claude Code."], written=True)
    return True


def _diff(change: "Change") -> list[str]:
    """The change as people know it; only lines around what changes, since settings may hold credentials."""
    before, after = (data.decode("utf-8", "replace").splitlines() for data in (change.before, change.after))
    lines = [line for line in difflib.unified_diff(before, after, n=0, lineterm="") if line[:3] not in ("---", "+++")]
    doing = f"{'+' if change.script else '-'} {change.shell}"
    return [f"Claude Code  {change.path}", *(f"  {show.printable(line.expandtabs(2))}" for line in lines), f"  {doing}"]


def _checked(where: "Machine") -> int:
    from ..client.hooks.canary import canary, words

    outcome = canary(where)
    print("\n".join(show.paragraph(words(outcome), clients.width())))
    return 0 if outcome.is_fine or not outcome.ran else 1


def _say(args: Namespace, lines: Sequence[str], *, written: bool) -> None:
    print(json.dumps({"written": written, "notes": list(lines)}) if args.json else "\n".join(lines))
