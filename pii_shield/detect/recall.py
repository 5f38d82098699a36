"""Known values: what was seen once in a scope is found again, in any spelling. No I/O.

One bad finding must not poison every server: only what is distinctive, or was recognised by its very shape, is recalled
everywhere; the rest, and what a server sends beyond its quota, stays with its server. Values are kept as hashes only (a
million take less than 100 MB), besides a bounded memory of recent texts.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ..checks import digits
from ..types import Finding
from .compact import Table
from .entries import Entries
from .forms import (
    MAX_GAP,
    MIN_DIGITS,
    Form,
    Shape,
    exact_key,
    forms,
    loose_key,
    number_key,
    numbers_of,
    said_of,
)
from .guards import QUOTA, Known, Quota, is_local, recallable
from .identity import identity
from .joined import Joined
from .memo import Memo
from .words import Piece, Sighted, fold, pieces

RULE: Final = "recall"
SCORE: Final = 0.9
MAX_SPAN: Final = 768
"""Longest stretch of text that is taken for one value, in characters."""
MAX_SHAPES: Final = 64
"""Ways in which values may lie around one word: keeps a flood of values from making a common word dear."""

_MAX_GROUPS: Final = 8
_SURE_DIGITS: Final = 10
"""From this many digits on, letters right beside a number do not make it another."""
_GROUP: Final = re.compile(r"\d+")
_RUN: Final = re.compile(r"\d[\d().\-/+ \u00a0\u2010-\u2013]{5,}\d")
_HEAD: Final = MIN_DIGITS


_REMEMBERED: Final = 8192
_REMEMBERED_TEXT: Final = 2048
"""Texts, and their longest length in characters, whose known values are remembered until another value is learned."""


class Recall:
    """Known values of one scope. One thread may teach it while others search.

    Args:
        common: lower-case words that alone, or only together, distinguish nobody (first names, places, ordinary words).
        quota: see `guards.QUOTA`.
    """

    def __init__(self, common: frozenset[str] = frozenset(), quota: int = QUOTA) -> None:
        self._common = common
        self._hits: Memo[tuple[str, str], list[Finding]] = Memo(_REMEMBERED)
        self._quota = Quota(quota)
        self._values = Table()
        self._anchors = Table(sieved=True)
        self._shapes: list[Shape] = []
        self._shape_numbers: dict[Shape, int] = {}
        self._entries = Entries()
        # One bit for each possible beginning of a known number.
        self._heads = bytearray(10**_HEAD // 8)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def memory(self) -> int:
        """Bytes taken, about."""
        return self._values.memory + self._anchors.memory + self._entries.memory + len(self._heads)

    # learning

    def learn(self, entries: Iterable[Known]) -> None:
        """Add values; those that the guards do not let out of their field are left out. Idempotent."""
        wanted = [entry for entry in entries if recallable(entry, self._common)]
        for entry in wanted:
            self._add(entry)
        if wanted:
            self._hits = Memo(_REMEMBERED)

    def forget(self, owner: str) -> None:
        """Recall nothing of an owner any more."""
        self._entries.end(owner)
        self._hits = Memo(_REMEMBERED)

    def _add(self, entry: Known) -> None:
        found = list(forms(entry.type, entry.spelling, entry.identity, self._common))
        keys = {hash(form.key) for form in found}
        had = {key: self._entries.of(entry.owner, self._values.get(key)) for key in keys}
        number = next((number for number in had.values() if number is not None), None)
        local = is_local(entry)
        if number is not None:
            self._entries.renew(number, entry, local)
        elif found:
            number = self._entries.add(entry, local or self._quota.is_spent_by(entry))
        if number is None:
            return
        for form in found:
            self._file(form)
        for key in (key for key, old in had.items() if old is None):
            self._values.add(key, number)

    def _file(self, form: Form) -> None:
        """See to it that the form's place in a text is looked at."""
        if number := numbers_of(form):
            head = int(number[:_HEAD])
            self._heads[head >> 3] |= 1 << (head & 7)
        for word, shape in form.anchors:
            key = hash(word)
            there = self._anchors.get(key)
            mine = self._shape_numbers.get(shape)
            if mine is not None and mine in there:
                return
            if len(there) < MAX_SHAPES:
                if mine is None:
                    mine = self._shape_numbers[shape] = len(self._shapes)
                    self._shapes.append(shape)
                self._anchors.add(key, mine)
                return

    # asking

    def rule_of(self, type: str, identity: str) -> str:
        """The rule that first found an identity that is recalled, "" for others."""
        return self._entries.rule_of(self._rows(type, identity))

    def is_foreign(self, type: str, identity: str, server: str) -> bool:
        """Whether an identity is recalled for a server that neither sent it nor got it."""
        seen = self._entries.seen(self._rows(type, identity), server)
        return seen is not None and not seen.met

    def _rows(self, type: str, identity: str) -> Iterator[int]:
        for form in forms(type, identity, identity, self._common):
            yield from self._values.get(hash(form.key))

    # finding

    def find(self, text: str, server: str = "") -> list[Finding]:
        """Known values in a text that a server sends; may overlap. Offsets in code points."""
        return sorted(self._search(text, server)) if len(self) else []

    def find_all(self, texts: Sequence[str], server: str = "") -> dict[int, list[Finding]]:
        """`find` for many texts at once: findings by index of the text."""
        if not len(self):
            return {}
        if len(texts) > _REMEMBERED // 4:
            return self._hits_in(texts, server)  # so many would only push each other out
        memo = self._hits  # of before a value that is learned meanwhile: what we miss of it dies with this memo
        found = {index: memo.get((text, server)) for index, text in enumerate(texts)}
        unknown = [index for index, hits in found.items() if hits is None]
        fresh = self._hits_in([texts[index] for index in unknown], server) if unknown else {}
        for place, index in enumerate(unknown):
            hits = found[index] = fresh.get(place, [])
            if len(texts[index]) <= _REMEMBERED_TEXT:
                memo.put((texts[index], server), hits)
        return {index: hits for index, hits in found.items() if hits}

    def _hits_in(self, texts: Sequence[str], server: str) -> dict[int, list[Finding]]:
        found: dict[int, list[Finding]] = {}
        joined = Joined(texts)
        for type_, first, last, score, rule, said in self._search(joined.text, server):
            index, start, end = joined.locate(first, last)
            found.setdefault(index, []).append(Finding(type_, start, end, score, rule, said))
        for hits in found.values():
            hits.sort()
        return found

    def _search(self, text: str, server: str) -> Iterator[Finding]:
        sighted = Sighted(self._anchors.sift, lambda word: self._anchors.get(hash(word)))
        numbers = Sighted(lambda runs: runs, self._may_hold)
        for piece in pieces(text):
            wanted = sighted.among(piece.words)
            for number, place in piece.places(wanted) if wanted else ():
                for shape in wanted[piece.words[number]]:
                    yield from self._lying(piece, number, place, self._shapes[shape], server)
            yield from self._numbers(piece, numbers, server)

    def _lying(self, piece: Piece, number: int, place: int, shape: Shape, server: str) -> Iterator[Finding]:
        first = number - shape.before
        last = first + shape.size - 1
        if first < 0 or last >= len(piece.words):
            return
        if shape.exact:
            yield from self._exact(piece, piece.span(number, place, first, last), shape, server)
            return
        parts = piece.words[first : last + 1]
        if shape.turned:
            after = place + len(piece.words[number])
            if shape.before == 0 and "," not in piece.text[after : after + MAX_GAP]:
                return  # most names stand the right way round
            parts.append(parts.pop(0))
        rows = self._values.get(hash(loose_key(parts)))
        if rows:
            yield from self._loose(piece, piece.span(number, place, first, last), (shape, parts), (rows, server))

    def _exact(self, piece: Piece, span: tuple[int, int], shape: Shape, server: str) -> Iterator[Finding]:
        start, end = span[0] - shape.lead, span[1] + shape.trail
        if start < 0 or end > len(piece.text) or end - start > MAX_SPAN:
            return
        rows = self._values.get(hash(exact_key(piece.text[start:end])))
        if rows:
            yield from self._told(rows, server, piece.offset + start, piece.offset + end)

    def _loose(
        self, piece: Piece, span: tuple[int, int], lie: tuple[Shape, list[str]], known: tuple[list[int], str]
    ) -> Iterator[Finding]:
        (start, end), (shape, parts) = span, lie
        text = fold(piece.text[start:end])
        said = said_of(text, shape, parts) if end - start <= MAX_SPAN else None
        if said is not None:
            yield from self._told(*known, piece.offset + start, piece.offset + end, said)

    def _numbers(self, piece: Piece, numbers: Sighted[bool], server: str) -> Iterator[Finding]:
        """Known numbers with other separators, or in other company, than when they were learnt."""
        wanted = numbers.among(_RUN.findall(piece.text))
        for run in _RUN.finditer(piece.text) if wanted else ():
            if run[0] in wanted:
                start = run.start()
                groups, parts = _groups(run[0])
                for first, (at, _) in enumerate(groups):
                    if piece.owns(start + at):
                        spans = [(start + begin, start + end) for begin, end in groups[first : first + _MAX_GROUPS]]
                        yield from self._from(piece, spans, parts[first:], server)

    def _may_hold(self, run: str) -> bool:
        """Whether a known number may begin somewhere in a run of digits and signs."""
        if run.isdigit() and run.isascii():
            return self._begins(run)
        whole = digits(run)
        place = 0
        for part in _groups(run)[1]:
            if self._begins(whole[place : place + _HEAD]):
                return True
            place += len(part)
        return False

    def _begins(self, number: str) -> bool:
        if len(number) < _HEAD:
            return False
        head = int(number[:_HEAD])
        return bool(self._heads[head >> 3] >> (head & 7) & 1)

    def _from(self, piece: Piece, spans: list[tuple[int, int]], parts: list[str], server: str) -> Iterator[Finding]:
        """Known numbers that begin with a group of digits."""
        number, text = "", piece.text
        for (_, end), part in zip(spans, parts, strict=False):
            number += part
            rows = self._values.get(hash(number_key(number))) if len(number) >= MIN_DIGITS else ()
            if rows:
                start = spans[0][0]
                if len(number) < _SURE_DIGITS and (text[start - 1 : start].isalpha() or text[end : end + 1].isalpha()):
                    continue
                start -= text[start - 1 : start] in ("+", "(")
                yield from self._told(rows, server, piece.offset + start, piece.offset + end)

    def _told(self, rows: Iterable[int], server: str, start: int, end: int, said: str = "") -> Iterator[Finding]:
        """At most one finding: what the first of the entries that this server may see says."""
        seen = self._entries.seen(rows, server)
        if seen is not None:
            yield Finding(seen.type, start, end, SCORE, RULE, said)


def _groups(run: str) -> tuple[list[tuple[int, int]], list[str]]:
    """Where a run's groups of digits are, and the digits."""
    spans = [group.span() for group in _GROUP.finditer(run)]
    return spans, [digits(run[start:end]) for start, end in spans]


def known(type: str, spelling: str, rule: str, server: str) -> Known:
    """A `Known` for a finding just made."""
    return Known(type, spelling, identity(type, spelling), rule, frozenset({server}))
