"""Which server's values went where, as a diagram of streams: origins on the left, destinations on the right. No I/O."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from .charts import picture
from .collect import Key
from .markup import Markup, element, shortened
from .tally import count, number, server

MOST: Final = 9
"""Servers on a side; the smallest of more are drawn as one."""
OTHERS: Final = "other servers"
_WIDTH, _LEFT, _RIGHT, _NODE = 880, 190, 682, 8
_GAP, _TOP, _ROOM = 18, 28, 300
_THINNEST: Final = 1.5
_LABEL: Final = 20


class Flow(NamedTuple):
    """One stream.

    Attributes:
        origin, destination: servers.
        kind: "back" to the server that it came from, "onward" to another one, "stopped" by the policy.
        tokens: how many.
    """

    origin: str
    destination: str
    kind: str
    tokens: int


def flows(released: Mapping[Key, int], stopped: Mapping[Key, int]) -> list[Flow]:
    """Streams from counts by (origin, destination), the largest first."""
    found = [Flow(a, b, "back" if a == b else "onward", n) for (a, b), n in released.items()]
    found += [Flow(a, b, "stopped", n) for (a, b), n in stopped.items()]
    return sorted(found, key=lambda flow: (-flow.tokens, flow[:3]))


def diagram(all_flows: Sequence[Flow]) -> Markup:
    """The drawing. Its numbers also stand in a table, for those who do not see it."""
    drawn = _merged(all_flows)
    sides = [_side(drawn, at) for at in (0, 1)]
    scale = min(_scale(side) for side in sides)
    places = [_placed(side, scale) for side in sides]
    bottom = max(top + height for side in places for top, height in side.values())
    height = int(bottom + 14)
    marks = [*_ribbons(drawn, places, scale)]
    for side, x, anchor in ((0, _LEFT, "end"), (1, _RIGHT, "start")):
        marks += _nodes(places[side], sides[side], x, anchor)
    marks += [_heading(_LEFT, "came from", "end"), _heading(_RIGHT + _NODE, "went to", "start")]
    said = "; ".join(_sentence(flow) for flow in drawn[:MOST])
    return picture(_WIDTH, height, "Flows of released values", said, marks, "flows")


def _sentence(flow: Flow) -> str:
    verb = "stopped on the way" if flow.kind == "stopped" else "released"
    return f"{count(flow.tokens, 'token')} from {shortened(server(flow.origin))} {verb} to {server(flow.destination)}"


def _merged(all_flows: Sequence[Flow]) -> list[Flow]:
    """Few enough servers on each side to be drawn."""
    kept = [set(list(_side(all_flows, at))[:MOST]) for at in (0, 1)]
    sums: dict[tuple[str, str, str], int] = {}
    for flow in all_flows:
        ends = [end if end in kept[at] else OTHERS for at, end in enumerate(flow[:2])]
        key = (ends[0], ends[1], flow.kind)
        sums[key] = sums.get(key, 0) + flow.tokens
    return sorted((Flow(*key, tokens) for key, tokens in sums.items()), key=lambda flow: (flow.kind, -flow.tokens))


def _side(some: Sequence[Flow], at: int) -> dict[str, int]:
    """Servers of one side with their tokens, the largest first."""
    sums: dict[str, int] = {}
    for flow in some:
        node = flow.destination if at else flow.origin
        sums[node] = sums.get(node, 0) + flow.tokens
    return dict(sorted(sums.items(), key=lambda item: (item[0] == OTHERS, -item[1], item[0])))


def _scale(side: Mapping[str, int]) -> float:
    return (_ROOM - _GAP * (len(side) - 1)) / max(sum(side.values()), 1)


def _placed(side: Mapping[str, int], scale: float) -> dict[str, tuple[float, float]]:
    """Top and height of each node."""
    places, top = {}, float(_TOP)
    for node, tokens in side.items():
        height = max(tokens * scale, 4.0)
        places[node] = (top, height)
        top += max(height, 14.0) + _GAP
    return places


def _ribbons(drawn: Sequence[Flow], places: Sequence[Mapping[str, tuple[float, float]]], scale: float) -> list[Markup]:
    used = [dict.fromkeys(side, 0.0) for side in places]
    order = {node: at for at, node in enumerate(places[1])}
    marks = []
    for flow in sorted(drawn, key=lambda flow: (list(places[0]).index(flow.origin), order[flow.destination])):
        ends = []
        for side, node in enumerate(flow[:2]):
            ends.append(places[side][node][0] + used[side][node])
            used[side][node] += flow.tokens * scale
        thick = max(flow.tokens * scale, _THINNEST)
        tip = element("title", _sentence(flow))
        marks.append(element("path", tip, d=_curve(ends[0], ends[1], thick), cls=f"ribbon {flow.kind}"))
    return marks


def _curve(left: float, right: float, thick: float) -> str:
    a, b = _LEFT + _NODE, _RIGHT
    middle = (a + b) / 2
    return (
        f"M{a} {left:.1f}C{middle:g} {left:.1f} {middle:g} {right:.1f} {b} {right:.1f}V{right + thick:.1f}"
        f"C{middle:g} {right + thick:.1f} {middle:g} {left + thick:.1f} {a} {left + thick:.1f}Z"
    )


def _nodes(places: Mapping[str, tuple[float, float]], tokens: Mapping[str, int], x: int, anchor: str) -> list[Markup]:
    marks = []
    for node, (top, height) in places.items():
        box = {"x": x, "y": f"{top:.1f}", "width": _NODE, "height": f"{height:.1f}", "rx": 1.5, "cls": "node"}
        at = x - 8 if anchor == "end" else x + _NODE + 8
        amount = element("tspan", f"  {number(tokens[node])}", cls="amount")
        label = shortened(server(node), _LABEL)
        marks.append(element("rect", **box))
        marks.append(
            element(
                "text",
                element("tspan", label, cls="node-name"),
                amount,
                x=at,
                y=f"{top + max(height, 8) / 2 + 4:.1f}",
                text_anchor=anchor,
                direction="ltr",
            )
        )
    return marks


def _heading(x: int, text: str, anchor: str) -> Markup:
    return element("text", text, x=x, y=12, text_anchor=anchor, cls="side")
