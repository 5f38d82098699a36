"""What a text says under its disguises: encodings, look-alikes, hidden characters, words for signs. No I/O.

A view is a part of a text as it reads without a disguise, with the offsets that lead back. What is found in a view is
replaced in the original: character by character where the disguise allows it, else the whole encoded run.

Each form of disguise has a sign that is cheap to look for; only texts that show one are looked at again.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from ...types import Leaf
from ..joined import Joined
from . import codecs, escapes, obfuscation, unicode
from .leaves import as_leaf, merged
from .offsets import Later, View, later, offsets

__all__ = ["FORMS", "MAX_DECODED", "MAX_LAYERS", "Form", "View", "as_leaf", "disguised", "merged", "signs", "views"]

MAX_LAYERS = 3
"""Disguises around a value that are looked through."""
MAX_DECODED = 1024 * 1024
"""Characters of one text that are decoded: of what bytes say, and of what is disguised more than once."""


class Form(NamedTuple):
    """One form of disguise.

    Attributes:
        name: for tests and tables.
        make: the views of a text.
        signs: what a text so disguised shows.
        words: one of these stands in any such text; () if that says nothing.
        ascii: whether a text of nothing but ASCII can be disguised so.
    """

    name: str
    make: Callable[[str], Iterator[View]]
    signs: tuple[Later, ...]
    words: tuple[str, ...] = ()
    ascii: bool = True

    def may_be_in(self, text: str) -> bool:
        """Whether it is worth looking for the signs."""
        return (self.ascii or not text.isascii()) and (not self.words or any(word in text for word in self.words))


_SPOKEN = (obfuscation.SPOKEN_SIGN,)
FORMS: tuple[Form, ...] = (
    Form("percent", escapes.percent, (escapes.PERCENT_SIGN,)),
    Form("entities", escapes.entities, (escapes.ENTITY_SIGN,)),
    Form("backslashes", escapes.backslashes, (escapes.BACKSLASH_SIGN,)),
    Form("quoted-printable", escapes.quoted_printable, (escapes.QUOTED_SIGN,)),
    Form("folded", unicode.folded, (unicode.FOLD_SIGN,), ascii=False),
    Form("look-alikes", unicode.look_alikes, (unicode.LOOK_ALIKE_SIGN,), ascii=False),
    Form("tags", unicode.tags, (unicode.TAGS_SIGN,), ascii=False),
    Form("selectors", unicode.selectors, (unicode.SELECTORS_SIGN,), ascii=False),
    Form("backwards", unicode.backwards, (unicode.BACKWARDS_SIGN,), ascii=False),
    Form("bracketed", obfuscation.bracketed, obfuscation.BRACKETED_SIGNS),
    Form("spoken", obfuscation.spoken, _SPOKEN, obfuscation.SPOKEN_WORDS),
    Form("spaced", obfuscation.spaced, (obfuscation.SPACED_SIGN,)),
    Form("wrapped", obfuscation.wrapped, (obfuscation.WRAPPED_SIGN,)),
    Form("markup", obfuscation.markup, (obfuscation.MARKUP_SIGN,)),
    Form("emphasis", obfuscation.emphasis, obfuscation.EMPHASIS_SIGNS),
    Form("mirrored", obfuscation.mirrored, (obfuscation.MIRRORED_SIGN,), obfuscation.MIRRORED_WORDS),
)


def signs(text: str) -> Iterator[int]:
    """Offsets at which a text may be disguised, in no order. Cheap: for many texts joined into one."""
    for form in FORMS:
        if form.may_be_in(text):
            yield from offsets(text, *form.signs)
    yield from codecs.runs(text)


def disguised(leaves: Sequence[Leaf]) -> list[int]:
    """Indices of the leaves that may be disguised. Numbers are not."""
    joined = Joined(["" if leaf.kind == "number" else leaf.text for leaf in leaves])
    return sorted({joined.locate(sign, sign)[0] for sign in signs(joined.text)})


def views(text: str) -> Iterator[View]:
    """The disguised parts of a text as they read, through up to `MAX_LAYERS` disguises, each once."""
    left = MAX_DECODED
    seen: set[tuple[int, int, str]] = set()
    layer: Iterable[View] = _layer(text)
    for depth in range(MAX_LAYERS):
        fresh: list[View] = []
        for view in layer:
            key = (view.start, view.end, view.text)
            if key in seen or not view.text:
                continue
            if depth or view.starts is None:
                left -= len(view.text)
                if left < 0:
                    return
            seen.add(key)
            fresh.append(view)
            yield view
        layer = (inner.within(outer) for outer in fresh for inner in _layer(outer.text))


SHORT = 2048
"""Up to this length one look for all signs together is cheaper than one for each, in characters."""
_HINT = later(rf"[%&\\=<*`~(\[{{@]|[^\0-\x7f]|dot|DOT|Dot|moc\.|gro\.|ten\.|[\w+/-]{{{codecs.MIN_RUN}}}")


def _layer(text: str) -> Iterator[View]:
    if len(text) <= SHORT and not _HINT().search(text):
        return
    for form in FORMS:
        if form.may_be_in(text):
            yield from form.make(text)
    yield from codecs.encoded(text)
