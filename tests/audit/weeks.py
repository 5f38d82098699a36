"""Weeks of a busy house, written by the real recorder into a real log: for reports, and to look at.

python tests/audit/weeks.py DIRECTORY [DAYS]     # then: pii-shield audit report --vault DIRECTORY/data/vault.db
"""

import random
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from pii_shield import tokens
from pii_shield.audit.event import stamp
from pii_shield.audit.log import Pace
from pii_shield.recorder import Item, Names, Recorder
from pii_shield.types import TokenRef, Value
from pii_shield.vault.base import Row
from pii_shield.wire.exchange import Request
from tests.audit.kit import open_log

FIRST = 1_772_409_600.0
"""2 March 2026, a Monday."""
DAY = 86_400.0
OLD, NEW = "balanced@3f0c9a71be22", "strict@b81d44e0a953"


class Source(NamedTuple):
    """A tool that sends personal data: how many values of which type in one answer, and how often a day."""

    server: str
    tool: str
    sends: Mapping[str, int]
    calls: int


class Use(NamedTuple):
    """A tool that is given values: of which type, into which argument, which share of what came that day."""

    server: str
    tool: str
    type: str
    to: str
    share: float
    whole: bool = True


SOURCES = (
    Source("crm#4a1f0c77d2e9", "get_customer", {"PERSON": 1, "EMAIL": 1, "PHONE": 1, "ADDRESS": 1, "DOB": 1}, 14),
    Source("crm#4a1f0c77d2e9", "search_customers", {"PERSON": 8, "EMAIL": 8, "PHONE": 8}, 5),
    Source("helpdesk#90be13aa5c04", "list_tickets", {"PERSON": 6, "EMAIL": 6}, 9),
    Source("helpdesk#90be13aa5c04", "get_ticket", {"PERSON": 2, "EMAIL": 2, "CREDIT_CARD": 1, "SECRET": 1}, 4),
    Source("billing#c2d8e14f7b60", "get_invoice", {"PERSON": 1, "IBAN": 1, "TAX_ID": 1, "ADDRESS": 1}, 7),
    Source("hr#7709fe3b12ad", "find_employee", {"PERSON": 1, "EMAIL": 1, "US_SSN": 1, "DOB": 1, "HEALTH_ID": 1}, 2),
    Source("github#e51a66c0d3f8", "get_issue", {"EMAIL": 1, "SECRET": 1}, 6),
)
USES = (
    Use("mailer#0d94b7c1e835", "send_mail", "EMAIL", "/to", 0.16),
    Use("mailer#0d94b7c1e835", "send_mail", "PERSON", "/body", 0.05, whole=False),
    Use("crm#4a1f0c77d2e9", "update_customer", "PHONE", "/phone", 0.07),
    Use("crm#4a1f0c77d2e9", "add_note", "EMAIL", "/email", 0.03),
    Use("helpdesk#90be13aa5c04", "reply", "EMAIL", "/requester", 0.08),
    Use("billing#c2d8e14f7b60", "pay", "IBAN", "/account", 0.5),
    Use("calendar#3be07721fa94", "create_event", "EMAIL", "/attendees/*", 0.04),
)
REFUSED = (
    Use("web#88f20d6ac91b", "fetch", "EMAIL", "/url", 0.01),
    Use("mailer#0d94b7c1e835", "send_mail", "US_SSN", "/body", 0.3, whole=False),
    Use("github#e51a66c0d3f8", "create_issue", "EMAIL", "/body", 0.01, whole=False),
)
CODES = {"web#88f20d6ac91b": "PS604", "mailer#0d94b7c1e835": "PS607", "github#e51a66c0d3f8": "PS603"}


class Slow:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.now = FIRST

    def __call__(self) -> float:
        self.now += 1e-4
        return self.now


