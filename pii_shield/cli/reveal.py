"""`pii-shield reveal`: a person reads values where the model has tokens."""

import codecs
import os
import re
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import ConfigError, PolicyDenied, ShieldError, UnknownToken
from . import page, places
from .off import AGENTS

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from ..revealing import Revealer

DESCRIPTION = """\
Shows a text with values in place of tokens: for you, and nobody else. Tokens of every client are understood; what does
not resolve stays as it is. Every value that is shown is on record in the audit log, as a release to "user".

It wants a terminal and refuses an agent's shell. That proves no human: a program of yours can have a terminal too. What
a model must not learn, do not reveal into a place where a model reads.
"""
_CHUNK: Final = 1 << 16
_TOKEN: Final = re.compile(r"\[?[A-Za-z]+(?:\.[A-Za-z0-9]+)?_[0-9A-Za-z]{7,17}(?:~[0-9]+)?\]?")


class RevealError(ShieldError):
    """Nothing is shown here, or like this."""

    code = "PS370"
    exit_code = 2


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    parser = subparsers.add_parser(
        "reveal",
        help="read values where the model has tokens",
        description=DESCRIPTION,
        epilog=page.epilog(
            more='[policy] reveal = "anywhere" does without a terminal, "never" forbids it.',
            examples={
                "pii-shield reveal answer.txt": "on the screen",
                "llm ask | pii-shield reveal -": "as it comes; the output may be a pipe",
                "pii-shield reveal EMAIL_7K2QF9M36": "one token",
                "pii-shield reveal --clip answer.txt": "to the clipboard",
                "pii-shield reveal --in-place letter.md": "the file itself",
            },
            exits={0: "done", 1: "a token that is unknown", **page.VAULT},
            files=("config", "managed", "vault", "key"),
            environment=("PII_SHIELD_CONFIG", "PII_SHIELD_KEY_FILE"),
        ),
    )
    parser.add_argument("source", metavar="FILE|TOKEN|-", help="a file, a token, or - for stdin")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--clip", action="store_true", help="put it on the clipboard, show nothing")
    how.add_argument("--in-place", action="store_true", help="write it back into FILE")
    parser.add_argument("--scope", help="only tokens of this scope (default: all)")
    places.add(parser)
    parser.set_defaults(func=run)


def run(args: Namespace) -> int:
    """Show, copy or write.

    Raises:
        ShieldError: nobody may see it here, a token is unknown, or vault or log cannot be used.
    """
    from .. import assemble, config

    settings = config.load(os.environ, file=args.config, scope=args.scope, vault=args.vault)
    check_person(settings.reveal)
    _check_way(args)
    with closing(assemble.House(settings)) as house:
        revealer = house.revealer(*([settings.scope] if args.scope else []))
        if args.in_place:
            _rewrite(Path(args.source), revealer)
        elif args.clip:
            from .clipboard import copy

            copy("".join(_shown(args.source, revealer)))
        else:
            _print(_shown(args.source, revealer))
    return 0


def check_person(allowed: str) -> None:
    """See that a person may be here.

    Args:
        allowed: the setting: "terminal", "anywhere" or "never".

    Raises:
        PolicyDenied: the settings forbid it.
        RevealError: this is an agent's shell, or no terminal.
    """
    if allowed == "never":
        raise PolicyDenied('values are not shown here: [policy] reveal = "never"', code="PS613", fix="ask who set it")
    if allowed == "anywhere":
        return
    agent = next((name for name in sorted(AGENTS) if os.environ.get(name)), "")
    if agent:
        raise RevealError(f"an agent uses this shell ({agent} is set)", fix="use a terminal of your own")
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        raise RevealError(
            "values are shown to a person at a terminal, and there is none",
            fix='use a terminal, or say [policy] reveal = "anywhere" in your settings',
        ) from None


def _check_way(args: Namespace) -> None:
    if args.in_place and not Path(args.source).is_file():
        raise RevealError(f"--in-place needs a file, and {args.source} is none")
    if args.source == "-" and sys.stdin.isatty():
        print("Paste the text, then Ctrl-D.", file=sys.stderr)
    if not (args.source == "-" or args.clip or args.in_place or sys.stdout.isatty()):
        raise RevealError(
            "the output is no terminal, so something else than you would read it",
            fix=f"if that is meant: pii-shield reveal - < {args.source}",
        )


def _shown(source: str, revealer: "Revealer") -> Iterator[str]:
    """The text with values, piece by piece."""
    from ..client.reveal import in_pieces

    if source == "-":
        return in_pieces(_decoded(0), revealer.reveal)
    path = Path(source)
    if not path.is_file() and _TOKEN.fullmatch(source):
        return iter([_token(source, revealer.reveal)])
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError as error:
        raise ConfigError(f"{source}: {error.strerror}", code="PS304", fix="check its name and permissions") from None
    return in_pieces(_decoded(file), revealer.reveal)


def _token(text: str, reveal: Callable[[str], str]) -> str:
    token = text if text.startswith("[") else f"[{text}]"
    shown = reveal(token)
    if shown == token:
        raise UnknownToken("this is no token of this vault, or it has expired", fix="give it as the model sees it")
    return f"{shown}\n"


def _decoded(file: int) -> Iterator[str]:
    """What a file says, as soon as it says it; bytes that are no text stay what they are."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    with open(file, "rb", buffering=0, closefd=file > 0) as source:
        while data := source.read(_CHUNK):
            yield decoder.decode(data)
    yield decoder.decode(b"", True)


def _print(pieces: Iterator[str]) -> None:
    for piece in pieces:
        sys.stdout.buffer.write(piece.encode("utf-8", "surrogateescape"))
        sys.stdout.buffer.flush()


def _rewrite(path: Path, revealer: "Revealer") -> None:
    from ..client.installers import files

    before = files.read(path)
    after = revealer.reveal(before.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    if before != after:
        files.replace(path, before, after)
    print(f"{path}: {'values are in it now' if before != after else 'no token in it resolves'}", file=sys.stderr)
