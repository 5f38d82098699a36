"""Charts as inline SVG, drawn by hand: columns over time, bars in tables. No I/O.

Colours come from the page's style, by class, so that one drawing serves light, dark and paper.
"""

import math
from collections.abc import Sequence
from typing import Final

from .markup import Markup, element, join
from .tally import number

WIDTH: Final = 320
_HEIGHT, _TOP, _BASE, _MARGIN = 138, 8, 116, 32
_STEPS: Final = (1, 2, 2.5, 5, 10)


def columns(
    what: str, labels: Sequence[str], counts: Sequence[int], kind: str, step: str, width: int = WIDTH
) -> Markup:
    """A column for each day, week or month.

    Args:
        what: what is counted, for the title.
        kind: class of the columns.
        step: what a column stands for.
        width: of the drawing; the text in it is always 10 high.
    """
    right = width - _MARGIN
    most = ceiling(max(counts, default=0))
    slot = right / max(len(counts), 1)
    thick = max(min(slot * 0.72, 26), min(slot, 1.5))
    marks = []
    for at, (label, count) in enumerate(zip(labels, counts, strict=True)):
        if count:
            height = max((_BASE - _TOP) * count / most, 1.5)
            left = at * slot + (slot - thick) / 2
            tip = element("title", f"{label}: {number(count)}")
            marks.append(_rect(left, _BASE - height, thick, height, kind, tip))
    peak = max(range(len(counts)), key=counts.__getitem__, default=0)
    text = f"{what} by {step}, from {labels[0]} to {labels[-1]}. The most, {number(counts[peak])}, on {labels[peak]}."
    return _picture(
        width,
        _HEIGHT,
        what,
        text if any(counts) else f"{what}: none",
        *_grid(most, right),
        *marks,
        _line(0, _BASE + 0.5, right, _BASE + 0.5, "axis"),
        _text(0, _HEIGHT - 6, labels[0], "start"),
        _text(right, _HEIGHT - 6, labels[-1], "end") if len(labels) > 1 else None,
    )


def _grid(most: int, right: int) -> list[Markup]:
    lines = []
    for share in (0.5, 1.0) if most > 1 else (1.0,):
        y = _BASE - (_BASE - _TOP) * share
        label = _short(most * share)
        lines += [_line(0, y, right, y, "grid"), _text(right + 4, y + 3.5, label, "start")]
    return lines


def ceiling(most: int) -> int:
    """A round number that is not less."""
    if most <= 1:
        return 1
    power = 10.0 ** math.floor(math.log10(most))
    return next(int(step * power) for step in _STEPS if step * power >= most * 0.999999 and int(step * power) >= most)


def _short(count: float) -> str:
    for limit, unit in ((1e9, "bn"), (1e6, "m"), (1e4, "k")):
        if count >= limit:
            return f"{count / (limit if unit != 'k' else 1e3):g}{unit}"
    return f"{count:,.4g}" if count < 1000 else f"{count:,.0f}"


def bar(count: int, most: int, kind: str) -> Markup:
    """A bar behind a number in a table. It says nothing that the number does not, so readers of screens skip it."""
    width = 0.0 if not count else max(100 * count / max(most, 1), 1.0)
    inner = element("rect", x="0", y="0", width=f"{width:.2f}", height="8", cls=kind)
    return element(
        "svg", inner, cls="bar", viewBox="0 0 100 8", preserveAspectRatio="none", aria_hidden="true", focusable="false"
    )


def _picture(width: int, height: int, title: str, text: str, *inner: Markup | None) -> Markup:
    return element(
        "svg",
        element("title", title),
        element("desc", text),
        join(*inner),
        viewBox=f"0 0 {width} {height}",
        role="img",
        aria_label=f"{title}. {text}",
        cls="chart",
    )


def picture(width: int, height: int, title: str, text: str, inner: Sequence[Markup], cls: str) -> Markup:
    """A drawing with its name and its description."""
    drawn = _picture(width, height, title, text, *inner)
    return Markup(drawn.replace('class="chart"', f'class="chart {cls}"', 1))


def _rect(x: float, y: float, width: float, height: float, kind: str, inner: Markup) -> Markup:
    return element(
        "rect", inner, x=f"{x:.2f}", y=f"{y:.2f}", width=f"{width:.2f}", height=f"{height:.2f}", rx="1", cls=kind
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return element("line", x1=f"{x1:g}", y1=f"{y1:g}", x2=f"{x2:g}", y2=f"{y2:g}", cls=kind)


def _text(x: float, y: float, text: str, anchor: str) -> Markup:
    return element("text", text, x=f"{x:g}", y=f"{y:g}", text_anchor=anchor)
