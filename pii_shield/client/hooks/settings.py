"""The client's settings file: putting the hooks in, finding them, and taking them out again. No I/O.

Every byte that is not ours stays. What an edit says is held to what it was meant to say.
"""

import copy
import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from ...errors import ConfigError
from ..edits import span
from ..edits.document import JSONC, Document, read
from ..edits.tree import BadText, Node, look_up
from ..installers.wrapper import MODULE, PROGRAM, stem
from .contract import AFTER, BEFORE, DISPLAY, PROMPT, START

SHELL: Final = "CLAUDE_CODE_SHELL"
TIMEOUT: Final = 600
"""Seconds; when they are over, the client shows what it has."""
_MATCHED: Final = (BEFORE, AFTER)
_ALWAYS: Final = (BEFORE, AFTER, PROMPT, START)


class Wanted(NamedTuple):
    """What is to be in the settings.

    Attributes:
        launcher: the absolute command that starts this program.
        scope: the set of tokens.
        shell: path of the shell whose output has tokens.
        display: whether the person reads values on the screen.
    """

    launcher: tuple[str, ...]
    scope: str
    shell: str
    display: bool = False

    def events(self) -> tuple[str, ...]:
        """What hooks are called for."""
        return (*_ALWAYS, DISPLAY) if self.display else _ALWAYS

    def hook(self, event: str) -> dict[str, Any]:
        """An entry of the list of an event's hooks."""
        command = shlex.join((*self.launcher, "hook", "claude-code", "--scope", self.scope))
        matcher = {"matcher": "*"} if event in _MATCHED else {}
        own = {"type": "command", "command": command, "timeout": TIMEOUT, "onFailure": "block"}
        return {**matcher, "hooks": [own]}


class Held(NamedTuple):
    """What settings hold of ours.

    Attributes:
        events: for which a hook of ours is called.
        program: what starts it; "" if there is none.
        shell: the shell that is set, ours or not.
        is_off: all hooks are switched off.
    """

    events: tuple[str, ...]
    program: str
    shell: str
    is_off: bool


def held(data: bytes) -> Held:
    """What is in the settings.

    Raises:
        BadText: they cannot be read.
    """
    value = _document(data).value
    found = {event: command for event, _, entry in _entries(value) if (command := _ours(entry))}
    words = shlex.split(next(iter(found.values()), ""))
    shell = str(value.get("env", {}).get(SHELL, ""))
    return Held(tuple(found), words[0] if words else "", shell, value.get("disableAllHooks") is True)


def plain(data: bytes) -> dict[str, Any]:
    """What the settings say.

    Raises:
        BadText: they cannot be read.
    """
    return dict(_document(data).value)


def with_hooks(data: bytes, wanted: Wanted) -> bytes:
    """The settings with hooks and shell in them; older ones of ours give way.

    Raises:
        BadText: they cannot be read.
        ConfigError: they are written in a way that cannot be changed safely.
    """
    found = {event: entry for event, _, entry in _entries(plain(data)) if _ours(entry)}
    if found == {event: wanted.hook(event) for event in wanted.events()} and held(data).shell == wanted.shell:
        return data
    document = _document(without_hooks(data, ""))
    meant = copy.deepcopy(document.value)
    for event in reversed(wanted.events()):
        meant.setdefault("hooks", {}).setdefault(event, []).insert(0, wanted.hook(event))
        document = _with_item(document, ("hooks", event), wanted.hook(event))
    meant.setdefault("env", {})[SHELL] = wanted.shell
    return _proven(_with_member(document, ("env", SHELL), wanted.shell), meant)


def without_hooks(data: bytes, shell: str) -> bytes:
    """The settings without what is ours.

    Args:
        shell: what the shell was before; "" if it was not said.
    """
    document = _document(data)
    meant = copy.deepcopy(document.value)
    for event, index, entry in reversed(list(_entries(document.value))):
        if not _ours(entry):
            continue
        own = meant["hooks"][event]
        if len(entry["hooks"]) > 1 and isinstance(own[index], dict):
            raise ConfigError("a hook of ours stands together with others", code="PS323", fix="take it out by hand")
        del own[index]
        document = _cut(document, ("hooks", event), index)
        if not own:
            del meant["hooks"][event]
            document = _cut(document, ("hooks",), event)
    if meant.get("hooks") == {} and _document(data).value["hooks"]:
        del meant["hooks"]
        document = _cut(document, (), "hooks")
    if is_our_shell(held(data).shell):
        document, meant = _without_shell(document, meant, shell)
    return _proven(document, meant)


def is_our_shell(path: str) -> bool:
    """Whether this is the shell that this program has put there."""
    return f"/{PROGRAM}/shell/" in path.replace("\\", "/")


