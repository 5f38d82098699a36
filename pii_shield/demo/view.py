"""Draws the demo: the model's side on the left, the server's side on the right. No I/O."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from .. import tokens
from .layout import Row, Span, columns, wrap
from .people import VALUES
from .stage import Play, Step

Json = Any
MAX_WIDTH, MIN_WIDTH = 112, 80
_ANSI = {
    "": "",
    "title": "\x1b[1m",
    "dim": "\x1b[2m",
    "token": "\x1b[1;36m",
    "value": "\x1b[33m",
    "leak": "\x1b[1;37;41m",
    "good": "\x1b[1;32m",
    "bad": "\x1b[1;31m",
}
_RESET = "\x1b[0m"
_VALUE = re.compile("|".join(map(re.escape, VALUES)))


class Look(NamedTuple):
    """How to draw.

    Attributes:
        width: columns of the terminal.
        color: whether escape sequences may be written.
        unicode: whether the output's encoding knows lines and arrows.
    """

    width: int
    color: bool
    unicode: bool


def draw(play: Play, seconds: float, look: Look) -> str:
    """The whole demo as text that ends in a line break."""
    pen = _Pen(look)
    lines = [*pen.head()]
    for number, step in enumerate(play.steps, start=1):
        lines += pen.step(number, step)
    return "\n".join([*lines, *pen.foot(play, seconds), ""])


def as_json(play: Play, seconds: float) -> Json:
    """The same as data, for programs."""
    return {
        "steps": [_step_as_json(step) for step in play.steps],
        "values_said": len(_said(play)),
        "values_seen_by_model": len(play.leaked),
        "refused": _refused(play),
        "seconds": round(seconds, 2),
    }


def _step_as_json(step: Step) -> Json:
    return {
        "server": step.call.server,
        "tool": step.call.tool,
        "model_called": step.call.arguments,
        "server_received": step.received,
        "server_said": step.said,
        "model_saw": step.saw.content,
        "failed": step.saw.failed,
        "notice": step.notice,
    }


def _refused(play: Play) -> int:
    return sum(step.saw.failed and step.received is None for step in play.steps)


def _said(play: Play) -> set[str]:
    """The values that the servers' answers held."""
    said = "\n".join("\n".join(_lines(step.said)) for step in play.steps)
    return {value for value in VALUES if value in said}


class _Pen:
    """Knows the width of the columns and whether it may colour."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._width = max(MIN_WIDTH, min(look.width, MAX_WIDTH)) - 1
        self._column = (self._width - 5) // 2
        self._bar, self._rule, self._right, self._left = "│─→←" if look.unicode else "|-><"

    def head(self) -> Iterator[str]:
        yield self._paint("pii-shield demo", "title") + "  a scripted agent, three MCP servers, a temporary vault"
        yield ""
        yield self._pair(_plain("THE MODEL'S SIDE", "title"), " ", _plain("THE SERVER'S SIDE", "title"))

    def step(self, number: int, step: Step) -> Iterator[str]:
        """One call: what went right, then what came back left."""
        yield self._paint(self._rule * self._width, "dim")
        thought = f'{number}  "{step.call.thought}"'
        yield self._pair(_plain(thought, "title"), " ", _plain(f"{step.call.server}", "title"))
        called = _call(step.call.tool, step.call.arguments)
        received = _call(step.call.tool, step.received) if step.received is not None else ["nothing"]
        yield from self._block("called", called, self._right, "received", received)
        said = _lines(step.said) if step.said is not None else ["nothing"]
        yield from self._block(
            "REFUSED" if step.saw.failed else "saw", _lines(step.saw.content), self._left, "said", said
        )
        if step.notice:
            yield from self._across("The human was told: " + step.notice)

    def foot(self, play: Play, seconds: float) -> Iterator[str]:
        yield self._paint(self._rule * self._width, "dim")
        said, leaked = len(_said(play)), len(play.leaked)
        verdict = f"{leaked} of the {said} values that the servers said reached the model."
        yield self._paint(verdict, "bad" if leaked else "good")
        yield f"Refused by policy: {_refused(play)}. Vault and key deleted. {seconds:.1f} s."

    def _block(self, left: str, lefts: Sequence[str], arrow: str, right: str, rights: Sequence[str]) -> Iterator[str]:
        label = "bad" if left == "REFUSED" else "dim"
        yield self._pair(_plain(left, label), arrow, _plain(right, "dim"))
        model = self._wrapped(lefts, model_side_spans)
        server = self._wrapped(rights, server_side_spans)
        for left_row, right_row in zip_longest(model, server, fillvalue=Row("")):
            yield self._pair(left_row, " ", right_row)

    def _wrapped(self, lines: Sequence[str], find: Callable[[str], list[Span]]) -> list[Row]:
        return [row for line in lines for row in wrap("  " + line, self._column, find("  " + line))]

    def _across(self, text: str) -> Iterator[str]:
        return (self._paint(row.text, "dim") for row in wrap("  " + text, self._width, []))

    def _pair(self, left: Row, arrow: str, right: Row) -> str:
        padding = " " * (self._column - columns(left.text))
        middle = f" {self._paint(arrow, 'dim')} {self._paint(self._bar, 'dim')} "
        return f"{self._row(left)}{padding}{middle}{self._row(right)}".rstrip()

    def _row(self, row: Row) -> str:
        pieces, position = [], 0
        for start, end, style in row.spans:
            pieces += [row.text[position:start], self._paint(row.text[start:end], style)]
            position = end
        return "".join([*pieces, row.text[position:]])

    def _paint(self, text: str, style: str) -> str:
        code = _ANSI[style] if self._look.color else ""
        return f"{code}{text}{_RESET}" if code and text.strip() else text


def _plain(text: str, style: str) -> Row:
    return Row(text, (Span(0, len(text), style),))


def model_side_spans(line: str) -> list[Span]:
    """Tokens, and values that should not be there."""
    found = [Span(match.start, match.end, "token") for match in tokens.find(line)]
    return sorted(found + _values(line, "leak"))


def server_side_spans(line: str) -> list[Span]:
    """Values."""
    return sorted(_values(line, "value"))


def _values(line: str, style: str) -> list[Span]:
    return [Span(*match.span(), style) for match in _VALUE.finditer(line)]


def _call(tool: str, arguments: Mapping[str, Json]) -> list[str]:
    """A call as lines: short ones fit one."""
    if not arguments:
        return [f"{tool}()"]
    return [f"{tool}(", *(f"  {key}={_scalar(value)}" for key, value in arguments.items()), ")"]


def _lines(content: Json, indent: str = "") -> list[str]:
    """JSON as lines for people: `key: value`, lists with dashes."""
    if isinstance(content, dict):
        return [line for key, value in content.items() for line in _member(key, value, indent)]
    if isinstance(content, list):
        return [line for item in content for line in _item(item, indent)]
    return [indent + line for line in _scalar(content).splitlines()]


def _member(key: str, value: Json, indent: str) -> list[str]:
    if isinstance(value, dict | list):
        return [f"{indent}{key}:", *_lines(value, indent + "  ")]
    return [f"{indent}{key}: {_scalar(value)}"]


def _item(item: Json, indent: str) -> list[str]:
    lines = _lines(item, indent + "  ")
    return [f"{indent}- {lines[0].lstrip()}", *lines[1:]] if lines else []


def _scalar(value: Json) -> str:
    return value if isinstance(value, str) else str(value)
