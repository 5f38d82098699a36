"""Calls that reach for the shield itself: its files, its key, its commands, the client's hooks. No I/O of its own.

An agent's shell can do what its user can. This stops what is written down plainly or in a usual disguise (quotes,
escapes, variables, wildcards, encodings); it is no sandbox, and whoever computes a name gets past it. That is why
what such a call would print is searched all the same.
"""

import fnmatch
import itertools
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from ...detect.views import views
from .contract import Event, texts
from .tools import tool

MAX_TEXT: Final = 200_000
"""Characters of one argument that are looked through; a longer one is for the person to judge."""
_COMMANDS: Final = (
    "reveal|approve|allow|deny|policy|forget|install|uninstall|off|hook|vault|audit|why|serve|run|login|print|trust|"
    "console|tune|rotate"
)
_NEVER: Final = (
    re.compile(rf"pii[-_]?shield(?:\.\w+)?[\"']?(?:\s+-\S+|\s*,\s*)*[\s,\"'\[]+(?:{_COMMANDS})\b", re.IGNORECASE),
    re.compile(r"pii-shield\b[^|&;\n]*\breveal\b", re.IGNORECASE),
    re.compile(
        r"pii_shield\b[\s\S]{0,4000}\b(?:PiiShield|reveal\w*|standing|assemble|SqliteVault|vault|KeyFile)\b",
        re.IGNORECASE,
    ),
    re.compile(r"\bPII_SHIELD_[A-Z]"),
    re.compile(r"(?:\bconfig|share|state|cache|support|etc|local|programdata)[\\/]+pii-shield\b", re.IGNORECASE),
    re.compile(r"\bdisableAllHooks\b"),
    re.compile(r"\bCLAUDE_(?:CODE_SHELL|CONFIG_DIR)\b"),
)
_DOUBTFUL: Final = (
    re.compile(r"\bvault\.(?:key|db)\b"),
    re.compile(r"\.claude[\\/]+settings[\w.]*\.json|\.claude\.json\b"),
    re.compile(r"\.pii-shield\.toml\b"),
)
_RECURSIVE: Final = re.compile(
    r"\b(?:rg|ag|tar|zip|rsync|7z)\b|\b(?:grep|egrep|fgrep|cp|scp)\b[^|;&\n]*\s(?:-\w*[rRa]\w*|--recursive|--archive)\b"
    r"|\bfind\b[^|;&\n]*\s-(?:exec|delete|ok)"
)
_WORD: Final = re.compile(r"[^\s;|&<>()=,:]+")
_ASSIGNED: Final = re.compile(r"(?:^|[\s;&|(])([A-Za-z_]\w*)=([^\s;&|()]*)")
_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_]\w*)[^}]*\}|\$([A-Za-z_]\w*)")
_LAYERS: Final = 3
"""Variables in variables that are filled in."""
_MAX_WORDS: Final = 4000


class Ours(NamedTuple):
    """What is to be left alone.

    Attributes:
        home: the user's folder.
        places: absolute paths of folders and files that are the shield's.
        settings: absolute paths of the client's files that say whether hooks run.
        real: a path with its symbolic links followed.
    """

    home: str
    places: tuple[str, ...]
    settings: tuple[str, ...]
    real: Callable[[str], str] = os.path.realpath


class Objection(NamedTuple):
    """Why a call must not be made, or (`is_certain` False) only with the person's word."""

    reason: str
    is_certain: bool


_FORBIDDEN: Final = Objection("it touches pii-shield itself, which only the person at the machine may do", True)
_DOUBT: Final = Objection("it may touch pii-shield or the settings that switch it on", False)
_LONG: Final = Objection("an argument is too long to be checked for what it does to pii-shield", False)