def _without_shell(document: Document, meant: Any, shell: str) -> tuple[Document, Any]:
    if shell:
        meant["env"][SHELL] = shell
        return _with_member(document, ("env", SHELL), shell), meant
    del meant["env"][SHELL]
    document = _cut(document, ("env",), SHELL)
    if not meant["env"]:
        del meant["env"]
        document = _cut(document, (), "env")
    return document, meant


def _document(data: bytes) -> Document:
    document = read(data if data.strip() else b"{}\n", JSONC)
    value = document.value if isinstance(document.value, dict) else {"hooks": None}
    hooks, env = value.get("hooks", {}), value.get("env", {})
    if not isinstance(hooks, dict) or not isinstance(env, dict):
        raise BadText(1, "this has not the shape of the client's settings")
    if not all(isinstance(entries, list) for entries in hooks.values()):
        raise BadText(1, "its hooks are not in lists")
    return document


def _entries(value: Mapping[str, Any]) -> Iterator[tuple[str, int, Any]]:
    """Event, place in its list, entry."""
    for event, entries in value.get("hooks", {}).items():
        for index, entry in enumerate(entries):
            yield event, index, entry


def _ours(entry: Any) -> str:
    """The command of ours in an entry, "" if there is none."""
    hooks = entry.get("hooks") if isinstance(entry, dict) else None
    for hook in hooks if isinstance(hooks, list) else ():
        command = hook.get("command") if isinstance(hook, dict) else None
        if isinstance(command, str) and _is_ours(command):
            return command
    return ""


def _is_ours(command: str) -> bool:
    try:
        words = shlex.split(command)
    except ValueError:
        return False
    starts = [n for n, word in enumerate(words) if word == MODULE or stem(word) == PROGRAM]
    return any(words[n + 1 : n + 3] == ["hook", "claude-code"] for n in starts)


# edits


def _with_item(document: Document, path: Sequence[str], item: Any) -> Document:
    """A list with one more item in front; made if it is not there."""
    array = look_up(document.root, path)
    if array is None:
        return _with_member(document, path, [item])
    edit = span.prepend(document, array, [_written(document, array.start, item)])
    return document.with_text(span.apply(document.text, [edit]))


def _with_member(document: Document, path: Sequence[str], content: Any) -> Document:
    """An object with a key that has this content; objects on the way are made."""
    outer = look_up(document.root, path[:-1]) if len(path) > 1 else document.root
    if outer is None:
        return _with_member(document, path[:-1], {path[-1]: content})
    text = _written(document, outer.start, content)
    old = outer.members.get(path[-1])
    if old:
        edit = span.Edit(old.node.start, old.node.end, text)
    elif outer.members:
        first = next(iter(outer.members.values()))
        edit = span.insert_before(document, first, path[-1], _written(document, first.start, content))
    elif isinstance(outer.value, dict):
        edit = span.Edit(outer.start + 1, outer.start + 1, f"{json.dumps(path[-1])}: {text}")
    else:
        raise ConfigError(f"{'.'.join(path[:-1])} in the settings is no object", code="PS323", fix="correct it")
    return document.with_text(span.apply(document.text, [edit]))


def _written(document: Document, at: int, content: Any) -> str:
    """A value as this file would have it: on lines of its own, if others are."""
    line = document.text[document.text.rfind("\n", 0, at) + 1 : at]
    if "\n" not in document.text.strip():
        return json.dumps(content)
    indent = line[: len(line) - len(line.lstrip())]
    text = json.dumps(content, indent="\t" if "\t" in indent else 2)
    return text.replace("\n", span.newline(document.text) + indent)


def _cut(document: Document, path: Sequence[str], what: str | int) -> Document:
    """An object without a key, or a list without an item, and without the comma that belongs to it."""
    outer = look_up(document.root, path)
    if outer is None:
        raise ValueError("what is cut is there")
    spans = [(m.start, m.node.end) for m in outer.members.values()] or [(n.start, n.end) for n in outer.items]
    own = _span(outer, what)
    at = spans.index(own)
    if at + 1 < len(spans):
        edit = span.Edit(own[0], spans[at + 1][0], "")
    elif at:
        edit = span.Edit(spans[at - 1][1], own[1], "")
    else:
        comma = re.match(r"\s*,", document.text[own[1] :])
        edit = span.Edit(own[0], own[1] + (comma.end() if comma else 0), "")
    return document.with_text(span.apply(document.text, [edit]))


def _span(outer: Node, what: str | int) -> tuple[int, int]:
    if isinstance(what, int):
        return outer.items[what].start, outer.items[what].end
    member = outer.members[what]
    return member.start, member.node.end


def _proven(document: Document, meant: Any) -> bytes:
    if document.value != meant:
        raise ConfigError("the settings are written in a way that cannot be changed safely", code="PS323")
    return document.data()
