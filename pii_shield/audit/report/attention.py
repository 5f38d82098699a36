"""What somebody should look at, out of all that a report says: each point found by one small rule. No I/O."""

from collections.abc import Callable
from typing import Final, NamedTuple

from ...entities import Sensitivity
from .changes import kind_of, off_times
from .report import Report
from .tally import by, by_type, class_of, count, listed, number, period, server, times, total

_SENSITIVE: Final = frozenset({Sensitivity.SECRET, Sensitivity.GOVERNMENT, Sensitivity.FINANCIAL, Sensitivity.HEALTH})


class Point(NamedTuple):
    """One point: a few words, a sentence, and whether it is urgent."""

    title: str
    text: str
    is_bad: bool = False


def points(report: Report) -> list[Point]:
    """All that hold, the urgent ones first."""
    found = [point for rule in _RULES if (point := rule(report))]
    return sorted(found, key=lambda point: not point.is_bad)


def _unsound(report: Report) -> Point | None:
    if report.verdict.is_sound:
        return None
    text = f"It does not verify in {count(report.verdict.trouble, 'place')}; see “Is the record intact?”."
    return Point("The record is not what was written.", text, True)


def _observed(report: Report) -> Point | None:
    spans = report.figures.observed
    if not spans:
        return None
    names = listed(list(dict.fromkeys(server(key[0]) for key in by(spans, 0)))[:3])
    passed = count(total(spans), "value")
    first, last = min(s.first for s in spans.values()), max(s.last for s in spans.values())
    text = f"{passed} of {names} went to the model as they were, {period(first, last)}: observed, or switched off."
    return Point("Values passed unprotected.", text, True)


def _bare(report: Report) -> Point | None:
    clients = report.around.clients
    if clients is None or not clients.bare:
        return None
    text = "What they send on this machine is not protected and not on this record."
    many = "server is" if len(clients.bare) == 1 else "servers are"
    return Point(f"{number(len(clients.bare))} {many} not behind the shield.", text, True)


def _sensitive(report: Report) -> Point | None:
    onward = {key: span for key, span in report.figures.flows.items() if key[0] != key[1]}
    kinds = {kind: n for kind, n in by_type(onward).items() if class_of(kind) in _SENSITIVE}
    if not kinds:
        return None
    classes = listed(sorted({class_of(kind).value for kind in kinds}))
    amount = count(sum(kinds.values()), "value")
    return Point("Sensitive values left their server.", f"{amount} of class {classes} went to another server.")


def _unanchored(report: Report) -> Point | None:
    if report.verdict.covered or not report.verdict.rows:
        return None
    text = "So a cut tail, or a record replaced as a whole by somebody with its key, could not be seen."
    return Point("No checkpoint kept by somebody else was used.", text)


def _passed(report: Report) -> Point | None:
    settings = report.around.settings
    if settings is None or not settings.passed:
        return None
    return Point("Binary content passes unsearched:", f"{listed(settings.passed)}, by configuration.")


def _exempt(report: Report) -> Point | None:
    rules = report.around.exemptions
    return Point("Exemptions are in force:", f"{count(len(rules), 'rule')} that let findings pass.") if rules else None


def _open(report: Report) -> Point | None:
    settings = report.around.settings
    if settings is None or settings.profile != "open":
        return None
    return Point("The release policy is “open”:", "every tool gets every value.", True)


def _changed(report: Report) -> Point | None:
    changed = [event for event in report.figures.events if kind_of(event) == "policy"]
    changes = len({event.what.get("now") for event in changed})
    return Point("The policy was changed", f"{times(changes)}; see “Policy in force”.") if changed else None


def _tuned(report: Report) -> Point | None:
    changed = {event.what.get("now") for event in report.figures.events if kind_of(event) == "tuning"}
    return Point("Exemptions were changed", f"{times(len(changed))}.") if changed else None


def _off(report: Report) -> Point | None:
    switched = off_times(report.figures.events)
    if not switched:
        return None
    names = listed(list(dict.fromkeys(server(one.server) for one in switched))[:3])
    return Point("Protection was switched off", f"{times(len(switched))}, for {names}.", True)


def _unreadable(report: Report) -> Point | None:
    rows = report.figures.unreadable
    text = f"{number(rows)} are not what this program writes; the figures leave them out."
    return Point("Rows could not be read:", text, True) if rows else None


_RULES: Final[tuple[Callable[[Report], Point | None], ...]] = (
    _unsound,
    _unreadable,
    _observed,
    _off,
    _open,
    _bare,
    _sensitive,
    _passed,
    _exempt,
    _changed,
    _tuned,
    _unanchored,
)
