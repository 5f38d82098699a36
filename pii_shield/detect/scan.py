"""Findings in one raw text, whatever it is: JSON, lines of JSON, or text. Offsets into the raw text. No I/O."""

from collections.abc import Iterator

from .. import jsontext
from ..errors import WireError
from ..types import Finding, Leaf
from .engine import Engine

_MIN_JSON = 2


def scan(text: str, engine: Engine) -> list[Finding]:
    """All findings in a raw text, sorted, without overlap.

    JSON is walked by its fields, and so is JSON line by line; tables and `name: value` pairs are the engine's work.
    Offsets are code points of `text`; inside JSON strings they cover the escapes of what was found.
    """
    documents = _documents(text)
    if documents is None:
        return engine.find([Leaf(text)])[0]
    findings: list[Finding] = []
    for start, document in documents:
        findings += (
            finding._replace(start=finding.start + start, end=finding.end + start)
            for finding in _scan_json(document, engine)
        )
    return findings


def _documents(text: str) -> list[tuple[int, str]] | None:
    """The JSON documents that make up a text, with their offsets: one, or one a line; None if it is not JSON."""
    head = text.lstrip()[:1]
    if not head or head not in '[{"':
        return None
    if _is_json(text):
        return [(0, text)]
    documents, start = [], 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            if line.lstrip()[:1] not in "[{" or not _is_json(line):
                return None
            documents.append((start, line))
        start += len(line)
    return documents


def _is_json(text: str) -> bool:
    try:
        jsontext.loads(text)
    except WireError:
        return False
    return True


def _scan_json(document: str, engine: Engine) -> Iterator[Finding]:
    leaves: list[Leaf] = []
    ordinals: list[int] = []
    for node in jsontext.walk(jsontext.loads(document)):
        if isinstance(node.value, str):
            number = isinstance(node.value, jsontext.Number)
            leaves.append(Leaf(str(node.value), node.path, "key" if node.is_key else "number" if number else "string"))
            ordinals.append(node.ordinal)
    found = engine.find(leaves)
    hit = [
        (ordinal, leaf, findings) for ordinal, leaf, findings in zip(ordinals, leaves, found, strict=True) if findings
    ]
    spans = jsontext.spans(document, {ordinal for ordinal, _, _ in hit})
    for ordinal, leaf, findings in hit:
        start, end = spans[ordinal]
        if leaf.kind == "number":
            offsets = list(range(len(leaf.text) + 1))
        else:
            offsets = jsontext.raw_offsets(document[start:end])
        for finding in findings:
            yield finding._replace(start=start + offsets[finding.start], end=start + offsets[finding.end])
