"""`pii-shield rules`: check rule files by the examples in them."""

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    family = subparsers.add_parser("rules", help="check rule files, yours or the shipped ones")
    commands = family.add_subparsers(title="commands", required=True, metavar="COMMAND")
    check = commands.add_parser(
        "check",
        help="run the examples in rule files through the whole engine",
        description="Loads rule files and runs their examples through the whole engine, next to the shipped rules.",
        epilog="Exit code: 0 all examples hold, 1 some do not, 3 a file cannot be loaded.",
    )
    check.add_argument("files", nargs="*", metavar="FILE", help="rule files (default: the shipped ones)")
    check.set_defaults(func=check_files)


def check_files(args: Namespace) -> int:
    """Check the files, print one line per problem.

    Raises:
        RuleError: a file cannot be loaded.
    """
    from pathlib import Path

    from .. import entities, rules
    from ..detect.engine import Engine

    shipped = rules.shipped()
    files = [Path(name) for name in args.files]
    own = {path.resolve() for path in shipped}
    everything = rules.load([*shipped, *(path for path in files if path.resolve() not in own)])
    subject = rules.load(files) if files else everything
    problems = rules.check(subject, Engine(everything, frozenset(entities.TYPES), all_rules=True).find)
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(subject.patterns) + len(subject.fields)} rules, {len(problems)} problems")
    return 1 if problems else 0
