"""Which rules were in force, and when they changed. No I/O."""

from typing import Final

from ....entities import TYPES
from ....profiles import NOT_PERSONAL
from ..around import Settings
from ..collect import Event
from ..markup import Child, Markup, element, name
from ..parts import Column, heading, nothing, paragraph, section, table, words
from ..report import Report
from ..tally import day, listed, minute, server

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
        [name(key[0] or "–"), span.count, day(span.first), day(span.last)]
        for key, span in sorted(policies.items(), key=lambda item: item[1].first)
    ]
    heads = [words("Label"), Column("Messages", "released"), words("First used"), words("Last used")]
    intro = paragraph(
        "Every release names the policy that allowed it: the profile, and a hash over all settings that decide.",
        cls="small",
    )
    return [heading("Under which policy values were released"), intro, table("Releases by policy", heads, rows)]


def _changes(report: Report) -> list[Markup]:
    events = [event for event in report.figures.events if event.kind in _SAID]
    title = heading("Changes")
    if not events:
        return [title, nothing("Neither policy nor keys were changed, and nothing was exported, deleted or erased.")]
    rows: list[list[Child]] = [[minute(event.at), _SAID[event.kind], _what(event)] for event in events]
    heads = [words("When"), words("What"), words("Details")]
    return [title, table("Changes, exports and deletions on record", heads, rows, most=60)]


_SAID: Final = {
    "policy": "The policy changed",
    "key": "The signing key changed",
    "export": "Rows were exported",
    "prune": "Old rows were deleted",
    "forget": "A value was erased",
    "lost": "A shield ended without notice",
}


def _what(event: Event) -> Child:
    said = event.what
    if event.kind == "policy":
        return [
            name(server(said.get("server", ""))),
            Markup(": "),
            name(said.get("was")),
            Markup(" → "),
            name(said.get("now")),
        ]
    if event.kind == "prune":
        return [name(f"{said.get('rows')} rows, preset {said.get('preset')}")]
    if event.kind == "export":
        return [name(f"{said.get('rows')} rows as {said.get('format')}")]
    if event.kind == "lost":
        return [name(f"{said.get('rows')} of its rows were found and taken in")]
    if event.kind == "forget":
        return [name(f"token {said.get('token', '')}")]
    return [name(said.get("was")), Markup(" → "), name(said.get("now"))]
