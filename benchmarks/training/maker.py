"""Makes up names of people, places, organisations and works."""

import random
from collections.abc import Callable

from names import Names


class Maker:
    """Makes names up. Each method returns the text that is labelled.

    Args:
        names: the lists.
        rng: source of all choices.
    """

    _LOCALES = (
        "en_US",
        "en_US",
        "en_US",
        "en_US",
        "en_GB",
        "en_GB",
        "en_GB",
        "en",
        "en_IE",
        "en_IN",
        "de_DE",
        "fr_FR",
        "es_ES",
        "it_IT",
        "own",
        "own",
    )

    def __init__(self, names: Names, rng: random.Random) -> None:
        self._names = names
        self._rng = rng
        self._locales = sorted(names.people)
        self._preferred = [locale for locale in self._LOCALES if locale in names.people]
        self._latin = [name for name in names.places if name.isascii()]
        self.slots: dict[str, tuple[str, Callable[[], str]]] = {
            "FULL": ("PERSON", self.full),
            "FIRST": ("PERSON", self.first),
            "LAST": ("PERSON", self.last),
            "CITY": ("LOCATION", self.city),
            "COUNTRY": ("LOCATION", lambda: self._pick("country_known")),
            "LOC": ("LOCATION", self.place),
            "LOC_AB": (
                "LOCATION",
                lambda: rng.choice(("CA", "NY", "TX", "FL", "MA", "WA", "IL", "PA", "OH", "CO", "ON")),
            ),
            "CITY_UP": ("LOCATION", lambda: self.city().upper()),
            "ORG": ("ORG", self.org),
            "ACR": ("ORG", self.letters),
            "LAST_I": ("", lambda: self.last()[0] + rng.choice((".", ""))),
            "LAST_O": ("", self.last),
            "CITY_O": ("", self.city),
            "FIRST_O": ("", self.first),
        }

    def _pick(self, section: str) -> str:
        return self._rng.choice(self._names.lists[section])

    def locale(self) -> str:
        return self._rng.choice(self._preferred if self._rng.random() < 0.6 else self._locales)

    def first(self, locale: str = "") -> str:
        name = self._rng.choice(self._names.people[locale or self.locale()][0])
        return f"{name}-{self.first(locale)}" if self._rng.random() < 0.01 and "-" not in name else name

    def last(self, locale: str = "") -> str:
        roll = self._rng.random()
        if not locale and roll < 0.08:
            return self._pick("famous")
        name = self._rng.choice(self._names.people[locale or self.locale()][1])
        if roll > 0.98 and "-" not in name:
            return f"{name}-{self.last(locale)}"
        return name if roll < 0.95 else self.odd(name)

    def odd(self, name: str) -> str:
        """A surname of another make: a prefix, or letters changed, so that no list has it."""
        rng = self._rng
        if rng.random() < 0.3:
            return rng.choice(("O'", "Mc", "Mac", "D'", "Fitz", "De", "Di", "Le", "Van", "St. ")) + name
        at = rng.randrange(1, len(name)) if len(name) > 2 else 1
        return name[:at] + rng.choice("aeioulnrstk") + name[at + rng.randrange(2) :]

    def initial(self) -> str:
        return self._rng.choice("ABCDEFGHIJKLMNOPRSTVW") + self._rng.choice((".", ".", ""))

    def full(self) -> str:
        rng, locale = self._rng, self.locale()
        first, last = self.first(locale), self.last(locale)
        if rng.random() < 0.15:  # people move and marry
            last = self.last()
        roll = rng.random()
        for share, form in self._FORMS:
            roll -= share
            if roll < 0:
                return form(self, first, last)
        return f"{first} {last}"

    _FORMS: tuple[tuple[float, Callable[["Maker", str, str], str]], ...] = (
        (0.58, lambda _, first, last: f"{first} {last}"),
        (0.09, lambda self, first, last: f"{first} {self.initial()} {last}"),
        (0.05, lambda self, first, last: f"{first} {self.first()} {last}"),
        (0.04, lambda self, first, last: f"{first} {last} {self.last()}"),
        (0.03, lambda _, first, last: f"{first[0]}. {last}"),
        (0.01, lambda self, first, last: f"{first[0]}. {self.initial()} {last}"),
        (0.01, lambda _, first, last: f"{first[0]}.{last[0]}. {last}"),
        (0.08, lambda self, first, last: f"{first} {self._pick('particle')} {last}"),
        (0.01, lambda self, first, last: f"{first} {last} {self._rng.choice(('Jr.', 'Sr.', 'III', 'Jr', 'II'))}"),
        (0.01, lambda _, first, last: f"{last}, {first}"),
        (0.03, lambda _, first, __: first),
        (0.04, lambda _, __, last: last),
        (0.01, lambda _, first, last: f"{first} {last[0]}."),
    )

    def city(self) -> str:
        roll = self._rng.random()
        if roll < 0.45:
            return self._pick("city_known")
        if roll < 0.90:
            return self._rng.choice(self._names.places if roll < 0.7 else self._latin)
        return self.last() + self._rng.choice(
            ("ville", "town", "burg", "ford", "ton", " Springs", " City", "field", "bury")
        )

    def place(self) -> str:
        rng, roll = self._rng, self._rng.random()
        if roll < 0.3:
            return self.city()
        if roll < 0.5:
            return self._pick("country_known")
        if roll < 0.72:
            return self._pick("region_known")
        if roll < 0.77:
            return f"{self._pick('region_pre')} {rng.choice((self.last, self.city))()}"
        if roll < 0.81:
            return f"{rng.choice((self.last, self.city, self.full))()} {self._pick('place_noun')}"
        if roll < 0.93:
            return f"{rng.choice((self.last, self.city, self.first))()} {self._pick('region_word')}"
        return f"{self.city()} {self._pick('place_noun')}"

    def work(self) -> str:
        """The title of a song, book or film."""
        rng, noun, adj = self._rng, self._names.lists["noun"], self._names.lists["adj"]
        one, two, three = rng.choice(noun), rng.choice(noun), rng.choice(adj)
        form = rng.choice(self._WORKS)
        name = self.last() if rng.random() < 0.5 else self.first()
        return form.format(
            one=one.title(), two=two.title(), adj=three.title(), name=name, job=self._pick("job").title()
        )

    _WORKS = (
        *(
            "{adj} {one}",
            "The {one}",
            "{one} and {two}",
            "The {adj} {one}",
            "{one}",
            "{one} of {two}",
            "The {one} of the {two}",
        ),
        *(
            "{adj} {adj} {one}",
            "Oh, Mr {name}!",
            "The {name} Story",
            "{one} in the {two}",
            "A {one} Like {two}",
            "{one} {two}",
        ),
        *("My {adj} {one}", "{job}'s {one}", "No {one} for {two}", "{name}'s {one}", "Best {one} {two}", "Miss {one}"),
    )

    def letters(self) -> str:
        return "".join(
            self._rng.choice("ABCDEFGHIKLMNOPRSTUVW") for _ in range(self._rng.choice((2, 3, 3, 3, 4, 4, 5)))
        )

    def coined(self) -> str:
        name = self._pick("orgstem") + self._pick("orgtail")
        return self._rng.choice((name.title(), name.title(), name.title(), name[:1].upper() + name[1:], name))

    def org(self) -> str:
        rng, roll = self._rng, self._rng.random()
        for share, form in self._ORGS:
            roll -= share
            if roll < 0:
                return form(self)
        return f"{rng.choice((self.last, self.city))()} {self._pick('org_noun')}"

    def _plain(self) -> str:
        return self._rng.choice(self._names.lists["adj"] + self._names.lists["noun"]).title()

    _ORGS: tuple[tuple[float, Callable[["Maker"], str]], ...] = (
        (0.16, lambda self: self._pick("org_known")),
        (0.07, lambda self: f"{self.last()} {self._pick('org_suffix')}"),
        (0.03, lambda self: f"{self.last()}, {self.last()} and {self.last()}"),
        (0.04, lambda self: f"{self.last()}-{self.last()}"),
        (0.03, lambda self: f"{self.last()} {self._rng.choice('&+')} {self.last()}"),
        (0.06, lambda self: f"{self.city()} {self._pick('team')}"),
        (0.04, lambda self: self._pick("team")),
        (0.07, lambda self: self.letters()),
        (0.05, lambda self: self.coined()),
        (0.05, lambda self: f"{self.coined()} {self._pick('org_suffix')}"),
        (0.03, lambda self: f"University of {self.city()}"),
        (
            0.02,
            lambda self: f"{self._rng.choice(('Bank', 'Church', 'Museum', 'Society', 'Institute'))} of {self.place()}",
        ),
        (0.02, lambda self: f"Department of {self._plain()} and {self._plain()}"),
        (0.02, lambda self: f"{self._pick('nat')} {self._plain()} {self._pick('org_noun')}"),
        (0.03, lambda self: f"{self._pick('nat')} {self._pick('org_noun')}"),
        (0.03, lambda self: f"{self._plain()} {self._pick('org_noun')}"),
        (0.02, lambda self: f"{self._plain()} {self._plain()} {self._pick('org_suffix')}"),
        (0.02, lambda self: f"The {self._plain()} {self._plain()}s"),
        (0.01, lambda self: f"{self._plain()} {self._plain()}"),
        (0.02, lambda self: f"{self.last()}'s"),
        (0.02, lambda self: self.last()),
        (0.005, lambda self: f"{self.first()[0]}{self.last()[0]} {self.last()}"),
        (0.005, lambda self: self.full()),
        (0.02, lambda self: f"{self.last()} {self._plain()}"),
        (0.02, lambda self: f"{self._plain()} {self.last()}"),
        (0.02, lambda self: f"{self.full()} {self._pick('org_noun')}"),
    )