class House:
    """The servers of a house, and what they know."""

    def __init__(self, directory: Path, seed: int) -> None:
        self.clock = Slow()
        self.chance = random.Random(seed)
        self.log = open_log(directory, self.clock, Pace(flush=60.0, rows=1000))
        self._people: dict[tuple[str, str], list[TokenRef]] = {}
        self._names = Names(str)
        self._recorders: dict[tuple[str, str], Recorder] = {}

    def recorder(self, server: str, policy: str) -> Recorder:
        if (server, policy) not in self._recorders:
            self._recorders[server, policy] = Recorder(self.log, self._names, "default", server, policy)
            self._recorders[server, policy].started("0.1.0")
        return self._recorders[server, policy]

    def value(self, server: str, kind: str) -> TokenRef:
        """One that is known already, or a new one."""
        known = self._people.setdefault((server, kind), [])
        if not known or self.chance.random() < 0.35:
            known.append(TokenRef(tokens.mint_id(8, self.chance.randrange)))
        return self.chance.choice(known[-400:])

    def answer(self, source: Source, policy: str) -> list[tuple[str, str, TokenRef]]:
        found = [(kind, self.value(source.server, kind)) for kind, many in source.sends.items() for _ in range(many)]
        values = {Value(kind, str(at), "", "string", "r"): (kind, ref) for at, (kind, ref) in enumerate(found)}
        request = Request("tools/call", {}, source.tool, "", True)
        withheld = int(self.chance.random() < 0.03)
        self.recorder(source.server, policy).protected(self._names, request, values, withheld, 0.004)
        return [(source.server, kind, ref) for kind, ref in found]

    def observe(self, source: Source, policy: str) -> None:
        request = Request("tools/call", {}, source.tool, "", True)
        self.recorder(source.server, policy).observed(self._names, request, source.sends, 0.004)

    def switch(self, server: str, hours: int) -> None:
        """Somebody switches a server off, lets something through, and switches it on again before its time."""
        until = f"off until {stamp(self.clock.now + hours * 3600)[:19]}Z"
        self.log.commit("policy", scope="*", server=server, was="protected", now=until)
        self.clock.now += 600
        label = "1 allowed, 0 denied @5d1e90c2b7aa"
        self.log.commit("policy", scope="default", server=server, was="nothing tuned", now=label)
        self.clock.now += 600
        self.log.commit("policy", scope="*", server=server, was=until, now="protected")
        self.log.commit("forget", scope="default", token="7K2QF9M36")
        self.log.commit("export", format="csv", rows=412)

    def pass_on(self, use: Use, given: Sequence[tuple[str, str, TokenRef]], policy: str, code: str = "") -> None:
        for origin, kind, ref in given:
            if kind != use.type or self.chance.random() > use.share:
                continue
            item = Item(ref, Row(kind, kind, frozenset({origin}), frozenset(), 1, False), use.to, use.whole)
            request = Request("tools/call", {}, use.tool, "", True)
            recorder = self.recorder(use.server, policy)
            if code:
                recorder.denied(self._names, request, "out", code, [item])
            else:
                recorder.released(self._names, request, [item], 0.002)


def write(directory: Path, days: int = 40, seed: int = 7, load: float = 1.0) -> None:
    """The log of so many days, in DIRECTORY/data/vault.db. One server is observed at first, the policy changes once."""
    house = House(directory, seed)
    for number in range(days):
        _day(house, number, NEW if number > days * 0.7 else OLD, load)
        if number == 3:
            house.switch(SOURCES[-1].server, 2)
    house.log.close()


def _day(house: House, number: int, policy: str, load: float) -> None:
    weekday = number % 7
    busy = load * (0.08 if weekday > 4 else 1.0) * (0.75 + 0.5 * house.chance.random())
    if weekday == 6 or number in (18, 19):  # nobody works
        return
    hour: Callable[[], float] = lambda: FIRST + number * DAY + 8 * 3600  # noqa: E731
    house.clock.now = hour()
    for source in SOURCES:
        for _ in range(round(source.calls * busy)):
            house.clock.now += house.chance.random() * 600
            if source.server.startswith("helpdesk") and number < 6:
                house.observe(source, policy)
                continue
            given = house.answer(source, policy)
            for use in USES:
                house.pass_on(use, given, policy)
            for use in REFUSED:
                house.pass_on(use, given, policy, CODES[use.server])
    house.log.flush()


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 40)
