"""A looser regular expression that Vectorscan can compile, for text in which "?" stands for all beyond ASCII. No I/O.

Wherever the original matches text[s:e], the relaxed one has a match in the scanned bytes that begins at s - 1 or s and
ends at e + 1 or before: what it cannot say (look-around, back-references, word boundaries) it leaves out, or takes one
character at either end instead. It finds too much, never too little.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from . import charsets
from .charsets import EVERYTHING, WORD, WORDY
from .parts import NOTHING, Chars, InOrder, Part, Repeat, beginning, either, ending, without_tail

_parser: Any = re._parser  # type: ignore[attr-defined]
_sre: Any = re._constants  # type: ignore[attr-defined]

UNBOUNDED = 1 << 20


class Unreadable(Exception):
    """A pattern in another language than that of `re`."""


class Width(NamedTuple):
    """How far a pattern reaches, in characters; UNBOUNDED if nothing limits it.

    Attributes:
        match: longest match.
        ahead: how far it looks behind its own end.
    """

    match: int
    ahead: int

    @property
    def total(self) -> int:
        return min(UNBOUNDED, self.match + self.ahead)


def parse(pattern: str, flags: int) -> Any:
    """The parsed pattern.

    Raises:
        Unreadable: it is not in the language of Python's `re`.
    """
    try:
        return _parser.parse(pattern, flags)
    except re.error:
        raise Unreadable from None


def width(tree: Any) -> Width:
    """How far a parsed pattern reaches."""
    return Width(min(UNBOUNDED, tree.getwidth()[1]), min(UNBOUNDED, _ahead(tree)))


def behind(tree: Any) -> int:
    """How far a parsed pattern looks back from where it begins, in characters; at least one."""
    reach = 1
    for operator, argument in tree:
        if operator in (_sre.ASSERT, _sre.ASSERT_NOT):
            direction, inner = argument
            reach = max(reach, inner.getwidth()[1] if direction < 0 else 0, behind(inner))
        else:
            reach = max([reach, *(behind(inner) for inner in _inside(operator, argument))])
    return min(UNBOUNDED, reach)


def _ahead(tree: Any) -> int:
    reach = 0
    for operator, argument in tree:
        if operator in (_sre.ASSERT, _sre.ASSERT_NOT):
            direction, inner = argument
            own = inner.getwidth()[1] if direction > 0 else 0
            reach = max(reach, own + _ahead(inner))
        elif operator is _sre.AT:
            reach = max(reach, 2)
        else:
            reach = max([reach, *(_ahead(inner) for inner in _inside(operator, argument))])
    return reach


def _inside(operator: Any, argument: Any) -> list[Any]:
    if operator in (_sre.MAX_REPEAT, _sre.MIN_REPEAT, _sre.POSSESSIVE_REPEAT):
        return [argument[2]]
    if operator is _sre.SUBPATTERN:
        return [argument[3]]
    if operator is _sre.ATOMIC_GROUP:
        return [argument]
    if operator is _sre.BRANCH:
        return list(argument[1])
    if operator is _sre.GROUPREF_EXISTS:
        return [inner for inner in argument[1:] if inner is not None]
    return []


def relax(tree: Any) -> Part:
    """The relaxed form of a parsed pattern."""
    return without_tail(_Relaxer(tree).sequence(tree, tree.state.flags, True, True))


class _Relaxer:
    """Walks a tree; knows what the groups matched, for references back to them."""

    def __init__(self, tree: Any) -> None:
        self._widths = dict(enumerate(tree.state.groupwidths))

    def sequence(self, tree: Any, flags: int, leading: bool, trailing: bool) -> Part:
        """One after the other. What looks around is kept only where nothing else of the pattern stands."""
        items = list(tree)
        solid = [index for index, item in enumerate(items) if not _is_empty(item)]
        if not solid:
            return NOTHING
        first, last = solid[0], solid[-1]
        # Only one place may look around: what stands inside a part does so if nothing does before (or behind) it.
        inner_leading, inner_trailing = leading and first == 0, trailing and last == len(items) - 1
        parts: list[Part] = [
            self._item(items[index], flags, inner_leading and index == first, inner_trailing and index == last)
            for index in solid
        ]
        if leading:
            parts.insert(0, self._around(items[:first], flags, beginning(parts[0]), -1))
        if trailing:
            parts.append(self._around(items[last + 1 :], flags, ending(parts[-1]), 1))
        parts = [part for part in parts if part != NOTHING]
        return parts[0] if len(parts) == 1 else InOrder(tuple(parts))

    def _around(self, items: Sequence[Any], flags: int, neighbour: int | None, direction: int) -> Part:
        """What must stand before (or behind) a pattern: the longest demand, else the set of one character."""
        for operator, argument in items:
            if operator is _sre.ASSERT and argument[0] == direction and argument[1].getwidth()[0] > 1:
                return self.sequence(argument[1], flags, False, False)
        mask = EVERYTHING
        for operator, argument in items:
            if operator is _sre.AT and argument is _sre.AT_BOUNDARY and neighbour is not None:
                if neighbour & ~(WORD | WORDY) == 0:
                    mask &= charsets.complement(WORD)
                elif neighbour & (WORD | WORDY) == 0:
                    mask &= WORD | WORDY
            elif operator is _sre.ASSERT_NOT and argument[0] == direction:
                mask &= charsets.complement(_least(argument[1], flags))
            elif operator is _sre.ASSERT and argument[0] == direction:
                mask &= _only(argument[1], flags)
        return NOTHING if mask == EVERYTHING else Chars(mask)

    def _item(self, item: Any, flags: int, leading: bool, trailing: bool) -> Part:
        operator, argument = item
        if (both := _single(item, flags)) is not None:
            return Chars(both[0])
        if operator is _sre.SUBPATTERN:
            _, add, remove, inner = argument
            return self.sequence(inner, (flags | add) & ~remove, leading, trailing)
        if operator is _sre.ATOMIC_GROUP:
            return self.sequence(argument, flags, leading, trailing)
        if operator is _sre.BRANCH:
            return either([self.sequence(inner, flags, leading, trailing) for inner in argument[1]])
        if operator in (_sre.MAX_REPEAT, _sre.MIN_REPEAT, _sre.POSSESSIVE_REPEAT):
            least, most, inner = argument
            once = least == most == 1
            part = self.sequence(inner, flags, leading and once, trailing and once)
            return part if once else Repeat(part, least, None if most is _sre.MAXREPEAT else most)
        if operator is _sre.GROUPREF:
            least, most = self._widths.get(argument) or (0, None)
            return Repeat(Chars(EVERYTHING), least, most if most is not None and most < UNBOUNDED else None)
        return Repeat(Chars(EVERYTHING), 0, None)


def _is_empty(item: Any) -> bool:
    """Whether an item takes no characters at all."""
    operator, argument = item
    if operator in (_sre.ASSERT, _sre.ASSERT_NOT, _sre.AT):
        return True
    inside = _inside(operator, argument)
    return bool(inside) and all(_is_empty(inner) for sub in inside for inner in sub)


def _single(item: Any, flags: int) -> tuple[int, int] | None:
    """(at most, at least) the set of an item that is one character, else None."""
    operator, argument = item
    ignore_case = bool(flags & re.IGNORECASE)
    if operator is _sre.LITERAL:
        return charsets.one(argument, ignore_case)
    if operator is _sre.NOT_LITERAL:
        return charsets.in_class([(_sre.NEGATE, None), (_sre.LITERAL, argument)], ignore_case)
    if operator is _sre.IN:
        return charsets.in_class(argument, ignore_case)
    if operator is _sre.ANY:
        return charsets.anything(bool(flags & re.DOTALL))
    return None


def _least(tree: Any, flags: int) -> int:
    """The characters that alone already match a tree: its branches of one character."""
    items = list(tree)
    if len(items) != 1:
        return 0
    if (both := _single(items[0], flags)) is not None:
        return both[1]
    operator, argument = items[0]
    if operator is _sre.SUBPATTERN or operator is _sre.BRANCH:
        least = 0
        for inner in _inside(operator, argument):
            least |= _least(inner, flags)
        return least
    return 0


def _only(tree: Any, flags: int) -> int:
    """At most the characters that a tree of one character matches."""
    items = list(tree)
    both = _single(items[0], flags) if len(items) == 1 else None
    return both[0] if both is not None else EVERYTHING
