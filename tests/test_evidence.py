"""Where a value was found is noted in the background, rarely, and without the value."""

from collections.abc import Callable

import pytest

from pii_shield.errors import VaultError
from pii_shield.evidence import AGAIN, Evidence, Notebook, dumps, loads, pointer
from pii_shield.types import Finding, Leaf, Value
from pii_shield.vault.memory import MemoryVault

SCOPE, SERVER = "default", "crm#1"


class Desk:
    """A vault with one identity, a notebook, and time that passes when told to."""

    def __init__(self) -> None:
        ids = iter(f"AAAA0000{n}" for n in range(1, 9))
        self.vault = MemoryVault(lambda: next(ids))
        self.now = 1000.0
        self.due: list[Callable[[], None]] = []
        self.book = Notebook(self.vault, SCOPE, SERVER, lambda: self.now, self.later)

    def later(self, _: float, work: Callable[[], None]) -> Callable[[], None]:
        self.due.append(work)
        return lambda: self.due.remove(work)

    def put(self, name: str) -> str:
        return self.vault.put(SCOPE, SERVER, [Value("EMAIL", name, name, "string", "email")])[0].id

    def note(self, *ids: str, tool: str = "search", path: tuple[str | int, ...] = ("people", 3, "email")) -> None:
        leaf, finding = Leaf("jane@acme.example", path), Finding("EMAIL", 0, 17, 0.95, "email")
        self.book.note(tool, [(token_id, leaf, finding) for token_id in ids])

    def run(self) -> None:
        due, self.due = self.due, []
        for work in due:
            work()

    def noted(self) -> list[tuple[str, Evidence]]:
        return [(token_id, loads(text)) for token_id, text in self.vault.noted(SCOPE, 99)]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_note_says_rule_score_server_tool_and_place(desk: Desk) -> None:
    ann = desk.put("ann")
    desk.note(ann)
    assert desk.noted() == []
    desk.run()
    assert desk.noted() == [(ann, Evidence("email", 0.95, SERVER, "search", "/people/*/email", 1000.0))]
    assert "acme" not in desk.vault.noted(SCOPE, 9)[0][1]


def test_notes_gather_and_are_written_together(desk: Desk) -> None:
    ann, bob = desk.put("ann"), desk.put("bob")
    desk.note(ann)
    desk.note(bob, ann)
    assert len(desk.due) == 1
    desk.run()
    assert [token_id for token_id, _ in desk.noted()] == [bob, ann]


def test_the_same_place_is_noted_again_only_after_a_while(desk: Desk) -> None:
    ann = desk.put("ann")
    desk.note(ann)
    desk.run()
    desk.now += AGAIN
    desk.note(ann)
    assert desk.due == []
    desk.now += 1
    desk.note(ann)
    desk.run()
    assert desk.noted()[0][1].at == desk.now


def test_another_place_is_news(desk: Desk) -> None:
    ann = desk.put("ann")
    desk.note(ann)
    desk.note(ann, tool="list")
    desk.run()
    assert desk.noted()[0][1].tool == "list"


def test_places_that_take_turns_are_no_news(desk: Desk) -> None:
    """A value in the text and in the structured part of each result."""
    ann = desk.put("ann")
    places = ("content", 0, "text"), ("structuredContent", "email")
    for path in places:
        desk.note(ann, path=path)
    desk.run()
    for path in places:
        desk.note(ann, path=path)
    assert desk.due == []


def test_closing_writes_what_waits(desk: Desk) -> None:
    ann = desk.put("ann")
    desk.note(ann)
    desk.book.close()
    assert [token_id for token_id, _ in desk.noted()] == [ann]
    assert desk.due == []
    desk.book.close()


def test_a_vault_that_cannot_take_notes_loses_them_and_nothing_else(desk: Desk) -> None:
    desk.note(desk.put("ann"))
    desk.vault.close()
    desk.run()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ((), ""),
        (("a", 0, "b"), "/a/*/b"),
        (("jane@acme.example",), "/*"),
        (("x" * 65,), "/*"),
        (("acct4111111111111111",), "/*"),
        (("a/b",), "/*"),
    ],
)
def test_places_repeat_no_index_and_no_key_that_could_be_a_value(path: tuple[str | int, ...], said: str) -> None:
    assert pointer(path) == said


def test_notes_of_a_newer_program_are_read_as_far_as_they_are_known() -> None:
    one = Evidence("email", 0.95, SERVER, "", "/a", 1.0)
    assert loads(dumps(one)) == loads(dumps(one)[:-1] + ', "more"]') == one
    for text in ("{}", "[1]"):
        with pytest.raises(VaultError):
            loads(text)


def test_without_a_stand_in_a_thread_writes(desk: Desk) -> None:
    ann = desk.put("ann")
    book = Notebook(desk.vault, SCOPE, SERVER, lambda: 1.0)
    book.note("", [(ann, Leaf("x"), Finding("EMAIL", 0, 1, 1.0, "email"))])
    book.close()
    assert len(desk.noted()) == 1
