"""`pii-shield rules`: list rules, check rule files by the examples in them, try one rule on a text."""

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ConfigError, RuleError
from .about import about

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from ..rules import FieldRule, Rule, RuleSet

_LIST_EPILOG = """\
Columns: rule, entity type, score, what it goes by, and whether `run` uses it in every profile that protects the type
("always") or only `scan` and greedy profiles do ("greedy"). A score below 0.5 counts only near a word of its context.

Exit code: 0; 3 a rule file is broken.
"""
_TEST_EPILOG = """\
examples:
  pii-shield rules test email < mail.txt          what this rule finds, or nearly finds, in a text
  pii-shield rules test badge --rules mine.toml   its own examples

Without a text, the rule's examples are run. Only shapes are shown.

Exit code: 0 it found something, or all its examples hold; 1 not so; 2 the text cannot be read, or there is no such
rule; 3 a file cannot be loaded.
"""


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    family = subparsers.add_parser("rules", help="list, check and try rules")
    commands = family.add_subparsers(title="commands", required=True, metavar="COMMAND")
    listing = commands.add_parser(
        "list",
        help="every rule with its type, score and check",
        description="Lists the shipped rules, or those of your files.",
        epilog=_LIST_EPILOG,
    )
    listing.add_argument("files", nargs="*", metavar="FILE", help="rule files (default: the shipped ones)")
    listing.add_argument("--type", metavar="T", type=str.upper, help="only rules of this entity type")
    listing.add_argument("--json", action="store_true", help="print data in place of text")
    listing.set_defaults(func=list_rules)
    check = commands.add_parser(
        "check",
        help="run the examples in rule files through the whole engine",
        description="Loads rule files and runs their examples through the whole engine, next to the shipped rules.",
        epilog="Exit code: 0 all examples hold, 1 some do not, 3 a file cannot be loaded.",
    )
    check.add_argument("files", nargs="*", metavar="FILE", help="rule files (default: the shipped ones)")
    check.set_defaults(func=check_files)
    compile_ = commands.add_parser(
        "compile",
        help="compile the shipped rules, so that one pass over a text says which of them can match",
        description="Compiles the rules of the configured profile into the cache folder. Results stay the same; only "
        "the time to find them changes. `install`, `run` and `serve` have this done in the background where it is "
        "missing, unless the configuration says `compile = false` under [detect]; this waits for it.",
        epilog="Exit code: 0 compiled, 3 the package hyperscan is missing or the folder cannot be written.",
    )
    compile_.add_argument("--config", metavar="FILE", help="configuration file")
    compile_.set_defaults(func=compile_rules)
    test = commands.add_parser(
        "test",
        help="try one rule on a text, or on its own examples",
        description="Says what one rule finds in a text, and what it nearly finds and why not.",
        epilog=_TEST_EPILOG,
    )
    test.add_argument("rule", metavar="RULE", help="its id, see `pii-shield rules list`")
    test.add_argument(
        "file", nargs="?", metavar="FILE", help="the text (default: standard input, if it is no terminal)"
    )
    test.add_argument(
        "--rules", action="append", default=[], metavar="FILE", help="rule files besides the shipped ones"
    )
    test.set_defaults(func=test_rule)


def list_rules(args: Namespace) -> int:
    """Print the table.

    Raises:
        RuleError: a file cannot be loaded.
    """
    from .. import rules

    known = rules.load([Path(name) for name in args.files] or None)
    every: list[Rule | FieldRule] = [*known.patterns, *known.fields]
    wanted = sorted((rule.type, rule.id, rule) for rule in every if args.type in (None, rule.type))
    rows = [_listed(rule, known) for _, _, rule in wanted]
    if args.json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return 0
    for row in rows:
        check = f"; check {row['check']}" if row["check"] else ""
        print(f"{row['rule']:<28} {row['type']:<15} {row['score']:<5} {row['used']:<7} {row['by']}{check}")
    print(f"{len(rows)} rules")
    return 0


def _listed(rule: "Rule | FieldRule", known: "RuleSet") -> dict[str, object]:
    said = about(rule.id, known)
    used = "always" if getattr(rule, "by_default", True) else "greedy"
    return {
        "rule": rule.id,
        "type": rule.type,
        "score": rule.score,
        "used": used,
        "by": said.text,
        "check": said.check,
        "context": list(said.context),
        "references": list(said.references),
    }


