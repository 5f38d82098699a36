"""What `install`, `uninstall`, `status` and `print` share: options, the machine they look at, and asking."""

import os
import shutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Collection
from pathlib import Path
from typing import Final

from .. import paths
from ..client.installers import places, show
from ..client.installers.entries import Entry
from ..client.installers.journal import Journal
from ..client.installers.places import Machine
from ..client.installers.survey import Seen, Selection
from ..client.installers.table import BY_NAME, CLIENTS
from ..errors import ConfigError, ShieldError

MAX_WIDTH: Final = 100


class UsageError(ShieldError):
    """The command line asks for something that cannot be."""

    code = "PS200"
    exit_code = 2


_PROJECT_READ: Final = "look at the project files of DIR (default: this folder)"


def add_selection(parser: ArgumentParser, project: str = _PROJECT_READ) -> None:
    """Add the options that say which files and servers are meant; `project` is the help of --project."""
    parser.add_argument(
        "-a", "--agent", action="append", default=[], metavar="CLIENT", help=f"one of {', '.join(BY_NAME)}; repeatable"
    )
    parser.add_argument("--server", action="append", default=[], metavar="NAME", help="only this server; repeatable")
    parser.add_argument("--project", nargs="?", const=".", metavar="DIR", help=project)
    parser.add_argument("--config-path", metavar="FILE", help="only this file, of the one client that -a names")
    parser.add_argument("--json", action="store_true", help="print data in place of text")


def add_writing(parser: ArgumentParser) -> None:
    """Add the options of commands that change files."""
    parser.add_argument("-n", "--dry-run", action="store_true", help="show what would change, write nothing")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")


def machine(args: Namespace) -> Machine:
    """The machine that this runs on."""
    return Machine(os.environ, sys.platform, Path(args.project or ".").absolute())


def selection(args: Namespace) -> Selection:
    """What the options ask for.

    Raises:
        UsageError: an unknown client, or a file without its client.
    """
    unknown = [name for name in args.agent if name not in BY_NAME]
    if unknown:
        raise UsageError(f"unknown client: {', '.join(unknown)}", fix=f"known are {', '.join(BY_NAME)}")
    if args.config_path and len(set(args.agent)) != 1:
        raise UsageError("--config-path needs the client whose file it is", fix="add one -a CLIENT")
    if args.config_path and not Path(args.config_path).is_file():
        raise UsageError(f"{args.config_path} does not exist", fix="check --config-path")
    return Selection(
        tuple(BY_NAME[name] for name in dict.fromkeys(args.agent)) or CLIENTS,
        frozenset(args.server),
        args.project is not None,
        Path(args.config_path).absolute() if args.config_path else None,
    )


def check_servers(seen: list[Seen], names: Collection[str]) -> None:
    """Refuse names that no file holds: a misspelt one would pass as done.

    Raises:
        UsageError: names the unknown ones, and those that exist.
    """
    known = {entry.name for one in seen for entry in one.entries}
    unknown = sorted(set(names) - known)
    if unknown:
        listed = ", ".join(map(show.printable, sorted(known))) or "none"
        raise UsageError(f"no server named {', '.join(unknown)}", fix=f"there are: {listed}")


def none_found(chosen: Selection) -> list[str]:
    """What to say where no client has a file."""
    titles = ", ".join(client.title for client in chosen.clients)
    return [
        *show.paragraph(f"No configuration file was found of: {titles}.", width(), "  "),
        "Name a file yourself: --config-path FILE -a CLIENT, or paste what `pii-shield print CLIENT` says.",
    ]


def journal(where: Machine) -> Journal:
    """The record of changed files."""
    return Journal(paths.state_dir(where.environ) / "clients")


def home(where: Machine) -> str:
    """The user's folder, which is shown as ~."""
    return str(places.home(where))


def width() -> int:
    """Columns to write to."""
    return min(shutil.get_terminal_size((MAX_WIDTH, 24)).columns, MAX_WIDTH)


def confirmed(question: str, args: Namespace) -> bool:
    """Ask once, unless the options have answered.

    Raises:
        UsageError: there is nobody to ask.
    """
    if args.yes:
        return True
    if args.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("nobody to ask here, so nothing was written", fix="add -y to write, --dry-run to look")
    return answer(f"{question} [y/N] ").lower() in ("y", "yes")


def answer(question: str) -> str:
    """What the person types, "" at the end of the input."""
    try:
        return input(question).strip()
    except EOFError:
        print()
        return ""


def report(faults: list[ConfigError]) -> None:
    """Say on stderr which files were left alone, and why."""
    from . import explain

    for fault in faults:
        print(explain(fault), file=sys.stderr)


def listed(entries: list[tuple[str, Entry]]) -> list[str]:
    """Servers with their clients, one a line."""
    names = max((len(entry.name) for _, entry in entries), default=0)
    clients = max((len(title) for title, _ in entries), default=0)
    return [
        line
        for title, entry in entries
        for line in show.hanging(f"  {title:<{clients}}  {show.printable(entry.name):<{names}}  ", entry.why, width())
    ]