def objection(event: Event, ours: Ours) -> Objection | None:
    """What is wrong with a call; None if nothing is."""
    known = tool(event.tool)
    if known.passes:
        return None
    # What is written into a file does nothing yet; where it is written counts.
    idle = {known.writes, known.compared, "description"} if known.writes else {"description"}
    found: Objection | None = None
    for name, value in event.input.items():
        for text in texts(value) if name not in idle else ():
            new = _judge(text, event.cwd, ours)
            if new and (new.is_certain or found is None):
                found = new
            if found and found.is_certain:
                return found
    return found


def _judge(text: str, cwd: str, ours: Ours) -> Objection | None:
    if len(text) > MAX_TEXT:
        return _LONG
    doubt = None
    for reading in dict.fromkeys(_readings(text)):
        if any(pattern.search(reading) for pattern in _NEVER):
            return _FORBIDDEN
        if any(pattern.search(reading) for pattern in _DOUBTFUL):
            doubt = _DOUBT
        is_recursive = bool(_RECURSIVE.search(reading))
        for word in itertools.islice(_WORD.findall(reading), _MAX_WORDS):
            told = _path(word, cwd, ours, is_recursive)
            if told and told.is_certain:
                return told
            doubt = doubt or told
    return doubt


def _readings(text: str) -> Iterator[str]:
    """The text, and what it comes to for a shell: without quotes, with escapes, variables and encodings undone."""
    for plain in (text, *(view.text for view in views(text))):
        yield plain
        bare = re.sub(r"\$?[\"']|\\\n", "", _unescaped(plain))
        bare = re.sub(r"\$\{?IFS\}?", " ", bare)
        bare = _with_variables(bare)
        yield bare
        yield bare.replace("\\", "")
        yield re.sub(r"\{[^{}\s]*,[^{}\s]*\}", "*", bare)


def _with_variables(text: str) -> str:
    """The text with the variables that it sets itself filled in."""
    assigned: dict[str, str] = dict(_ASSIGNED.findall(text))

    def value(found: re.Match[str]) -> str:
        return assigned.get(found[1] or found[2]) or found[0]

    for _ in range(_LAYERS):
        text = _VARIABLE.sub(value, text)
    return text


def _unescaped(text: str) -> str:
    def character(found: re.Match[str]) -> str:
        code = int(found[1] or found[2], 16) if found[1] or found[2] else int(found[3], 8)
        return chr(code) if code <= 0x10FFFF else found[0]

    return re.sub(r"\\x([0-9A-Fa-f]{1,2})|\\u([0-9A-Fa-f]{4})|\\0?([0-7]{3})", character, text)


def _path(word: str, cwd: str, ours: Ours, is_recursive: bool) -> Objection | None:
    """What a word means as a path."""
    word = re.sub(r"\A(?:file://)?(?:~|\$\{?HOME\}?)(?=[\\/]|\Z)", lambda _: ours.home, word)
    if not word or "\0" in word or (word.startswith("-") and "/" not in word):
        return None
    full = os.path.normpath(Path(cwd or ours.home) / word)
    if any(character in word for character in "*?["):
        return _wild(full, ours)
    readings = {full, ours.real(full)} if "/" in word or word in (".", "..") else {full}
    if any(_within(path, place) for path in readings for place in ours.places):
        return _FORBIDDEN
    if readings & set(ours.settings):
        return _DOUBT
    if is_recursive and any(_within(place, path) for path in readings for place in ours.places):
        return _DOUBT
    return None


def _wild(pattern: str, ours: Ours) -> Objection | None:
    """Whether a pattern can mean one of our files, or a folder that leads to them."""
    for place in ours.places:
        parts, given = Path(place).parts, Path(pattern).parts
        meets = all(fnmatch.fnmatchcase(part, glob) for part, glob in zip(parts, given, strict=False))
        if meets and len(given) >= len(parts):
            is_any = len(given) == len(parts) and not given[-1].strip("*")
            return _DOUBT if is_any else _FORBIDDEN
    return _DOUBT if any(fnmatch.fnmatchcase(path, pattern) for path in ours.settings) else None


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
