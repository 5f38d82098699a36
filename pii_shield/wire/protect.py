"""Server to client: plan which tokens a message needs, then write it with them. No I/O.

plan = Protection(text, tree, table, ...)     what could hold values
values = plan.settle(engine.find(plan.leaves))  what does; the vault is asked for their tokens
plan.apply(tokens)                              the message for the client
"""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from .. import jsontext, tokens
from ..errors import ShieldError
from ..jsontext import Json
from ..types import Finding, Leaf, Path, TokenRef, Value
from . import reshape
from .document import Document, Searched
from .methods import INSTRUCTED, Act, Table

Identify = Callable[[str, str], str]
"""Canonical form of a spelling of an entity type."""


class Options(NamedTuple):
    """What the user decides about messages to the client.

    Attributes:
        instructions: whether to tell the model what tokens are.
        pass_media: families of binary content that may pass unsearched: "image", "audio", "video", "other".
        read_media: what is made of families of binary content that somebody can read; see `Protection.media`.
    """

    instructions: bool = True
    pass_media: frozenset[str] = frozenset()
    read_media: Mapping[str, str] = MappingProxyType({})


class Protection:
    """The plan for one message. Findings are decided on the original text, which is rewritten once.

    Attributes:
        leaves: what to search.
        media: binary content to be read, and to be changed by `change`; what nobody can read is withheld already.
        reading: see `Options.read_media`.
        withheld: number of entries withheld because their routing name holds a value (after `settle`).
    """

    def __init__(self, text: str, tree: Json, table: Table, method: str, options: Options) -> None:
        self._searched = Searched([], {})
        self.leaves = self._searched.leaves
        self.withheld = 0
        self._document = Document(text, tree, table, self._searched)
        self._found: dict[int, list[tuple[Finding, Value]]] = {}
        self.reading = options.read_media
        self.media = [media for media in self._document.media if media.family in options.read_media]
        self._changes = list(_changes(self._document, tree, method, options))

    def settle(
        self, findings: Sequence[Sequence[Finding]], identify: Identify, is_clear: Callable[[str], bool]
    ) -> list[Value]:
        """Take the findings, one list a leaf, and say which values need a token.

        `is_clear` tells spellings that the client itself wrote in the request and may see again.
        """
        withheld: dict[Path, set[int]] = {}
        for index, (leaf, own) in enumerate(zip(self.leaves, findings, strict=True)):
            text = leaf.text
            looks = "_" in text or "%" in text or "&" in text or "\\" in text  # a token holds one of these
            if not own and not looks:
                continue
            act = self._searched.act(index)
            spans = _checked(text, _adjust(leaf, _with_look_alikes(text, own) if looks else own, act))
            if spans and act is Act.NAME and index in self._document.named:
                *array, entry = self._document.named[index]
                withheld.setdefault(tuple(array), set()).add(int(entry))
                continue
            kept = [(f, value_of(leaf, f, identify)) for f in spans if not is_clear(text[f.start : f.end])]
            if kept:
                self._found[index] = kept
        self._changes += [reshape.without(path, frozenset(indices)) for path, indices in withheld.items()]
        self.withheld = sum(map(len, withheld.values()))
        return list(dict.fromkeys(value for pairs in self._found.values() for _, value in pairs))

    def change(self, changes: Iterable[reshape.Change]) -> None:
        """Have binary content changed too."""
        self._changes += changes

    def places(self) -> Iterator[tuple[Leaf, Finding, Value]]:
        """Every finding that becomes a token, with its leaf (after `settle`)."""
        for index, pairs in self._found.items():
            for finding, value in pairs:
                yield self.leaves[index], finding, value

    @property
    def changes_nothing(self) -> bool:
        """Whether the message passes as it came (after `settle`)."""
        return not self._found and not self._changes

    def apply(self, tokens_of: Mapping[Value, tuple[str, TokenRef]]) -> str:
        """The message with tokens, and with the changes of the closed list."""
        patches = self._document.patches(self._found, tokens_of.__getitem__)
        return reshape.reshape(jsontext.patch(self._document.text, patches), self._changes)


def _changes(document: Document, tree: Json, method: str, options: Options) -> Iterable[reshape.Change]:
    yield from map(reshape.relaxed, document.schemas)
    yield from map(reshape.private, document.public)
    yield from (
        reshape.blocked(media.path, media.family)
        for media in document.media
        if media.family not in options.pass_media | options.read_media.keys()
    )
    result = tree.get("result") if isinstance(tree, dict) else None
    if options.instructions and method in INSTRUCTED and isinstance(result, dict):
        yield reshape.instructed(("result",), isinstance(result.get("instructions"), str))


def _with_look_alikes(text: str, findings: Sequence[Finding]) -> Sequence[Finding]:
    """Findings together with what reads as a token of ours; what overlaps becomes one span of the finding's type."""
    looks = [Finding("LITERAL", m.start, m.end, 1.0, "token") for m in tokens.find(text)]
    if not looks:
        return findings
    merged: list[Finding] = []
    for span in sorted([*findings, *looks], key=lambda f: (f.start, f.end)):
        if merged and span.start < merged[-1].end:
            last = merged.pop()
            inside = last.type == "LITERAL" and span.end <= last.end
            kind = last if inside or last.type != "LITERAL" else span
            span = kind._replace(start=last.start, end=max(last.end, span.end))
        merged.append(span)
    return merged


_PROTOCOL_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def _adjust(leaf: Leaf, spans: Sequence[Finding], act: Act) -> Sequence[Finding]:
    """What the place of a leaf makes of its findings."""
    if not spans or (act is Act.VERSION and _PROTOCOL_VERSION.match(leaf.text)):
        return []
    if act is Act.OPAQUE:
        return [Finding("OPAQUE", 0, len(leaf.text), 1.0, spans[0].rule)]
    if leaf.kind == "number":
        return [spans[0]._replace(start=0, end=len(leaf.text))]
    return spans


def _checked(text: str, spans: Sequence[Finding]) -> Sequence[Finding]:
    """A detector that contradicts itself would garble the message: block it instead."""
    position = 0
    for span in spans:
        if not position <= span.start < span.end <= len(text):
            raise ShieldError("a detector returned spans that overlap or lie outside the text", code="PS520")
        position = span.end
    return spans


def value_of(leaf: Leaf, finding: Finding, identify: Identify) -> Value:
    """What the vault is asked to keep for a finding."""
    spelling = leaf.text[finding.start : finding.end]
    kind = "number" if leaf.kind == "number" else "string"
    return Value(finding.type, identify(finding.type, finding.decoded or spelling), spelling, kind, finding.rule)


class ClearText(Container[str]):
    """What a client wrote in a request, so that it may see the same again in the response."""

    __slots__ = ("_text", "_whole")

    def __init__(self, leaves: Iterable[str]) -> None:
        self._whole = frozenset(leaves)
        self._text = "\n".join(self._whole)

    def __contains__(self, spelling: object) -> bool:
        if not isinstance(spelling, str):
            return False
        return spelling in self._whole or (len(spelling) >= _DISTINCTIVE and spelling in self._text)


_DISTINCTIVE = 6
