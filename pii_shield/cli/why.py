"""`pii-shield why`: where a token comes from, what nearly became one, and the commands that change it."""

import os
import shlex
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import page, places, tokens_in
from .tokens_in import Named
from .tune import UsageError

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from ..evidence import Evidence
    from ..rules import RuleSet
    from ..settings import Config
    from ..vault.base import Vault

DESCRIPTION = """\
Says of a token which rule found the value, which check it passed, its score, which server, tool and place it came from
last, and prints the commands that let exactly that through: the value, the place, the rule or the type. Never shows a
value.

With --missed it reads a text on standard input and says what in it nearly counted: a score below the threshold, a check
that failed, a missing word nearby, a type that the profile leaves alone, an exemption. Only shapes are shown.
"""
_LABEL = 12


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    parser = subparsers.add_parser(
        "why",
        help="why something was replaced, or was not, and how to change that",
        description=DESCRIPTION,
        epilog=page.epilog(
            examples={
                "pii-shield why EMAIL_7K2QF9M36": "this token",
                "pii-shield why --last 5": "the five that were given last",
                "pii-shield why --missed < reply.txt": "what was not found, and why",
            },
            exits={0: "told", 1: "the token is unknown, or nothing was found yet", **page.VAULT},
            files=("config", "tuning", "vault", "key"),
            environment=page.ALL_SETTINGS,
        ),
    )
    parser.add_argument("token", nargs="?", metavar="TOKEN", help="as the model sees it")
    parser.add_argument("--last", nargs="?", const=1, type=int, metavar="N", help="the last token, or the last N")
    parser.add_argument("--missed", action="store_true", help="what in the text on standard input nearly counted")
    parser.add_argument("--server", metavar="S", help="with --missed: as if this server had sent it")
    parser.add_argument("--tool", metavar="T", help="with --missed: as if it were this tool's result")
    tokens_in.add_places(parser)
    parser.set_defaults(func=run)


def run(args: Namespace) -> int:
    """Answer.

    Raises:
        ShieldError: wrong usage, an unknown token, wrong configuration, or a vault that cannot be used.
    """
    if sum((bool(args.token), args.last is not None, args.missed)) != 1:
        raise UsageError("which one?", fix="give a token, --last or --missed")
    config = tokens_in.settings(args, dict(os.environ))
    if args.missed:
        from .missed import tell

        return tell(sys.stdin.buffer, config, args.server or "", args.tool or "")
    return _explain(args, config)


def _explain(args: Namespace, config: "Config") -> int:
    from .. import assemble, engines
    from ..evidence import loads

    vault = assemble.vault(config)
    try:
        found = _named(args, config, vault) if vault.info().schema else []
        known = engines.rule_set(config)
        pages = [_page(args, vault, one, loads(note) if note else None, known) for one, note in found]
    finally:
        vault.close()
    print("\n\n".join("\n".join(page) for page in pages) or "no token was given yet")
    return 0 if pages else 1


def _named(args: Namespace, config: "Config", vault: "Vault") -> list[tuple[Named, str]]:
    among = tokens_in.scopes(args, config, vault)
    if args.token:
        one = tokens_in.find(args.token, among, vault)
        return [(one, dict(vault.noted(one.scope, 1, one.ref.id)).get(one.ref.id, ""))]
    from ..evidence import loads

    noted = [
        (loads(note).at, scope, token_id, note) for scope in among for token_id, note in vault.noted(scope, args.last)
    ]
    noted.sort(key=lambda one: one[0], reverse=True)
    return [(tokens_in.find(token_id, [scope], vault), note) for _, scope, token_id, note in noted[: args.last]]


def _page(args: Namespace, vault: "Vault", named: Named, evidence: "Evidence | None", known: "RuleSet") -> list[str]:
    from ..entities import TYPES

    type_ = named.row.type
    lines = [f"[{named.text}]", *_line("type", f"{type_}, a {TYPES[type_].sensitivity.value} value")]
    if named.row.expired:
        return [*lines, *_line("state", "expired: the value is gone")]
    value = tokens_in.known(named, vault)
    first = value.rule if value else ""
    lines += [line for text in _rule_lines(first, evidence, known) for line in text]
    lines += _place_lines(evidence)
    lines += _line("servers", ", ".join(sorted(map(_server, named.row.origins))) + " sent it")
    if named.row.granted:
        lines += _line("", ", ".join(sorted(map(_server, named.row.granted))) + " got it")
    lines += _line("scope", named.scope)
    return [*lines, *_commands(args, named, evidence, first)]


def _rule_lines(first: str, evidence: "Evidence | None", known: "RuleSet") -> Iterator[list[str]]:
    from .about import about

    rule = evidence.rule if evidence else first
    if rule == "recall":
        yield _line("rule", "recall: it was known from before")
        rule = first
        yield _line("first by", f"{rule}: {about(rule, known).text}")
    else:
        yield _line("rule", f"{rule}: {about(rule, known).text}")
    yield _line("check", about(rule, known).check or "none: the shape or the field's name says enough")
    if evidence:
        yield _line("score", f"{evidence.score:.2f}")


def _place_lines(evidence: "Evidence | None") -> list[str]:
    if evidence is None:
        return _line("place", "not on record; it is for what is found from now on")
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(evidence.at))
    tool = f", tool {evidence.tool}" if evidence.tool else ""
    return [
        *_line("found", f"{at} in what {_server(evidence.server)} sent{tool}"),
        *_line("place", evidence.place or "the message as a whole"),
    ]


def _commands(args: Namespace, named: Named, evidence: "Evidence | None", first: str) -> list[str]:
    more = places.said(args)
    scope = f" --scope {shlex.quote(named.scope)}" if named.scope != "default" else ""
    rule = first if evidence is None or evidence.rule == "recall" else evidence.rule
    commands = [("this value", f"{named.text}{scope}")]
    if evidence and (evidence.tool or evidence.place):
        where = {"server": _server(evidence.server), "tool": evidence.tool, "path": evidence.place}
        said = " ".join(f"--{name} {shlex.quote(text)}" for name, text in where.items() if text)
        commands.append(("this place", said))
    commands += [("this rule", f"--rule {shlex.quote(rule)}")] if rule else []
    commands.append(("this type", f"--type {named.row.type}"))
    lines = ["to let through from the next message on:"]
    lines += [f"  {what:<{_LABEL}}pii-shield allow {options}{more}" for what, options in commands]
    return [*lines, "to erase the value:", f"  {'':<{_LABEL}}pii-shield forget {named.text}{scope}{more}"]


def _server(server: str) -> str:
    return server.partition("#")[0]


def _line(label: str, text: str) -> list[str]:
    return [f"  {label:<{_LABEL}}{text}"]
