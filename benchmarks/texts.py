"""Texts to measure with, made by Faker from a fixed seed: CRM records, mail, logs, and results with few values in them.

Every text is a JSON document, as a tool's result would be, or lines of a log. No value repeats more than life does:
names, streets and domains come from pools, numbers and mailboxes are made anew.
"""

import json
import random
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from faker import Faker

SEED = 20260101
LOCALES = ["en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL", "pt_BR", "sv_SE"]
POOL = 400


class Pools(NamedTuple):
    """Faker's values, POOL of each kind and locale."""

    first: list[str]
    last: list[str]
    street: list[str]
    city: list[str]
    company: list[str]
    sentences: list[str]
    domain: list[str]
    phone: list[str]
    iban: list[str]
    card: list[str]


@lru_cache(maxsize=1)
def pools() -> Pools:
    """The pools; made once, takes seconds."""
    fakes = [Faker(locale) for locale in LOCALES]
    for number, fake in enumerate(fakes):
        fake.seed_instance(SEED + number)
    each = POOL // 4
    every: Callable[[str], list[str]] = lambda kind: [str(getattr(f, kind)()) for f in fakes for _ in range(each)]  # noqa: E731
    return Pools(
        every("first_name"),
        every("last_name"),
        [text.replace("\n", ", ") for text in every("street_address")],
        every("city"),
        every("company"),
        [fakes[0].sentence(nb_words=14) for _ in range(POOL * 4)],
        every("domain_name"),
        [str(f.phone_number()) for f in fakes for _ in range(POOL)],
        every("iban"),
        [str(fakes[0].credit_card_number()) for _ in range(POOL * 2)],
    )


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isascii() and c.isalpha()) or "x"


