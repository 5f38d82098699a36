"""Which rules were in force, and when they changed. No I/O."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from ....entities import TYPES
from ....profiles import NOT_PERSONAL
from ..around import Settings
from ..changes import kind_of
from ..collect import Event
from ..markup import Child, Markup, element, join, name, shortened
from ..parts import Column, date, heading, moment, nothing, paragraph, section, table, words
from ..report import Report
from ..tally import listed, server

PROFILES: Final = {
    "open": "Any tool gets any value that the model passes to it.",
    "balanced": "A value goes back to the server that it came from. Contact and identity data also go to servers that "
    "a person marked as trusted. Nothing goes into addresses, paths, queries, commands or code. Secrets, financial and "
    "government ids only go back to their server.",
    "strict": "A value goes back, as a whole argument, to the server that it came from, and nowhere else.",
}


def render(report: Report) -> Markup:
    """The section."""
    settings = report.around.settings
    return section(
        "policy",
        "Policy in force",
        *(_in_force(settings) if settings else [nothing(_ELSEWHERE)]),
        *_used(report),
        *_changes(report),
    )


_ELSEWHERE: Final = (
    "This report was made from a copy of the record, so the settings that were in force are not known here; the rows "
    "name the policy by its label."
)


def _in_force(settings: Settings) -> list[Markup]:
    kinds = sorted((TYPES[kind].title for kind in settings.types - NOT_PERSONAL), key=str.casefold)
    rows: list[tuple[str, Child]] = [
        ("Release policy", [element("strong", settings.profile), element("span", f" – {PROFILES[settings.profile]}")]),
        ("Label in the record", name(settings.policy)),
        ("Trusted servers", [name(server(one)) for one in settings.trusted] or "none"),
        ("Protected types", listed(kinds)),
        ("Values are kept", f"{settings.retention_days:g} days after their last use, then destroyed"),
        ("Checkpoints go to", listed(list(settings.checkpoints)) or "no second place"),
    ]
    return [element("dl", *(_pair(term, said) for term, said in rows), cls="facts")]


def _pair(term: str, said: Child) -> Markup:
    return element("div", element("dt", term), element("dd", said))


def _used(report: Report) -> list[Markup]:
    policies = report.figures.policies
    if not policies:
        return []
    rows: list[list[Child]] = [
        [name(key[0] or "–"), span.count, date(span.first), date(span.last)]
        for key, span in sorted(policies.items(), key=lambda item: item[1].first)
    ]
    heads = [words("Label"), Column("Messages", "released"), words("First used"), words("Last used")]
    intro = paragraph(
        "Every release names the policy that allowed it: the profile, and a hash over all settings that decide.",
        cls="small",
    )
    return [heading("Under which policy values were released"), intro, table("Releases by policy", heads, rows)]


def _changes(report: Report) -> list[Markup]:
    title = heading("Changes")
    rows: list[list[Child]] = [[moment(at), _SAID[kind], details] for at, kind, details in _grouped(report)]
    if not rows:
        return [title, nothing("Neither policy nor keys were changed, and nothing was exported, deleted or erased.")]
    heads = [words("When (UTC)"), words("What"), words("Details")]
    return [title, table("Changes, exports and deletions on record", heads, rows, most=60)]


_SAID: Final = {
    "policy": "The policy changed",
    "tuning": "Exemptions changed",
    "off": "Protection was switched",
    "key": "The signing key changed",
    "export": "Rows were exported",
    "prune": "Old rows were deleted",
    "forget": "A value was erased",
    "lost": "A shield ended without notice",
}


def _grouped(report: Report) -> list[tuple[str, str, Child]]:
    """Time, kind and details of each event; the same change of policy at several servers is one."""
    found: dict[tuple[str, object], list[Event]] = {}
    for number, event in enumerate(report.figures.events):
        kind = kind_of(event)
        change = (event.what.get("was"), event.what.get("now")) if kind == "policy" else number
        found.setdefault((kind, change), []).append(event)
    return [(events[0].at, str(kind), _details(events)) for (kind, _), events in found.items()]


def _details(events: Sequence[Event]) -> Child:
    what, kind = events[0].what, events[0].kind
    if kind in ("policy", "key"):
        where = list(dict.fromkeys(server(event.what.get("server", "")) for event in events))
        change = join(name(what.get("was", "")), " → ", name(what.get("now", "")))
        return join(change, " at ", ", ".join(map(shortened, where))) if any(where) else change
    return name(_WORDS[kind].format_map(defaultdict(lambda: "?", what)))


_WORDS: Final = {
    "prune": "{rows} rows, preset {preset}",
    "export": "{rows} rows as {format}",
    "lost": "{rows} of its rows were found and taken in",
    "forget": "token {token}",
}
