"""How every --help reads, and what is said of a wrong command line.

Prose is filled to the screen; then come examples, exit codes, files and environment, out of the tables below, so that
the same thing has the same words on every page. Every start of a server comes through here, so what only a reader of
help needs is imported when there is one.
"""

import os
import re
import sys
from argparse import SUPPRESS, Action, ArgumentParser, HelpFormatter, _SubParsersAction
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from .. import config, paths

MAX_WIDTH: Final = 100
USAGE: Final = {2: "wrong usage"}
SETTINGS: Final = {**USAGE, 3: "wrong configuration"}
VAULT: Final = {**SETTINGS, 4: "the vault or its key cannot be used"}
"""Exit codes that mean the same everywhere."""

_FILES: Final[Mapping[str, tuple[Callable[[], Path], str]]] = {
    "config": (paths.user_config, "your settings"),
    "managed": (paths.managed_config, "the administrator's settings, which outrank all others"),
    "project": (lambda: Path(config.PROJECT_FILE), "settings of this folder; they can only tighten"),
    "tuning": (lambda: paths.user_config().with_name(config.TUNING_FILE), "what is let through, what is always found"),
    "vault": (paths.vault_file, "values behind tokens, encrypted; the audit log"),
    "key": (paths.key_file, "the vault's key"),
    "off": (lambda: paths.vault_file().with_name(f"{paths.vault_file().name}.off"), "servers that are off, sealed"),
    "checkpoints": (lambda: paths.state_dir() / "checkpoints", "second place of the log's checkpoints"),
    "journal": (lambda: paths.state_dir() / "clients", "changed files with their backups, until you uninstall"),
    "cache": (paths.cache_dir, "compiled rules"),
}
_ENVIRONMENT: Final[Mapping[str, str]] = {
    "PII_SHIELD_CONFIG": "your settings are in this file",
    "PII_SHIELD_KEY_FILE": "the vault's key is in this file",
    "PII_SHIELD_PROFILE": "a stricter release policy: balanced, strict",
    "PII_SHIELD_DETECT": "a detection profile whose entity types are protected too",
    "NO_COLOR": "no colours, if it is set",
    "COLUMNS": "width of the screen",
}
ALL_SETTINGS: Final = ("PII_SHIELD_CONFIG", "PII_SHIELD_KEY_FILE", "PII_SHIELD_PROFILE", "PII_SHIELD_DETECT")
_INDENT: Final = "  "
_TAB: Final = "\t"
_GAP: Final = 34
_INDENTS: Final = 3


def epilog(
    *,
    examples: Mapping[str, str],
    exits: Mapping[int, str],
    files: Sequence[str] = (),
    environment: Sequence[str] = (),
    more: str = "",
) -> str:
    """What stands below the options.

    Args:
        examples: command line -> what it does, "" if that is plain.
        exits: exit code -> when.
        files, environment: names in the tables above.
        more: prose before all that.
    """
    sections: dict[str, Mapping[Any, str]] = {
        "examples": examples,
        "exit codes": exits,
        "files": {_short(_FILES[name][0]()): _FILES[name][1] for name in files},
        "environment": {name: _ENVIRONMENT[name] for name in environment},
    }
    parts = [more] if more else []
    for title, rows in sections.items():
        if rows:
            parts.append("\n".join([f"{title}:", *(f"{name}{_TAB}{text}" for name, text in rows.items())]))
    return "\n\n".join(parts)


def width() -> int:
    """Columns to write to."""
    import shutil

    return min(shutil.get_terminal_size((80, 24)).columns, MAX_WIDTH)


class Help(HelpFormatter):
    """Fills prose, lines up tables, leaves what is indented as it is."""

    def __init__(self, prog: str, **options: Any) -> None:
        super().__init__(prog, **{"max_help_position": 26, "width": width() - 2, **options})

    def add_argument(self, action: Action) -> None:
        """See `HelpFormatter`; the commands below a command stand further in than it counts with."""
        super().add_argument(action)
        if isinstance(action, _SubParsersAction) and action.help is not SUPPRESS:
            longest = max(map(len, action.choices), default=0)
            self._action_max_length = max(self._action_max_length, longest + _INDENTS * self._indent_increment)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n\n".join(_filled(block, width, indent) for block in text.strip("\n").split("\n\n"))


