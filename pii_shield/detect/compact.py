"""A multimap from hashes to small numbers, for millions of entries in little memory. No I/O.

Two arrays with open addressing, 12 bytes a place: a dict of the same would take about 100 bytes an entry. Hashes are
Python's own (64 bits, keyed anew in each process, computed in C), so nothing of what was hashed can be read back, and
nobody outside the process can aim at a collision.
"""

from array import array
from collections.abc import Container, Iterable, Iterator
from itertools import compress
from typing import Final

_FIRST_SIZE: Final = 61
_GROWTH: Final = 1.4
_FULLEST: Final = 0.72
"""Share of places taken at which the table grows."""
_SIEVE_SPARSITY: Final = 6
"""Bytes of the sieve for each entry, at least."""
_FIRST_SIEVE: Final = 1 << 10


class Table:
    """Numbers (below 2**32) by hash; one hash may have several. One writer; readers need no lock.

    Args:
        sieved: whether `sift` is asked for: costs 6 to 17 bytes an entry more.
    """

    def __init__(self, sieved: bool = False) -> None:
        self._places = _places(_FIRST_SIZE)
        self._count = 0
        self._sieve = bytearray(_FIRST_SIEVE if sieved else 0)

    def __len__(self) -> int:
        return self._count

    @property
    def memory(self) -> int:
        """Bytes taken."""
        hashes, numbers = self._places
        return len(hashes) * (hashes.itemsize + numbers.itemsize) + len(self._sieve)

    def add(self, key: int, number: int) -> None:
        """Put a number under a hash, beside those that are there."""
        if self._count >= _FULLEST * len(self._places[0]):
            self._grow()
        if self._sieve:
            self._sieve[key & (len(self._sieve) - 1)] = 1
        key = key or 1  # 0 marks a free place
        _put(*self._places, key, number)
        self._count += 1

    def get(self, key: int) -> list[int]:
        """The numbers under a hash, in the order they were added unless the table grew."""
        hashes, numbers = self._places
        key = key or 1
        size = len(hashes)
        place = key % size
        stored = hashes[place]
        if not stored:
            return []  # so most end
        found: list[int] = []
        while stored:
            if stored == key:
                found.append(numbers[place])
            place += 1
            if place == size:
                place = 0
            stored = hashes[place]
        return found

    def sift(self, words: Container[str] | Iterable[str]) -> Iterator[str]:
        """Of many words those whose hash may be in the table: all that are, and some more."""
        sieve = self._sieve
        words = list(words)  # type: ignore[arg-type]
        # All in C: a tenth of a microsecond a word.
        return compress(words, map(sieve.__getitem__, map((len(sieve) - 1).__and__, map(hash, words))))

    def _grow(self) -> None:
        """Readers see the old arrays or the new ones, complete."""
        new = _places(int(len(self._places[0]) * _GROWTH) | 1)
        sieve = self._sieve
        if sieve and len(sieve) < self._count * _SIEVE_SPARSITY:
            sieve = bytearray(len(sieve) * 4 if len(sieve) < 1 << 20 else len(sieve) * 2)
        mask = len(sieve) - 1
        if sieve:
            sieve[0] = self._sieve[0]  # hash 0 is filed as 1
        for key, number in zip(*self._places, strict=True):
            if key:
                _put(*new, key, number)
                if mask > 0:
                    sieve[key & mask] = 1
        self._places, self._sieve = new, sieve


_Places = tuple["array[int]", "array[int]"]


def _places(size: int) -> _Places:
    return array("q", (0,)) * size, array("I", (0,)) * size


def _put(hashes: "array[int]", numbers: "array[int]", key: int, number: int) -> None:
    size = len(hashes)
    place = key % size
    while hashes[place]:
        place = place + 1 if place + 1 < size else 0
    numbers[place] = number  # before the hash: a reader that sees the hash sees its number
    hashes[place] = key
