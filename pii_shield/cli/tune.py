"""What `pii-shield allow` and `pii-shield deny` share: the file, its entries, and telling what changed."""

import json
import os
import sys
import tomllib
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ..errors import ConfigError, ShieldError
from ..tuning import edit
from ..tuning.entries import read
from . import places, tokens_in

SHOWN = ("server", "tool", "path", "type", "rule", "domain", "pattern", "note", "added")
HIDDEN = {"value": "a value", "digest": "a value, as digest"}
Fields = Callable[[Namespace], Mapping[str, Any]]
"""What the new entry says, from the command line."""


class UsageError(ShieldError):
    """The command line makes no sense."""

    code = "PS121"
    exit_code = 2


def add_options(parser: ArgumentParser, kind: str) -> None:
    """Options that both commands have."""
    parser.add_argument("--value", action="store_true", help="a value, asked for or read from standard input")
    parser.add_argument("--domain", metavar="D", help="mail and web addresses of this domain and all below it")
    parser.add_argument("--pattern", metavar="REGEX", help="bounded regular expression")
    parser.add_argument("--type", metavar="T", type=str.upper, help="entity type, such as PHONE")
    parser.add_argument("--server", metavar="S", help="only in what this server sends")
    parser.add_argument("--tool", metavar="T", help="only in results of this tool")
    parser.add_argument("--path", metavar="P", help="only below this place: /customers/*/email")
    parser.add_argument("--note", metavar="TEXT", help="a word for those who read the file later; no value, please")
    parser.add_argument("--list", action="store_true", help=f"show all {kind} entries with their numbers")
    parser.add_argument("--remove", metavar="N", type=int, help="take entry number N out again")
    parser.add_argument("--json", action="store_true", help="with --list: print data in place of text")
    tokens_in.add_places(parser)


def run(args: Namespace, kind: str, fields: Fields) -> int:
    """List, remove or add entries of the user's file.

    Raises:
        ShieldError: wrong usage or configuration, or the file cannot be changed.
    """
    config = tokens_in.settings(args, dict(os.environ))
    path = config.tuning[0]
    text = text_of(path)
    if args.list:
        return _list(args, kind, text, path)
    if args.remove is not None:
        write(path, text, edit.removed(text, kind, args.remove))
        print(f"{path}: {kind} entry number {args.remove} is gone, from the next message on")
        return 0
    wanted = {name: content for name, content in fields(args).items() if content not in (None, "", [])}
    new = edit.added(text, kind, {**wanted, **_notes(args)})
    rows = tomllib.loads(new)[kind]
    read({kind: [rows[-1]]}, "the command line")
    write(path, text, new)
    print(f"{path}: {kind} entry number {len(rows)}: {describe(rows[-1])}")
    print("Counts from the next message on; tokens that were given before keep working.")
    print(f"To undo: pii-shield {kind} --remove {len(rows)}{places.said(args)}")
    if kind == "allow" and _is_locked(config.tuning):
        print("But the administrator's file does not let users' exemptions count.", file=sys.stderr)
    return 0


def where(args: Namespace) -> dict[str, Any]:
    """The fields that say where an entry holds, and for what, without the value."""
    return {name: getattr(args, name) for name in ("server", "tool", "path", "type", "domain", "pattern")}


def ask_value() -> str:
    """A value from the terminal without showing it, or a line of standard input. Never from the command line, which
    other users and logs can see.

    Raises:
        UsageError: there is none.
    """
    if sys.stdin.isatty():
        import getpass

        value = getpass.getpass("value (not shown): ")
    else:
        value = sys.stdin.readline()
    if not value.strip():
        raise UsageError("no value came", fix="type it, or pipe it in: the command line is no place for a value")
    return value.strip()


def describe(row: Mapping[str, Any]) -> str:
    """One entry in a line, without the values in it."""
    said = [HIDDEN[name] for name in HIDDEN if name in row]
    said += [f"{name} {row[name]}" for name in SHOWN if name in row and name not in ("note", "added")]
    more = [str(row[name]) for name in ("note", "added") if name in row]
    return ", ".join(said) + (f" ({', '.join(more)})" if more else "")


def _notes(args: Namespace) -> dict[str, Any]:
    return {**({"note": args.note} if args.note else {}), "added": date.today()}


def text_of(path: Path) -> str:
    """A file of tuning; "" if there is none.

    Raises:
        ConfigError: it is no TOML, or cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
        tomllib.loads(text)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {type(error).__name__}", code="PS303", fix="correct it") from None
    return text


def write(path: Path, old: str, new: str) -> None:
    """Put a new content in place of the old one.

    Raises:
        ConfigError: it has changed meanwhile, or cannot be written.
    """
    from ..client.installers.files import replace, write_private

    if path.exists():
        replace(path, old.encode(), new.encode())
    else:
        write_private(path, new.encode())


def _list(args: Namespace, kind: str, text: str, path: Path) -> int:
    rows = tomllib.loads(text).get(kind, [])
    shown = [{name: row[name] for name in SHOWN if name in row} | _hidden(row) for row in rows]
    if args.json:
        print(json.dumps({"file": str(path), kind: shown}, indent=2, default=str))
        return 0
    print("\n".join([f"{number:>4}  {describe(row)}" for number, row in enumerate(rows, 1)] or [f"no {kind} entries"]))
    return 0


def _hidden(row: Mapping[str, Any]) -> dict[str, bool]:
    return {name: True for name in HIDDEN if name in row}


def _is_locked(paths: tuple[Path, ...]) -> bool:
    from ..tuned import load

    return load(paths).locked
