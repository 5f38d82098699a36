"""What the record and the protection do not cover, as plainly as what they do. No I/O."""

from typing import Final

from ....entities import TYPES
from ..around import Around, Clients
from ..changes import Off, off_times
from ..collect import Key, Span
from ..markup import Child, Markup, name
from ..parts import (
    Column,
    bullets,
    code,
    date,
    heading,
    moment,
    nothing,
    paragraph,
    prose,
    section,
    sentence,
    table,
    words,
)
from ..report import Report
from ..tally import by, count, listed, server

_ALWAYS: Final[tuple[str, ...]] = (
    "What people type into the AI client, and files that they attach to it, never pass the shield.",
    "Built-in tools of the client (reading files, running commands, browsing) are no MCP servers. They pass it only "
    "where the client calls hooks for them and these were set up.",
    "A value that the model itself wrote in a call stays readable in the answer to that call (the profile “strict” "
    "protects it even there).",
    "A server that was handed a value keeps it: what it does with it is not on this record.",
    "Text around a token can give away who is meant. Tokens are pseudonyms, not anonymous data.",
)
_MISSES: Final[tuple[str, ...]] = (
    "Names of people in running text are found by rules and a small model, English first: about one in four is missed "
    "where nothing else gives it away.",
    "What is encrypted, compressed in an unknown way, or drawn as pixels is not found. Images, sound and other binary "
    "content are withheld for that reason, unless configuration lets them pass.",
    "Values that are spelled to deceive (other alphabets, letters apart, “at” in words) are found in many forms, "
    "not in all.",
)


def render(report: Report) -> Markup:
    """The section."""
    return section(
        "gaps",
        "What is not covered",
        paragraph("A record can only show what passed the shield. This is what did not, or may not have been seen."),
        *_bare(report.around.clients),
        *_observed(report),
        *_exemptions(report.around),
        *_binary(report),
        *_types(report.around),
        heading("Never covered"),
        bullets(_ALWAYS),
        heading("Known misses of detection"),
        bullets(_MISSES),
    )


def _bare(clients: Clients | None) -> list[Markup]:
    title = heading("Servers that are not behind the shield")
    if clients is None:
        return [title, nothing("Not looked at: this report was made from a copy of the record.")]
    if not clients.files:
        return [title, nothing("No settings file of an AI client that is known here was found on this machine.")]
    looked = f"{count(clients.files, 'settings file')} of AI clients on this machine "
    looked += (
        f"{'was' if clients.files == 1 else 'were'} read: {count(clients.protected, 'server')} behind the shield, "
    )
    looked += f"{count(len(clients.bare), 'server')} not."
    if clients.unread:
        looked += f" {count(clients.unread, 'file')} could not be read, so what they start is not known."
    said = [title, paragraph(looked)]
    if clients.bare:
        rows: list[list[Child]] = [[name(one.server), one.client, one.why] for one in clients.bare]
        heads = [words("Server"), words("Client"), words("Why it is not protected")]
        said += [table("Servers that clients start without the shield", heads, rows, most=50)]
        said += [paragraph(sentence("To protect those that can be: ", code("pii-shield install")), cls="small")]
    if clients.beyond:
        said += [paragraph("Of these clients, no file shows:"), bullets([prose(one) for one in clients.beyond])]
    return said


def _observed(report: Report) -> list[Markup]:
    spans, settings = report.figures.observed, report.around.settings
    title, off = heading("Observed and unprotected times"), off_times(report.figures.events)
    if not spans and not off and not (settings and settings.observed):
        return [title, nothing("No server was observed or switched off: all that came was protected.")]
    rows: list[list[Child]] = [
        [name(server(where)), date(first), date(last), values] for where, first, last, values in _times(spans)
    ]
    heads = [words("Server"), words("From"), words("To"), Column("Values passed unprotected", "observed")]
    explained = paragraph(
        "While a server is observed, or switched off, findings are only counted and messages go on with their values. "
        "Observing ends after 14 days, a switch after 8 hours at most."
    )
    now = bullets(settings.observed) if settings and settings.observed else None
    shown = table("Values that passed unprotected", heads, rows) if rows else None
    return [title, explained, *filter(None, [shown, _off(off), now])]


def _off(times: list[Off]) -> Markup | None:
    rows: list[list[Child]] = [[name(server(time.server)), moment(time.begin), moment(time.end)] for time in times]
    heads = [words("Switched off"), words("From (UTC)"), words("Until")]
    return table("Times in which servers were switched off by a person at a terminal", heads, rows) if rows else None


def _times(spans: dict[Key, Span]) -> list[tuple[str, str, str, int]]:
    times: dict[str, tuple[str, str]] = {}
    for key, span in spans.items():
        first, last = times.get(key[0], (span.first, span.last))
        times[key[0]] = min(first, span.first), max(last, span.last)
    return [(where, *times[where], values) for (where,), values in by(spans, 0).items()]


def _exemptions(around: Around) -> list[Markup]:
    title = heading("Exemptions")
    if around.settings is None:
        return [title, nothing("Not known: this report was made from a copy of the record.")]
    if not around.exemptions:
        return [title, nothing("None: nobody has exempted anything from protection.")]
    rows: list[list[Child]] = [
        [one.what, name(one.where) if one.where else "everywhere", one.who, date(one.when) if one.when else "not noted"]
        for one in around.exemptions
    ]
    heads = [words("What passes"), words("Where"), words("Decided by"), words("Since")]
    return [title, table("Exemptions from protection in force", heads, rows, most=60)]


def _binary(report: Report) -> list[Markup]:
    withheld, settings = report.figures.withheld, report.around.settings
    pieces = sum(span.count for span in withheld.values())
    said = f"{count(pieces, 'piece')} of binary content (images, sound and the like) withheld."
    if settings and settings.passed:
        said += f" By configuration these pass unsearched and uncounted: {listed(settings.passed)}."
    return [heading("Binary content"), paragraph(said)]


def _types(around: Around) -> list[Markup]:
    if around.settings is None:
        return []
    left = sorted((TYPES[kind].title for kind in TYPES.keys() - around.settings.types), key=str.casefold)
    if not left:
        return []
    title = heading("Types of data that are not protected")
    return [title, paragraph(f"By configuration these are not looked for: {listed(left)}.")]
