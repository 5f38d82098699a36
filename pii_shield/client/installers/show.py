"""What people read: plans and states as lines of text. Arguments and environment are masked. No I/O."""

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from .entries import Entry, State
from .places import Place
from .plan import Plan
from .survey import Seen

MASK: Final = "…"

_STATES: Final[Mapping[State, str]] = {
    State.PROTECTED: "protected",
    State.OPEN: "NOT PROTECTED",
    State.OFF: "disabled",
    State.BUILT_IN: "built in",
}
_STATE_WIDTH: Final = max(map(len, _STATES.values()))
_NAME_WIDTH: Final = 24
_PLAIN_FLAG: Final = re.compile(r"-[A-Za-z]|--[a-z][a-z-]*")


def masked(argv: Sequence[str], shown: int) -> list[str]:
    """A command line whose arguments nobody can read, but for plain flags.

    Args:
        shown: so many words stay as they are: the program, and what the shield says before it.
    """
    rest = (word if _PLAIN_FLAG.fullmatch(word) else _without_value(word) for word in argv[shown:])
    return [printable(word) for word in (*argv[:shown], *rest)]


def printable(text: str) -> str:
    """Without control characters: a file's names must not drive the terminal."""
    return "".join(char if char.isprintable() else "?" for char in text)


def plan(plan: Plan, width: int, home: str) -> Iterator[str]:
    """What one file's change does, as removed and added command lines."""
    yield heading(plan.place, home)
    for change in plan.changes:
        yield f"  {printable(change.entry.name)}{_of_project(change.entry)}"
        added = len(change.after) > len(change.before)
        before, after = len(change.before), len(change.after)
        yield from _command("-", masked(change.before, max(1, before - after + 1)), width)
        yield from _command("+", masked(change.after, max(1, after - before + 1)), width)
        if change.limit:
            yield f"  {'+' if added else '-'} {change.limit[0]} = {change.limit[1]}"


def states(seen: Seen, width: int, home: str) -> Iterator[str]:
    """Every server of one file."""
    yield heading(seen.place, home)
    if seen.fault:
        yield from hanging(
            "  cannot be read: ", str(seen.fault).removeprefix(str(seen.place.path)).lstrip(",: "), width
        )
    elif not seen.entries:
        yield "  no servers"
    names = max((len(entry.name) for entry in seen.entries), default=0)
    for entry in seen.entries:
        yield from state(entry, min(names, _NAME_WIDTH), width)


def state(entry: Entry, names: int, width: int) -> Iterator[str]:
    """One server: its state, its name, and why."""
    name = printable(entry.name)
    start = f"  {_STATES[entry.state]:<{_STATE_WIDTH}}  {name:<{names}}  "
    yield from hanging(start, f"{entry.why}{_of_project(entry)}".strip(), width)


def heading(place: Place, home: str) -> str:
    """The client and its file."""
    path = str(place.path)
    short = f"~{path.removeprefix(home)}" if path.startswith(f"{home.rstrip('/')}/") else path
    return f"{place.client.title}  {printable(short)}"


def paragraph(text: str, width: int, indent: str = "") -> list[str]:
    """Running text."""
    return textwrap.wrap(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def data(place: Place, entry: Entry) -> dict[str, Any]:
    """One server for programs; no arguments, no environment."""
    return {
        "client": place.client.name,
        "file": str(place.path),
        "kind": entry.kind,
        "server": entry.name,
        "scope": entry.scope,
        "state": entry.state.value,
        "why": entry.why,
    }


def count(number: int, what: str) -> str:
    """`1 server`, `2 servers`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def beyond(places: Iterable[Place]) -> list[str]:
    """What the files of these clients do not show."""
    clients = {place.client.name: place.client for place in places}
    return [f"{client.title}: {client.beyond}" for client in clients.values() if client.beyond]


def _of_project(entry: Entry) -> str:
    folder = f" (only in {printable(entry.address[1])})" if entry.kind == "local" else ""
    return " (project file)" if entry.kind == "project" else folder


def _without_value(word: str) -> str:
    flag = re.match(r"--[a-z][a-z-]*=", word)
    return f"{flag[0] if flag else ''}{MASK}"


def _command(sign: str, words: Sequence[str], width: int) -> list[str]:
    return hanging(f"  {sign} ", " ".join(words), width)


def hanging(start: str, text: str, width: int) -> list[str]:
    """Text behind a start; further lines stand below it. A long path stays whole, so that it can be copied."""
    lines = textwrap.wrap(
        text,
        width,
        initial_indent=start,
        subsequent_indent=" " * (len(start) + 2 if start.strip() in ("+", "-") else len(start)),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines or [start.rstrip()]
