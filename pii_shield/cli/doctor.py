"""`pii-shield doctor`: is it working, and if not, what would put it right."""

import json
import os
import sys
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from . import page, places

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from ..doctor.examination import Said
    from ..doctor.line import Patient

DESCRIPTION = """\
Looks at everything that protection depends on: the program and its name, a real round trip through `pii-shield run`
with a server of its own, detectors, settings, what is switched off, key, vault, disk, the record and its second places,
and every client's servers, also those that cannot be protected. Each line is ok, WARN or FAIL, with the reason and what
to do. It shows no value, asks no network but the places that you configured, and changes nothing without --fix.
"""
_COLOURS: Final = {"ok": "\x1b[32m", "warn": "\x1b[33m", "fail": "\x1b[31m", "done": "\x1b[36m"}
_PLAIN: Final = "\x1b[0m"
_SHOWN: Final = {"ok": "ok  ", "warn": "WARN", "fail": "FAIL", "done": "done"}
_MARGIN: Final = " " * 8
"""Where the marks above stand."""
_NAME: Final = 16


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    parser = subparsers.add_parser(
        "doctor",
        help="is it working? if not, what would put it right",
        description=DESCRIPTION,
        epilog=page.epilog(
            more="The round trip leaves one value that is nobody's in the vault, in a scope of its own, and "
            "some rows in the record; where there is no vault yet, it uses one that it throws away.",
            examples={
                "pii-shield doctor": "look",
                "pii-shield doctor --fix": "close files that others can read, compile rules; then look again",
                "pii-shield doctor --json": "for programs",
            },
            exits={0: "nothing failed, though there may be warnings", 1: "something failed", **page.SETTINGS},
            files=("config", "tuning", "vault", "key", "checkpoints", "journal", "cache"),
            environment=(*page.ALL_SETTINGS, "NO_COLOR"),
        ),
    )
    parser.add_argument("--fix", action="store_true", help="do what is safe to do, and say what was done")
    parser.add_argument("--json", action="store_true", help="print data in place of text")
    places.add(parser)
    parser.set_defaults(func=run)


def run(args: Namespace) -> int:
    """Look, and print."""
    from ..doctor.examination import examine

    patient = _patient(args)
    counts: Counter[str] = Counter()
    all_said = []
    title = ""
    for said in examine(patient, repairs=args.fix):
        if not said.done:
            counts[said.line.level.value] += 1
        all_said.append(said)
        if not args.json:
            if said.title != title:
                print(f"{'' if title == '' else chr(10)}{said.title}")
            title = said.title
            print("\n".join(_lines(said, _has_colours())), flush=True)
    if args.json:
        print(json.dumps({"ok": not counts["fail"], "checks": list(map(_data, all_said))}, indent=2))
    else:
        print(f"\n{counts['ok']} ok, {_many(counts['warn'], 'warning')}, {_many(counts['fail'], 'failure')}.")
        if not args.fix and any(said.line.repair for said in all_said):
            print("Some of it can be put right now: pii-shield doctor --fix")
    return 1 if counts["fail"] else 0


def _patient(args: Namespace) -> "Patient":
    from .. import config
    from ..client.installers import launcher
    from ..client.installers.places import Machine
    from ..doctor.line import Patient
    from ..errors import ConfigError
    from ..settings import Config

    fault = None
    try:
        settings = config.load(os.environ, file=args.config, vault=args.vault)
    except ConfigError as error:
        settings, fault = Config(), error
    given = ((name, getattr(args, name)) for name in ("config", "vault"))
    options = tuple(word for name, text in given if text for word in (f"--{name}", str(Path(text).absolute())))
    machine = Machine(os.environ, sys.platform, Path.cwd())
    return Patient(machine, settings, launcher.find(sys.argv[0]), options, time.time(), fault)


def _lines(said: "Said", has_colours: bool) -> list[str]:
    from ..client.installers.show import hanging

    line, level = said.line, "done" if said.done else said.line.level.value
    mark = f"{_COLOURS[level]}{_SHOWN[level]}{_PLAIN}" if has_colours else _SHOWN[level]
    left = f"{line.what:<{_NAME}}  "
    first, *lines = hanging(f"{_MARGIN}{left}", _short(said.done or line.said), page.width())
    for title, words in (("why: ", line.why), ("fix: ", line.fix)):
        if words and not said.done:
            lines += hanging(f"{_MARGIN}{' ' * len(left)}{title}", _short(words), page.width())
    return [f"  {mark}  {first[len(_MARGIN) :]}", *lines]


def _short(text: str) -> str:
    """With ~ for the user's folder."""
    home = os.environ.get("HOME", "").rstrip("/")
    return text.replace(f"{home}/", "~/") if home else text


def _data(said: "Said") -> dict[str, Any]:
    line = said.line
    data = {"group": said.title, "what": line.what, "level": line.level.value, "said": line.said}
    return data | {"why": line.why, "fix": line.fix, "can_repair": line.repair is not None, "done": said.done}


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _has_colours() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
