"""The same figures as regulations ask for them. Help for whoever has to answer, not a verdict. No I/O."""

from collections.abc import Sequence

from ....entities import TYPES
from .. import ropa
from ..markup import Child, Markup
from ..parts import Column, code, heading, paragraph, prose, section, sentence, table, tag, whole, words
from ..regulations import AI_ACT, ALIASES, GDPR_30, IDENTIFIERS, PCI, SOC_2, Duty
from ..report import Report
from ..tally import by_type, day, listed

_DUTIES = [words("Where"), words("What it asks for"), words("What is here"), words("What remains with you")]


def render(report: Report) -> Markup:
    """The section."""
    found = by_type(report.figures.protected)
    return section(
        "regulations",
        "As regulations ask for it",
        paragraph(
            "These views sort the figures of this report by what a regulation names. They help to answer; they do not "
            "say that anybody complies with it."
        ),
        *_gdpr(report),
        *_hipaa(report, found),
        *_pci(found),
        heading("SOC 2, trust services criteria"),
        _duties("Evidence for SOC 2", SOC_2),
        *_ai_act(report),
    )


def _duties(caption: str, duties: Sequence[Duty]) -> Markup:
    rows: list[list[Child]] = [[whole(duty.where), duty.asks, prose(duty.here), duty.open or "–"] for duty in duties]
    return table(caption, _DUTIES, rows)


def _gdpr(report: Report) -> list[Markup]:
    return [
        heading("GDPR, record of processing (Art. 30)"),
        _duties("What Art. 30(1) asks for", GDPR_30),
        *ropa.section(ropa.register(report)),
        paragraph(
            sentence(
                "The whole record, as a table, CSV or JSON: ", code("pii-shield audit ropa --format csv -o ropa.csv")
            ),
            cls="small",
        ),
    ]


def _hipaa(report: Report, found: dict[str, int]) -> list[Markup]:
    settings = report.around.settings
    by_letter = {one.letter: one for one in IDENTIFIERS}
    rows: list[list[Child]] = []
    for one in IDENTIFIERS:
        kinds = by_letter[ALIASES.get(one.letter, one.letter)].types
        active = [kind for kind in kinds if settings is None or kind in settings.types]
        state = tag("not detected", "bad") if not kinds else tag("not switched on", "warn")
        if active:
            state = tag("looked for", "ok") if active == kinds else tag("in part", "warn")
        titles = listed([TYPES[kind].title for kind in kinds]) or "–"
        amount = 0 if one.letter in ALIASES else sum(found.get(kind, 0) for kind in kinds)
        rows.append([f"({one.letter}) {one.text}", titles, state, amount, one.gap or "–"])
    heads = [
        words("Identifier"),
        words("Our types"),
        words("State"),
        Column("Found", "protected"),
        words("What of it is not found"),
    ]
    lead = paragraph(
        "Safe Harbor, 45 CFR 164.514(b)(2), lists 18 identifiers that must be removed. Replacing them by tokens helps "
        "with that; free text, dates and places remain, and the vault can turn tokens back.",
    )
    return [heading("HIPAA, the 18 identifiers"), lead, table("The 18 identifiers of HIPAA", heads, rows)]


def _pci(found: dict[str, int]) -> list[Markup]:
    names = {"CHD": "cardholder data", "SAD": "sensitive authentication data"}
    rows: list[list[Child]] = [
        [kind.title[0].upper() + kind.title[1:], names.get(kind.pci, kind.pci), found.get(kind.name, 0)]
        for kind in TYPES.values()
        if kind.pci
    ]
    heads = [words("Type"), words("PCI DSS class"), Column("Protected", "protected")]
    missing = paragraph(
        "Not told apart or not found: expiry dates, service codes, track data, PIN blocks.", cls="small"
    )
    title = heading("PCI DSS 4.0.1")
    return [title, table("Card data", heads, rows), missing, _duties("Evidence for PCI DSS", PCI)]


def _ai_act(report: Report) -> list[Markup]:
    verdict = report.verdict
    reach = "The record is empty."
    if verdict.rows:
        reach = f"The record on this machine reaches from {day(verdict.started)} to {day(verdict.ended)}."
    title = heading("EU AI Act, logging of high-risk systems")
    return [title, paragraph(reach), _duties("Evidence for the EU AI Act", AI_ACT)]
