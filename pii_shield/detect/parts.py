"""Regular expressions in the few forms that a scan needs: a set, a sequence, a choice, a repetition. No I/O."""

from typing import NamedTuple

from . import charsets

MAX_BRANCHES = 64
"""More alternatives than this become one class of characters."""


class Chars(NamedTuple):
    """One character out of a set (see `charsets`)."""

    mask: int


class InOrder(NamedTuple):
    """One after the other."""

    parts: "tuple[Part, ...]"


class Either(NamedTuple):
    """One of several."""

    branches: "tuple[Part, ...]"


class Repeat(NamedTuple):
    """Again and again; `most` None is without bound."""

    part: "Part"
    least: int
    most: int | None


Part = Chars | InOrder | Either | Repeat
NOTHING = InOrder(())


def beginning(part: Part) -> int | None:
    """The set that a part begins with; None if it may be empty."""
    return _end(part, 0)


def ending(part: Part) -> int | None:
    """The set that a part ends with; None if it may be empty."""
    return _end(part, -1)


def _end(part: Part, place: int) -> int | None:
    if isinstance(part, Chars):
        return part.mask
    if isinstance(part, Repeat):
        return _end(part.part, place) if part.least else None
    if isinstance(part, InOrder):
        return _end(part.parts[place], place) if part.parts else None
    mask = 0
    for branch in part.branches:
        end = _end(branch, place)
        if end is None:
            return None
        mask |= end
    return mask


def either(branches: list[Part]) -> Part:
    if all(isinstance(branch, Chars) for branch in branches):
        mask = 0
        for branch in branches:
            mask |= branch.mask if isinstance(branch, Chars) else 0
        return Chars(mask)
    if len(branches) <= MAX_BRANCHES:
        return Either(tuple(branches))
    return Repeat(Chars(_all_of(Either(tuple(branches)))), min(map(shortest, branches)), None)


def shortest(part: Part) -> int:
    """Characters of the shortest match."""
    if isinstance(part, Chars):
        return 1
    if isinstance(part, Repeat):
        return part.least * shortest(part.part)
    return sum(map(shortest, part.parts)) if isinstance(part, InOrder) else min(map(shortest, part.branches))


def longest_bound(part: Part) -> int:
    """The largest bound of a repetition."""
    if isinstance(part, Chars):
        return 0
    if isinstance(part, Repeat):
        return max(part.most or 0, part.least, longest_bound(part.part))
    inner = part.parts if isinstance(part, InOrder) else part.branches
    return max(map(longest_bound, inner), default=0)


def _all_of(part: Part) -> int:
    if isinstance(part, Chars):
        return part.mask
    inner = (part.part,) if isinstance(part, Repeat) else part.parts if isinstance(part, InOrder) else part.branches
    mask = 0
    for each in inner:
        mask |= _all_of(each)
    return mask


def without_tail(part: Part) -> Part:
    """The shortest beginnings of all matches: they are enough to know that there may be one."""
    if isinstance(part, Repeat):
        if part.least == 0:
            return NOTHING
        return part._replace(most=part.least) if part.least > 1 else without_tail(part.part)
    if isinstance(part, Either):
        return Either(tuple(map(without_tail, part.branches)))
    if isinstance(part, InOrder):
        parts = list(part.parts)
        while parts:
            last = without_tail(parts[-1])
            if last != NOTHING:
                return InOrder((*parts[:-1], last))
            parts.pop()
        return NOTHING
    return part


def written(part: Part, *, loose: bool = False) -> str:
    """The pattern as text. With `loose`, large bounds of repetition are given up."""
    if isinstance(part, Chars):
        return charsets.written(part.mask)
    if isinstance(part, InOrder):
        return "".join(written(each, loose=loose) for each in part.parts)
    if isinstance(part, Either):
        return "(?:" + "|".join(written(each, loose=loose) for each in part.branches) + ")"
    return f"(?:{written(part.part, loose=loose)}){_bounds(part, loose)}"


_LOOSE = 32


def _bounds(part: Repeat, loose: bool) -> str:
    least, most = part.least, part.most
    if loose and (most is None or most > _LOOSE):
        least, most = min(least, _LOOSE), None
    return f"{{{least},{'' if most is None else most}}}"
