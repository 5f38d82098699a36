"""Binary content of a message, read by `documents`, searched like its text, and withheld, cleaned or redacted."""

import base64
import binascii
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from . import tokens
from .documents.content import Mark, Text, Unreadable
from .documents.reader import Document
from .types import Finding, Leaf, TokenRef, Value
from .wire import reshape
from .wire.document import Media
from .wire.protect import Identify, value_of
from .wire.reshape import Change

MAX_BLOBS = 16
"""Pieces of binary content that are read in one message; further ones are withheld."""
UNREADABLE = "it cannot be read"
Policy = Mapping[str, str]
"""By family, "inspect" or "redact"."""


class Blob(NamedTuple):
    """One piece of binary content.

    Attributes:
        document: None: it cannot be read.
        texts: what it says.
    """

    media: Media
    document: Document | None
    texts: Sequence[Text] = ()

    @property
    def leaves(self) -> list[Leaf]:
        """What to search."""
        return [Leaf(one.text, (one.name,) if one.name else ()) for one in self.texts]


def opened(media: Sequence[Media]) -> list[Blob]:
    """The binary content of a message with what it says."""
    return [_opened(one) if number < MAX_BLOBS else Blob(one, None) for number, one in enumerate(media)]


def _opened(media: Media) -> Blob:
    try:
        document = Document(base64.b64decode(media.data, validate=True), media.family)
        return Blob(media, document, document.read())
    except (Unreadable, binascii.Error, ValueError):
        return Blob(media, None)


class Searched(NamedTuple):
    """A piece of binary content and what was found in it.

    Attributes:
        found: number of the text, finding, value.
        is_redacted: whether what was found is replaced; else it is withheld if something was.
    """

    blob: Blob
    found: Sequence[tuple[int, Finding, Value]]
    is_redacted: bool

    @property
    def what(self) -> str:
        """Types and counts, for the model."""
        counts = Counter(finding.type for _, finding, _ in self.found)
        return ", ".join(f"{count} {type_}" for type_, count in sorted(counts.items()))


def searched(
    blobs: Sequence[Blob], findings: Iterable[Sequence[Finding]], policy: Policy, identify: Identify
) -> list[Searched]:
    """What was found in which; `findings` are those of all leaves in order."""
    each = iter(findings)
    return [_searched(blob, [next(each) for _ in blob.texts], policy, identify) for blob in blobs]


def _searched(blob: Blob, findings: Sequence[Sequence[Finding]], policy: Policy, identify: Identify) -> Searched:
    found = [
        (number, finding, value_of(Leaf(text.text), finding, identify))
        for number, (text, own) in enumerate(zip(blob.texts, findings, strict=True))
        for finding in own
    ]
    can = all(not blob.texts[number].fixed for number, _, _ in found)
    return Searched(blob, found, can and policy.get(blob.media.family) == "redact")


def values(blobs: Sequence[Searched]) -> list[Value]:
    """What needs a token."""
    return [value for one in blobs if one.is_redacted for _, _, value in one.found]


def changes(blobs: Sequence[Searched], tokens_of: Mapping[Value, tuple[str, TokenRef]]) -> Iterator[Change]:
    """What becomes of each."""
    notes: dict[tuple[str | int, ...], dict[int, str]] = {}
    for one in blobs:
        media, new = one.blob.media, _written(one, tokens_of)
        if new is None:
            why = f"it holds personal data ({one.what})" if one.found else UNREADABLE
            yield reshape.blocked(media.path, media.family, why)
            continue
        yield reshape.replaced(media.path, base64.b64encode(new).decode())
        place = _entry(media)
        if one.found and place is not None:
            notes.setdefault(place[0], {})[place[1]] = reshape.redacted(media.family, one.what)
    for array, said in notes.items():
        yield reshape.told(array, said)


def _written(one: Searched, tokens_of: Mapping[Value, tuple[str, TokenRef]]) -> bytes | None:
    """The new document; None: it must not pass."""
    if one.blob.document is None or (one.found and not one.is_redacted):
        return None
    marks = [Mark(n, f.start, f.end, tokens.write(*tokens_of[value])) for n, f, value in one.found]
    try:
        return one.blob.document.write(marks)
    except Unreadable:
        return None


def _entry(media: Media) -> tuple[tuple[str | int, ...], int] | None:
    """The list of content that holds it, and where in it; None if it stands alone."""
    for end in range(len(media.path) - 1, 0, -1):
        index = media.path[end]
        if isinstance(index, int):
            return (media.path[:end], index) if media.path[end - 1] in ("content", "contents") else None
    return None