class Maker:
    """Endless records of one random stream."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.pools = pools()

    def name(self) -> tuple[str, str]:
        return self.random.choice(self.pools.first), self.random.choice(self.pools.last)

    def mailbox(self, first: str, last: str) -> str:
        tail = self.random.choice(("", "", str(self.random.randrange(100))))
        return f"{_plain(first)}.{_plain(last)}{tail}@{self.random.choice(self.pools.domain)}"

    def phone(self) -> str:
        """One of Faker's numbers with its last four digits made anew."""
        digits = iter(f"{self.random.randrange(10_000):04}")
        turned = list(self.random.choice(self.pools.phone))
        places = [index for index, char in enumerate(turned) if char.isdigit()][-4:]
        for place in places:
            turned[place] = next(digits)
        return "".join(turned)

    def date(self, first: int = 1940, last: int = 2026) -> str:
        r = self.random
        return f"{r.randrange(first, last)}-{r.randrange(1, 13):02}-{r.randrange(1, 29):02}"

    def hexes(self, length: int) -> str:
        return f"{self.random.getrandbits(length * 4):0{length}x}"

    def ip(self) -> str:
        return ".".join(str(self.random.randrange(1, 255)) for _ in range(4))

    def sentences(self, count: int) -> str:
        return " ".join(self.random.choice(self.pools.sentences) for _ in range(count))

    def customer(self) -> dict[str, object]:
        """A CRM record: about a value every 60 characters."""
        first, last = self.name()
        r = self.random
        return {
            "id": r.randrange(10**6, 10**7),
            "uuid": "-".join(self.hexes(n) for n in (8, 4, 4, 4, 12)),
            "firstName": first,
            "lastName": last,
            "email": self.mailbox(first, last),
            "phone": self.phone(),
            "dateOfBirth": self.date(1940, 2005),
            "address": {"street": r.choice(self.pools.street), "city": r.choice(self.pools.city), "country": "DE"},
            "company": r.choice(self.pools.company),
            "iban": r.choice(self.pools.iban),
            "card": r.choice(self.pools.card),
            "ip": self.ip(),
            "createdAt": self.date(2015) + "T09:30:00Z",
            "balance": round(r.random() * 1000, 2),
            "tags": r.sample(["vip", "lead", "newsletter", "churned", "b2b", "trial"], 2),
            "note": f"{self.sentences(1)} Called {first} back on {self.phone()}.",
        }

    def mail(self) -> dict[str, object]:
        """A mail of a few paragraphs: headers, greeting, prose, signature."""
        (first, last), (other, name) = self.name(), self.name()
        body = "\n\n".join(self.sentences(self.random.randrange(3, 7)) for _ in range(self.random.randrange(2, 5)))
        signature = f"Best regards,\n{first} {last}\n{self.random.choice(self.pools.company)}\nTel. {self.phone()}"
        return {
            "id": self.hexes(16),
            "threadId": self.hexes(16),
            "date": self.date(2024) + "T08:15:00+02:00",
            "from": f"{first} {last} <{self.mailbox(first, last)}>",
            "to": f"{other} {name} <{self.mailbox(other, name)}>",
            "subject": self.sentences(1)[:60],
            "body": f"Hi {other},\n\n{body}\n\n{signature}\n",
        }

    def issue(self) -> dict[str, object]:
        """A result with few values: an issue, a document, a search hit; a value every 1,500 characters or so."""
        r = self.random
        record: dict[str, object] = {
            "id": r.randrange(10**5, 10**6),
            "node_id": self.hexes(12),
            "title": self.sentences(1)[:80],
            "state": r.choice(["open", "closed"]),
            "labels": r.sample(["bug", "feature", "docs", "api", "regression", "help wanted"], 2),
            "milestone": f"v{r.randrange(9)}.{r.randrange(20)}.{r.randrange(9)}",
            "created_at": self.date(2022) + "T10:00:00Z",
            "comments": r.randrange(40),
            "url": f"https://tracker.example/projects/{r.randrange(99)}/issues/{r.randrange(9999)}",
            "body": "\n\n".join(self.sentences(r.randrange(4, 9)) for _ in range(r.randrange(2, 6))),
        }
        if r.random() < 0.5:
            first, last = self.name()
            record["body"] = f"{record['body']}\n\nContact: {self.mailbox(first, last)}"
        return record

    def line(self) -> str:
        """A line of a web server's log, now and then with a user."""
        r = self.random
        user = f" user={_plain(r.choice(self.pools.first))}{r.randrange(99)}" if r.random() < 0.1 else ""
        path = f"/api/v{r.randrange(1, 4)}/{r.choice(['orders', 'items', 'users', 'carts'])}/{r.randrange(10**6)}"
        return (
            f"{self.date(2024)} {r.randrange(24):02}:{r.randrange(60):02}:{r.randrange(60):02},{r.randrange(1000):03} "
            f"{r.choice(['INFO', 'WARN', 'DEBUG'])} [worker-{r.randrange(16)}] {self.ip()} GET {path} "
            f"status={r.choice([200, 200, 200, 404, 500])} ms={r.randrange(900)} req={self.hexes(32)}{user}"
        )


def _records(make: Callable[[], dict[str, object]], size: int) -> Iterator[dict[str, object]]:
    made = 0
    while made < size:
        record = make()
        made += len(json.dumps(record, ensure_ascii=False).encode()) + 2
        yield record


def text(kind: str, size: int, seed: int = SEED) -> str:
    """A text of about `size` bytes: "crm", "mail" and "sparse" are JSON documents, "log" is lines."""
    maker = Maker(seed)
    if kind == "log":
        lines: list[str] = []
        made = 0
        while made < size:
            lines.append(maker.line())
            made += len(lines[-1]) + 1
        return "\n".join(lines)
    make = {"crm": maker.customer, "mail": maker.mail, "sparse": maker.issue}[kind]
    return json.dumps({"results": list(_records(make, size))}, ensure_ascii=False)


KINDS = ("crm", "mail", "sparse", "log")
