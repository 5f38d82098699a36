"""Names to train with and to look up: Faker's provider lists and the lists of words.txt."""

import importlib
import pkgutil
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import faker.providers.address
import faker.providers.person

HERE = Path(__file__).parent
# Latin, Greek and Cyrillic: scripts with capitals. Others have no shape that the tagger could use.
_CASED = re.compile(r"[A-ZÀ-ÖØ-ÞĀ-ſΆ-ΏΑ-ΫЀ-Я][^\W\d_]*(?:[ '’.-]+[^\W\d_]+)*\.?")
_PERSON_LISTS = re.compile(r"(first|last|middle|male|unisex).*names?(?!.*kana)")
_PLACE_LISTS = re.compile(
    r"(cities|city_names|real_city_names|towns|municipalities|communes|states|provinces|regions?(_\w+)?|counties"
    r"|departments|villages|settlements|countries|localities|freguesias|concelhos|bairros|prefectures|places"
    r"|cantons|estados|distritos|boroughs|area_names|province_lgus|metro_manila_lgus)$"
)


def word_lists() -> dict[str, list[str]]:
    """Sections of words.txt, each a list of words and phrases."""
    result: dict[str, list[str]] = {}
    name = ""
    for line in (HERE / "words.txt").read_text("utf8").splitlines():
        if line.startswith("["):
            name = line.strip("[]")
        elif line and not line.startswith("#"):
            result.setdefault(name, []).extend(word.strip() for word in line.split(", "))
    return result


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(key)
            if not isinstance(inner, (int, float)):
                yield from _strings(inner)
    elif isinstance(value, (list, tuple, set)):
        for inner in sorted(value, key=str) if isinstance(value, set) else value:
            yield from _strings(inner)


def _providers(room: Any) -> Iterator[tuple[str, Any]]:
    for module in sorted(info.name for info in pkgutil.iter_modules(room.__path__)):
        yield module, importlib.import_module(f"{room.__name__}.{module}").Provider


def _clean(value: Any) -> list[str]:
    return [text for text in _strings(value) if 2 <= len(text) <= 40 and _CASED.fullmatch(text)]


class Names:
    """All name lists.

    Attributes:
        people: locale -> (first names, last names).
        places: place names of all locales.
        first, last: name -> number of locales that list it.
    """

    def __init__(self) -> None:
        self.people: dict[str, tuple[list[str], list[str]]] = {}
        self.first: Counter[str] = Counter()
        self.last: Counter[str] = Counter()
        for locale, provider in _providers(faker.providers.person):
            first, last = self._of(provider)
            if len(first) >= 20 and len(last) >= 20:
                self.people[locale] = (first, last)
            self.first.update(first)
            self.last.update(last)
        self.places = sorted(set(self._places()))
        self.lists = word_lists()
        own = sorted(set(self.lists["first"])), sorted(set(self.lists["last"]))
        self.people["own"] = own
        self.first.update(own[0])
        self.last.update(own[1])

    @staticmethod
    def _of(provider: Any) -> tuple[list[str], list[str]]:
        first: set[str] = set()
        last: set[str] = set()
        for attribute in sorted(vars(provider)):
            if _PERSON_LISTS.match(attribute):
                (last if "last" in attribute else first).update(_clean(getattr(provider, attribute)))
        return sorted(first), sorted(last)

    @staticmethod
    def _places() -> Iterator[str]:
        for _, provider in _providers(faker.providers.address):
            for attribute in sorted(vars(provider)):
                if _PLACE_LISTS.match(attribute):
                    yield from _clean(getattr(provider, attribute))


def common_words() -> list[str]:
    """The words of common.txt: what Python's library and Unix manual pages write in lower case, without rare names."""
    return (HERE / "common.txt").read_text("utf8").split()


def dictionary(names: Names) -> dict[str, str]:
    """Word, lower case -> its classes, a string of sorted letters; see `features.CLASSES`."""
    classes: defaultdict[str, set[str]] = defaultdict(set)

    def mark(letter: str, words: Iterable[str]) -> None:
        for word in words:
            if len(word) > 1 or word in "ai":
                classes[word].add(letter)

    for letter, counter in (("f", names.first), ("l", names.last)):
        count: Counter[str] = Counter()
        for name, locales in counter.items():
            for word in _parts(name):
                count[word] += locales
        mark(letter, (word for word, locales in count.items() if locales < _FREQUENT))
        mark(letter.upper(), (word for word, locales in count.items() if locales >= _FREQUENT))
    mark("L", (word for name in names.lists["famous"] for word in _parts(name)))
    mark("c", (name.lower() for name in names.places if " " not in name))
    mark("d", (word for name in names.places if " " in name for word in _parts(name) if len(word) > 3))
    for section in ("city_known", "country_known", "region_known"):
        mark("C", (name.lower() for name in names.lists[section] if " " not in name))
        mark("d", (word for name in names.lists[section] if " " in name for word in _parts(name) if len(word) > 3))
    mark("O", (word for name in names.lists["org_known"] if " " not in name for word in (name.lower(),)))
    mark("w", [*common_words(), "a", "i"])
    mark("w", (word for section in _COMMON for phrase in names.lists[section] for word in _parts(phrase)))
    for letter, sections in _MARKS.items():
        mark(letter, (word for section in sections for phrase in names.lists[section] for word in _parts(phrase)))
    return {word: "".join(sorted(letters)) for word, letters in classes.items()}


_FREQUENT = 4
_COMMON = (
    "noun",
    "adj",
    "adv",
    "starter",
    "said",
    "everyday",
    "everyday_more",
    "irregular",
    "tverb",
    "kin",
    "job",
    "pverb",
)
_MARKS = {
    "m": ("month", "day", "nat", "lang", "acronym"),
    "o": ("org_noun", "org_suffix", "team"),
    "r": ("region_word", "place_noun", "street_native"),
    "t": ("title", "rank"),
    "j": ("job", "kin"),
    "p": ("particle",),
    "s": ("said", "pverb", "tverb"),
    "h": ("heading", "product", "starter", "label", "ship"),
}


def _parts(name: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", name.lower())
