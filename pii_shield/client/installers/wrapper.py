"""The shield's words in front of a server's command line: putting them there and recognising them. No I/O."""

import re
import shlex
from collections.abc import Sequence
from typing import Final, NamedTuple

PROGRAM: Final = "pii-shield"
MODULE: Final = "pii_shield"
_MAX_LAYERS: Final = 8


class Wrap(NamedTuple):
    """A command line with the shield in it.

    Attributes:
        program: the shield's executable as it is written.
        length: how many words of the command line belong to the shield; 0 if another program starts the shield, so
            that it cannot be taken out here.
        through: that other program, "" if none.
        is_ours: False for another's program of the same name (`uvx pii-shield` runs one from the package index).
    """

    program: str
    length: int
    through: str = ""
    is_ours: bool = True


def words(launcher: Sequence[str], name: str, scope: str) -> tuple[str, ...]:
    """What comes in front of a server's own command line."""
    named = (f"--name={name}",) if name.startswith("-") else ("--name", name)
    return (*launcher, "run", *named, "--scope", scope, "--")


def find(argv: Sequence[str]) -> Wrap | None:
    """The shield in a command line: at its head, or started by `env`, `uvx`, `docker run`, a shell and the like."""
    return _find(tuple(argv), _MAX_LAYERS)


def stem(word: str) -> str:
    """The program that a word names: no folder, no suffix, no version or image tag; `pythonX.Y` is `python`."""
    name = re.split(r"[/\\]", word)[-1].lower()
    name = re.sub(r"\.(?:exe|cmd|bat|pyz)$", "", name)
    return re.sub(r"[\d.]+$", "", name) if name.startswith("python") else re.split(r"[@:]", name)[0]


def _find(argv: tuple[str, ...], layers: int) -> Wrap | None:
    if not argv or not layers:
        return None
    head = stem(argv[0])
    if head == PROGRAM:
        return _at_head(argv, 1)
    if head == "python" and MODULE in argv and argv[argv.index(MODULE) - 1] == "-m":
        return _at_head(argv, argv.index(MODULE) + 1)
    if head in _SHELLS:
        return _through(head, _in_shell(argv, layers))
    if head in _STARTERS:
        return _started(head, argv)
    return None


def _at_head(argv: tuple[str, ...], start: int) -> Wrap | None:
    if argv[start : start + 1] != ("run",) or "--" not in argv[start:-1]:
        return None
    return Wrap(argv[0], argv.index("--", start) + 1)


_SHELLS: Final = frozenset(("sh", "bash", "zsh", "dash", "fish", "cmd", "powershell", "pwsh"))
_FROM_INDEX: Final = frozenset(("uvx", "pipx", "uv"))
_IMAGES: Final = frozenset(("docker", "podman", "nerdctl"))
_STARTERS: Final = (
    _FROM_INDEX | _IMAGES | {"env", "sudo", "nice", "nohup", "timeout", "stdbuf", "time", "exec", "setsid", "arch"}
)


def _in_shell(argv: tuple[str, ...], layers: int) -> Wrap | None:
    """Inside of `sh -c "..."`, or after `cmd /c`."""
    for word in argv[1:]:
        if " " in word:
            try:
                inner = shlex.split(word)
            except ValueError:
                continue
            wrap = _find(tuple(inner[1:] if inner[:1] == ["exec"] else inner), layers - 1)
            if wrap:
                return wrap
    plain = next((n for n, word in enumerate(argv) if n and not re.match(r"[-/]\w*$", word)), len(argv))
    return _find(argv[plain:], layers - 1)


def _started(head: str, argv: tuple[str, ...]) -> Wrap | None:
    """The first later word that is the shield, with its `run` right behind it."""
    for at, word in enumerate(argv[1:], start=1):
        is_module = word == MODULE and argv[at - 1] == "-m"
        if (stem(word) == PROGRAM or is_module) and _at_head((word, *argv[at + 1 :]), 1):
            return Wrap(word, 0, head, is_module or not _is_from_index(head, argv[1:at]))
    return None


def _is_from_index(head: str, options: tuple[str, ...]) -> bool:
    """Whether this starts the package of the shield's own name, which is somebody else's."""
    if head not in _FROM_INDEX:
        return False
    source = re.search(r"--(?:from|spec)[= ](\S+)", " ".join(options))
    if source:
        return re.split(r"[@=<>~!\[]", source[1])[0] == PROGRAM
    return head != "uv" or "tool" in options


def _through(head: str, wrap: Wrap | None) -> Wrap | None:
    return wrap and wrap._replace(length=0, through=wrap.through or head)
