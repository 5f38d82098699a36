"""What is known of each value that may be recalled, without the value: type, rule, servers, owner. No I/O."""

from array import array
from collections.abc import Iterable
from typing import NamedTuple, TypeVar

from .guards import Known

T = TypeVar("T")


class Seen(NamedTuple):
    """One entry as a server sees it.

    Attributes:
        type: entity type.
        local: whether only the servers that sent it see it.
        met: whether the server sent it or got it.
    """

    type: str
    local: bool
    met: bool


class Servers(NamedTuple):
    """Servers that sent a value, and servers that it was released to."""

    sent: frozenset[str]
    granted: frozenset[str]


class Entries:
    """Entries by number, 15 bytes each. One writer; readers need no lock."""

    def __init__(self) -> None:
        self._types: list[str] = []
        self._rules: list[str] = []
        self._sets: list[Servers] = []
        self._type_numbers: dict[str, int] = {}
        self._rule_numbers: dict[str, int] = {}
        self._set_numbers: dict[Servers, int] = {}
        self._kinds = bytearray()  # number of the type, twice, plus 1 if local
        self._servers = array("I")
        self._found_by = array("H")
        self._owners = array("q")
        self._ended: set[int] = set()

    def __len__(self) -> int:
        return len(self._kinds)

    @property
    def memory(self) -> int:
        """Bytes taken, about."""
        return 15 * len(self) + 64 * len(self._ended) + 500 * len(self._sets)

    def add(self, source: Known, local: bool) -> int:
        """A new entry's number."""
        self._owners.append(hash(source.owner))
        self._found_by.append(_numbered(source.rule, self._rules, self._rule_numbers))
        self._servers.append(self._set_number(Servers(source.servers, source.granted)))
        self._kinds.append(self._kind(source.type, local))
        return len(self._kinds) - 1

    def renew(self, number: int, source: Known, local: bool) -> None:
        """Take in what is new about an entry: more servers, a better reason to know it."""
        old = self._sets[self._servers[number]]
        self._servers[number] = self._set_number(Servers(old.sent | source.servers, old.granted | source.granted))
        if self._kinds[number] & 1 and not local:
            self._kinds[number] = self._kind(source.type, local)

    def of(self, owner: str, numbers: Iterable[int]) -> int | None:
        """Which of some entries is the owner's."""
        mine = hash(owner)
        return next((number for number in numbers if self._owners[number] == mine), None)

    def end(self, owner: str) -> None:
        """Nobody sees the owner's entries any more."""
        self._ended.add(hash(owner))

    def seen(self, numbers: Iterable[int], server: str) -> Seen | None:
        """What a server sees of some entries of the same spelling: one for everybody goes before a local one."""
        local = None
        for number in numbers:
            if self._owners[number] in self._ended:
                continue
            kind, servers = self._kinds[number], self._sets[self._servers[number]]
            sent = server in servers.sent
            if not kind & 1:
                return Seen(self._types[kind >> 1], False, sent or server in servers.granted)
            if sent and local is None:
                local = Seen(self._types[kind >> 1], True, True)
        return local

    def rule_of(self, numbers: Iterable[int]) -> str:
        """The rule that found the first of some entries, "" if there is none."""
        living = (number for number in numbers if self._owners[number] not in self._ended)
        return next((self._rules[self._found_by[number]] for number in living), "")

    def _kind(self, type: str, local: bool) -> int:
        return _numbered(type, self._types, self._type_numbers) << 1 | local

    def _set_number(self, servers: Servers) -> int:
        return _numbered(servers, self._sets, self._set_numbers)


def _numbered(thing: T, things: list[T], numbers: dict[T, int]) -> int:
    """The number of a thing, which is listed if it is new."""
    number = numbers.get(thing)
    if number is None:
        things.append(thing)  # before its number: readers find what they know the number of
        number = numbers[thing] = len(things) - 1
    return number
