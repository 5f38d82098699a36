"""Values for the person at the screen: in every form of a token, and only those that are there."""

from pathlib import Path

import pytest

from pii_shield import assemble, tokens
from pii_shield.errors import AuditError
from pii_shield.recorder import Item
from pii_shield.revealing import Revealer
from pii_shield.settings import Config
from pii_shield.types import TokenRef, Value

MAIL = "jane+1@example.com"


@pytest.fixture
def shown(tmp_path: Path) -> tuple[Revealer, TokenRef]:
    store = assemble.vault(Config(vault=tmp_path / "v.db"))
    (ref,) = store.put("default", "crm#1", [Value("EMAIL", MAIL, MAIL, "string", "test")])
    return Revealer(store, {"default": lambda _: None}), ref


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("[{}]", MAIL),
        ("{}", MAIL),
        (r"\[{}\]", MAIL),
        ("https://x.example/?to=%5B{}%5D", "https://x.example/?to=jane%2B1%40example.com"),
        ("&#91;{}&#93;", MAIL),
    ],
)
def test_a_token_is_shown_in_every_form(shown: tuple[Revealer, TokenRef], form: str, value: str) -> None:
    revealer, ref = shown
    assert revealer.reveal(form.format(tokens.write_bare("EMAIL", ref))) == value


def test_what_does_not_resolve_stays(shown: tuple[Revealer, TokenRef]) -> None:
    revealer, ref = shown
    text = f"[EMAIL_7K2QF9M36] [PHONE_{ref.id}] [EMAIL_{ref.id}~7] [note] plain"
    assert revealer.reveal(text) == text


def test_another_scope_sees_nothing(tmp_path: Path) -> None:
    store = assemble.vault(Config(vault=tmp_path / "v.db"))
    (ref,) = store.put("default", "crm#1", [Value("EMAIL", MAIL, MAIL, "string", "test")])
    token = tokens.write("EMAIL", ref)
    assert Revealer(store, {"other": lambda _: None}).reveal(token) == token


def test_every_release_to_the_person_is_on_record(tmp_path: Path) -> None:
    store = assemble.vault(Config(vault=tmp_path / "v.db"))
    (ref,) = store.put("default", "crm#1", [Value("EMAIL", MAIL, MAIL, "string", "test")])
    recorded: list[Item] = []
    Revealer(store, {"default": recorded.extend}).reveal(f"{tokens.write('EMAIL', ref)} {tokens.write('EMAIL', ref)} x")
    (row,) = store.look("default", [ref])
    assert row is not None
    assert row.granted == {"user"}
    assert [(item.ref, item.row.type) for item in recorded] == [(ref, "EMAIL")]


def test_what_cannot_be_put_on_record_is_not_shown(tmp_path: Path) -> None:
    store = assemble.vault(Config(vault=tmp_path / "v.db"))
    (ref,) = store.put("default", "crm#1", [Value("EMAIL", MAIL, MAIL, "string", "test")])

    def full(_: object) -> None:
        raise AuditError("the disk is full")

    with pytest.raises(AuditError):
        Revealer(store, {"default": full}).reveal(tokens.write("EMAIL", ref))