def check_files(args: Namespace) -> int:
    """Check the files, print one line per problem.

    Raises:
        RuleError: a file cannot be loaded.
    """
    from .. import entities, examples, rules
    from ..detect.engine import Engine

    files = [Path(name) for name in args.files]
    everything = _with_shipped(files)
    subject = rules.load(files) if files else everything
    problems = examples.faults(everything)
    if not problems:
        problems = examples.check(subject, Engine(everything, frozenset(entities.TYPES), all_rules=True).find)
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(subject.patterns) + len(subject.fields)} rules, {len(problems)} problems")
    return 1 if problems else 0


def _with_shipped(files: list[Path]) -> "RuleSet":
    from .. import rules

    shipped = rules.shipped()
    own = {path.resolve() for path in shipped}
    return rules.load([*shipped, *(path for path in files if path.resolve() not in own)])


def compile_rules(args: Namespace) -> int:
    """Compile the rules for what `run` protects.

    Raises:
        ConfigError: the library is missing, or the cache folder cannot be written.
    """
    import os

    from .. import compiled, config, engines, paths

    made = engines.Engines(config.load(os.environ, file=args.config))
    print("compiling, this takes some seconds ...", file=sys.stderr)
    try:
        scanners = [compiled.build(sources, paths.cache_dir()) for sources in made.sources()]
    except OSError as error:
        raise ConfigError(f"the cache folder cannot be written: {error.strerror}", fix=str(paths.cache_dir())) from None
    if None in scanners:
        raise ConfigError(
            "the package hyperscan is not installed, or not made for this machine", fix="pip install hyperscan"
        )
    print(f"compiled into {paths.cache_dir()}")
    return 0


def test_rule(args: Namespace) -> int:
    """Try one rule.

    Raises:
        ShieldError: there is no such rule, a file cannot be loaded, or the text cannot be read.
    """
    from ..rules import RuleSet

    known = _with_shipped([Path(name) for name in args.rules])
    patterns = tuple(rule for rule in known.patterns if rule.id == args.rule)
    fields = tuple(rule for rule in known.fields if rule.id == args.rule)
    if not patterns and not fields:
        raise NoSuchRule(f"there is no rule {args.rule!r}", fix="pii-shield rules list")
    said = about(args.rule, known)
    print(f"{args.rule}: {said.text}" + (f"; check {said.check}" if said.check else ""))
    if args.file is None and sys.stdin.isatty():
        return _own_examples(known, RuleSet(patterns, fields, known.words))
    return _on_text(args, RuleSet(patterns, fields, known.words))


class NoSuchRule(RuleError):
    """A rule that no file has."""

    code = "PS122"
    exit_code = 2


def _own_examples(known: "RuleSet", subject: "RuleSet") -> int:
    from .. import entities, examples
    from ..detect.engine import Engine

    problems = examples.check(subject, Engine(known, frozenset(entities.TYPES), all_rules=True).find)
    print("\n".join(map(str, problems)) or "all its examples hold")
    return 1 if problems else 0


def _on_text(args: Namespace, subject: "RuleSet") -> int:
    from .. import entities
    from ..detect.engine import Engine
    from ..detect.nearly import misses
    from ..detect.scan import scan
    from .scan_files import Source, read
    from .scan_formats import mask, placed

    text = read(Source(args.file if args.file not in (None, "-") else "", 0, True)) or ""
    types = frozenset(entities.TYPES)
    found = [one for one in scan(text, Engine(subject, types, all_rules=True)) if one.rule == args.rule]
    for finding, line, column in placed(text, found):
        print(f"{line}:{column}\tfound, score {finding.score:.2f}\t{mask(text[finding.start : finding.end])}")
    near = misses(text, subject, types, True, found)
    for miss, line, column in placed(text, near):
        print(f"{line}:{column}\tnot found: {miss.reason}\t{mask(text[miss.start : miss.end])}")
    print(f"{len(found)} found, {len(near)} nearly")
    return 0 if found else 1
