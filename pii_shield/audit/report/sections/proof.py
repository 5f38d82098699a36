"""What verification found, what it proves, and what it cannot. No I/O."""

import re
from typing import Final

from ....audit.verify import Verdict
from ..markup import Child, Markup, name
from ..parts import bullets, code, details, heading, note, paragraph, section, sentence
from ..report import Report
from ..tally import count, minute, number

_SHOWN: Final = 20
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def render(report: Report) -> Markup:
    """The section."""
    verdict = report.verdict
    return section(
        "proof",
        "Is the record intact?",
        _result(verdict),
        *(_list("What this proves", _said(verdict.proven)) if verdict.proven else []),
        *_list("What it does not prove", _said(verdict.unproven)),
        _how(verdict),
    )


def _said(sentences: list[str]) -> list[Child]:
    return [f"{text[0].upper()}{_TIME.sub(lambda time: minute(time[0]), text[1:])}." for text in sentences]


def _list(title: str, items: list[Child]) -> list[Markup]:
    return [heading(title), bullets(items)]


def _result(verdict: Verdict) -> Markup:
    if not verdict.rows:
        return note("plain", paragraph("The record has no row, so there is nothing to verify."))
    span = f"{count(verdict.rows, 'row')} (number {number(verdict.first)} to {number(verdict.last)})"
    if verdict.is_sound:
        last = f"The last row is of {minute(verdict.ended)}."
        return note("good", paragraph(f"Nothing is wrong: {span} were read and checked. {last}"))
    problems: list[Child] = [f"{problem.kind}: {problem.text}" for problem in verdict.problems[:_SHOWN]]
    if verdict.trouble > _SHOWN:
        problems.append(f"and {number(verdict.trouble - _SHOWN)} more")
    words = f"The record is not as it was written: {count(verdict.trouble, 'problem')} in {span}."
    return note("bad", paragraph(words), bullets(problems))


def _how(verdict: Verdict) -> Markup:
    return details(
        "How the record is protected, and how to check it yourself",
        paragraph(
            "Every row depends on all rows before it through a hash (SHA-256), so a row cannot be changed, removed or "
            "moved without all that follow changing too. The state of the record is signed (Ed25519) every thousand "
            "rows or five minutes, and the signed checkpoint goes to a second place. Whoever keeps one of these can "
            "tell later whether the rows up to it are still the same."
        ),
        paragraph("Head of the chain after the last row: ", name(verdict.head)),
        paragraph(
            sentence(
                "To check: ",
                code("pii-shield audit verify --checkpoints FILE --key KEY"),
                ". The key comes from ",
                code("pii-shield audit key"),
                "; the vault and its key are not needed.",
            )
        ),
    )
