"""Values of every entity type, made up or from the rules' own examples; and whether any of them is in a text."""

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import cycle

from pii_shield import rules
from pii_shield.entities import TYPES

FIRST = "Marguerite Thaddeus Oluwaseun Ingrid Bartholomew Yevgenia Cornelius Rosalind".split()
LAST = "Featherstone Quackenbush Adeyemiola Lindqvistson Montgomery Ivanenkova Abernathy Winterbottom".split()
ENOUGH = 7
ORDINARY = frozenset({"services"})
"""Pieces of the rules' examples that are everyday words."""
"""Letters and digits from which a piece of a value says something."""
_SPLIT = re.compile(r"[\s\"'\[\]{}()<>,;:=|\\&?#/]+")
_STRINGS = re.compile(r'["\n,]')
"""Where a value with spaces or colons in it stays whole."""
_TIME = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
"""Of a row. Twelve digits that change all the time are those of some planted number now and then."""
_NOT_SAID = re.compile(r"[^0-9a-z\u0080-\uffff]+")


def luhn(digits: str) -> str:
    doubled = [int(d) * 2 if place % 2 == 0 else int(d) for place, d in enumerate(reversed(digits))]
    return digits + str(-sum(sum(divmod(number, 10)) for number in doubled) % 10)


class Planted:
    """Values, each planted once; `all` is what was."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.all: list[str] = []
        makers: dict[str, Callable[[], str]] = {
            "EMAIL": self.email,
            "PHONE": self.phone,
            "CREDIT_CARD": lambda: luhn(f"4{self.number(14)}"),
            "IBAN": self._iban,
            "US_SSN": lambda: f"{self._chance.randint(100, 665)}-{self.number(2)}-{self.number(4)}",
            "PERSON": self.name,
            "ADDRESS": lambda: f"{self.number(4)} {self._chance.choice(LAST)} Street, Springfield, IL {self.number(5)}",
            "SECRET": lambda: f"ghp_{self._letters(36)}",
            "PASSWORD": lambda: f"{self._letters(14)}!",
            "IP": lambda: ":".join(f"{self._chance.randrange(4096, 65536):x}" for _ in range(8)),
            "MAC": lambda: ":".join(f"{self._chance.randrange(256):02x}" for _ in range(6)),
            "UUID": lambda: "-".join(f"{self._chance.getrandbits(4 * n):0{n}x}" for n in (8, 4, 4, 4, 12)),
            "URL": lambda: f"https://{self._letters(10)}.example.org/{self._letters(8)}",
            "CRYPTO": lambda: f"0x{self._chance.getrandbits(160):040x}",
            "GEO": lambda: f"{self._chance.uniform(10, 80):.6f}, {self._chance.uniform(10, 80):.6f}",
            "USERNAME": lambda: self._letters(12),
        }
        self._turn = cycle(makers.items())
        self._examples = cycle(list(_examples()))

    def _plant(self, value: str) -> str:
        self.all.append(value)
        return value

    def number(self, digits: int) -> str:
        return str(self._chance.randrange(10 ** (digits - 1), 10**digits))

    def _letters(self, count: int) -> str:
        return "".join(self._chance.choices("abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789", k=count))

    def _iban(self) -> str:
        account = f"37040044{self.number(10)}"
        return f"DE{98 - int(account + '131400') % 97:02d}{account}"

    def email(self) -> str:
        return self._plant(f"canary.{self.number(9)}@nest{self.number(5)}.example.org")

    def phone(self) -> str:
        return self._plant(f"+4930{self.number(8)}")

    def name(self) -> str:
        return self._plant(f"{self._chance.choice(FIRST)} {self._chance.choice(LAST)}{self.number(3)}")

    def any(self, count: int) -> list[str]:
        """Values of all types that can be made up, in turn."""
        return [self._with_name(*next(self._turn)) for _ in range(count)]

    def _with_name(self, type_: str, make: Callable[[], str]) -> str:
        value = make()
        if not self.all or self.all[-1] != value:  # some makers plant themselves
            self._plant(value)
        return f"{type_.lower()}: {value}" if type_ in ("PASSWORD", "USERNAME") else value

    def example(self) -> tuple[str, str]:
        """A field's name and a value, or "" and a text with one, that a rule names as its example."""
        name, value, text = next(self._examples)
        self._plant(value)
        return name, text


def _examples() -> Iterator[tuple[str, str, str]]:
    """Name of a field or "", the value, the text that it stands in; of every rule."""
    found = rules.load()
    for rule in found.patterns:
        for example in rule.examples:
            for value in re.findall("«(.*?)»", example, re.DOTALL):
                yield "", value, example.replace("«", "").replace("»", "")
    for field in found.fields:
        for name, value in field.examples:
            yield name.rpartition(".")[2], value, value


def types_of_examples() -> set[str]:
    found = rules.load()
    return {rule.type for rule in (*found.patterns, *found.fields)} & TYPES.keys()


class Searched:
    """All different words of many texts, without those that cannot hold a value."""

    def __init__(self) -> None:
        self._words: set[str] = set()
        self.size = 0

    def add(self, text: str) -> None:
        self.size += len(text)
        text = _TIME.sub(" ", text).lower()
        self._words.update(_SPLIT.split(text), _STRINGS.split(text))

    def found(self, values: Iterable[str], harmless: Iterable[str]) -> Mapping[str, str]:
        """Values that are there -> what stands around them. `harmless`: words that are ours: heads, tokens, times."""
        words = {_NOT_SAID.sub("", word) for word in self._words}
        compact = "\n".join(words - {_NOT_SAID.sub("", word.lower()) for word in harmless})
        wanted: dict[str, dict[str, str]] = {}
        for value in values:
            pieces = {_NOT_SAID.sub("", piece) for piece in (value.lower(), *_SPLIT.split(value.lower()))}
            for piece in pieces - ORDINARY:
                if len(piece) >= ENOUGH:
                    wanted.setdefault(piece[:ENOUGH], {})[piece] = value
        there: dict[str, str] = {}
        for start in range(len(compact) - ENOUGH + 1):  # one look at each place, however many values there are
            for piece, value in wanted.get(compact[start : start + ENOUGH], {}).items():
                if compact.startswith(piece, start):
                    there[value] = compact[max(0, start - 40) : start + 60]
        return there