class Parser(ArgumentParser):
    """A parser whose errors say what was probably meant."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"formatter_class": Help, **options})

    def error(self, message: str) -> NoReturn:
        """Say what is wrong on stderr, and end with 2."""
        fix = _meant(message, self) or f"{self.prog} --help"
        message = _NO_COMMAND.sub(r"there is no command \1", message)
        print(f"pii-shield: error[PS200]: {message}\n  fix: {fix}", file=sys.stderr)
        sys.exit(2)


def children(parser: ArgumentParser) -> dict[str, ArgumentParser]:
    """The commands below a command, by name."""
    groups = (action for action in parser._actions if isinstance(action, _SubParsersAction))
    return {name: child for group in groups for name, child in group.choices.items()}


def described_children(parser: ArgumentParser) -> dict[str, str]:
    """The commands below a command, with what --help says of them."""
    groups = (action for action in parser._actions if isinstance(action, _SubParsersAction))
    return {action.dest: action.help or "" for group in groups for action in group._choices_actions}


def described_flags(parser: ArgumentParser) -> dict[str, str]:
    """The options of a command as they are written, with what --help says of them."""
    actions = (action for action in parser._actions if action.help != SUPPRESS)
    return {flag: (action.help or "").replace("%%", "%") for action in actions for flag in action.option_strings}


def leaf(parser: ArgumentParser, argv: Sequence[str]) -> ArgumentParser:
    """The parser of the command that a command line names, as far as it names one."""
    for word in argv:
        below = children(parser)
        if below and not word.startswith("-"):
            if word not in below:
                break
            parser = below[word]
    return parser


_WRONG: Final = re.compile(r"(?:invalid choice: '?|unrecognized arguments: |no such option: )([^' ,]+)")


_NO_COMMAND: Final = re.compile(r"argument COMMAND: invalid choice: '?([^' ]+).*", re.DOTALL)


def _meant(message: str, parser: ArgumentParser) -> str:
    """The command line that was probably meant."""
    from difflib import get_close_matches

    found = _WRONG.search(message)
    if not found:
        return ""
    choices = [str(choice) for action in parser._actions for choice in action.choices or ()]
    near = get_close_matches(found[1].partition("=")[0], [*choices, *described_flags(parser)], 1, 0.6)
    return f"did you mean {near[0]}?  {parser.prog} --help shows all" if near else ""


def _filled(block: str, width: int, indent: str) -> str:
    import textwrap

    if _TAB in block:
        title, *rows = block.splitlines()
        return "\n".join([title, *_table([tuple(row.split(_TAB)) for row in rows], width)])
    lines: list[str] = []
    for is_prose, text in _stretches(block):
        lines += textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) if is_prose else [text]
    return "\n".join(f"{indent}{line}" for line in lines)


def _stretches(block: str) -> Iterator[tuple[bool, str]]:
    """Running text as one, everything that is indented and every title line by line."""
    prose: list[str] = []
    for line in block.splitlines():
        is_prose = not line.startswith(" ")
        if is_prose:
            prose.append(line)
        if prose and (not is_prose or line.endswith(":")):
            yield True, " ".join(prose)
            prose = []
        if not is_prose:
            yield False, line
    if prose:
        yield True, " ".join(prose)


def _table(rows: Sequence[tuple[str, ...]], width: int) -> list[str]:
    """Names to the left, what they are to the right; a name that is too long has a line of its own."""
    import textwrap

    left = min(max(len(name) for name, _ in rows), _GAP)
    lines = []
    for name, text in rows:
        start = f"{_INDENT}{name:<{left}}{_INDENT}"
        if len(name) > left:
            lines.append(f"{_INDENT}{name}")
            start = " " * (left + 2 * len(_INDENT))
        wrapped = textwrap.wrap(text, width - len(start), break_long_words=False, break_on_hyphens=False)
        lines += [f"{start}{wrapped[0]}"] if wrapped else [start.rstrip()] if len(name) <= left else []
        lines += [" " * len(start) + line for line in wrapped[1:]]
    return lines


def _short(path: Path) -> str:
    home = os.environ.get("HOME") or str(Path.home())
    text = str(path)
    return f"~{text.removeprefix(home)}" if text.startswith(f"{home.rstrip('/')}/") else text
