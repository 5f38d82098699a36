"""Revealing text that comes in pieces: what may be the beginning of a token waits for its end. No I/O of its own."""

import re
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import Final

MAX_HELD: Final = 512
"""Characters that wait at most: longer than any token in any escape."""
_UNFINISHED: Final = re.compile(
    r"(?:(?:\\?\[|%5[Bb]|&(?:#91|#[xX]5[bB]|lbrack|lsqb);|\\u005[bB])[^\[\]\n]*"  # an opening bracket without its end
    r"|[\w.~\\%&#;-]+)\Z"  # a bare token, or an escape of a bracket
)


def settled(text: str) -> int:
    """How much of a text can be revealed before more of it comes."""
    found = _UNFINISHED.search(text, max(0, len(text) - MAX_HELD))
    return found.start() if found else len(text)


def in_pieces(chunks: Iterable[str], show: Callable[[str], str]) -> Iterator[str]:
    """The pieces with `show` applied to their whole text, piece by piece; empty ones are left out."""
    held = ""
    for chunk in chunks:
        held += chunk
        end = settled(held)
        if end:
            yield show(held[:end])
            held = held[end:]
    if held:
        yield show(held)


async def in_pieces_async(chunks: AsyncIterable[str], show: Callable[[str], Awaitable[str]]) -> AsyncIterator[str]:
    """`in_pieces` for asynchronous ones."""
    held = ""
    async for chunk in chunks:
        held += chunk
        end = settled(held)
        if end:
            yield await show(held[:end])
            held = held[end:]
    if held:
        yield await show(held)
