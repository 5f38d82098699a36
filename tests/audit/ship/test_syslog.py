"""Messages by the letter of RFC 5424, also of rows that somebody edited."""

import json

import pytest

from pii_shield.audit import event, read
from pii_shield.audit.event import Event
from pii_shield.audit.ship import syslog

from ..kit import CRM, protect, release
from .kit import frames, parse

HEAD = bytes(range(32))
LOG = "pii-shield-audit/0011223344556677"


def row(type_: str, **fields: object) -> read.RawRow:
    return 7, event.body(Event(type_, fields, 1_800_000_000.25), "0123456789ab").encode(), HEAD


def message(raw: read.RawRow, *, whole: bool = True) -> bytes:
    return syslog.message(raw, read.parsed(raw), "-", LOG, read.line_of(raw) if whole else b"")


def test_a_row_is_a_message_with_its_fields_as_structured_data() -> None:
    raw = row("release", **release())
    said = parse(message(raw))
    assert (said.facility, said.severity, said.host, said.app) == (13, 6, "-", "pii-shield")
    assert (said.time, said.proc, said.id) == ("2027-01-15T08:00:00.250000Z", "0123456789ab", "release")
    assert said.ours == {
        "seq": "7",
        "head": HEAD.hex(),
        "log": LOG,
        "direction": "out",
        "scope": "default",
        "server": "mailer#0f0f0f0f0f0f",
        "method": "tools/call",
        "tool": "send",
        "policy": "balanced@0123456789ab",
        "types": "EMAIL",
        "from": CRM,
        "to": "/to",
    }
    assert said.data["origin"]["software"] == "pii-shield"
    assert json.loads(said.text)["items"][0]["token"] == "7K2QF9M36"
    assert json.loads(said.text)["head"] == HEAD.hex()


@pytest.mark.parametrize(
    ("kind", "severity"), [("denial", 4), ("error", 4), ("observe", 4), ("policy", 5), ("stop", 6)]
)
def test_severity_tells_what_wants_a_look(kind: str, severity: int) -> None:
    where = {"scope": "default", "server": CRM, "direction": "in"}
    about: dict[str, dict] = {
        "observe": {**where, "counts": {"EMAIL": 2}},
        "stop": {},
        "denial": {**release(), "code": "PS603"},
        "error": {**where, "code": "PS500"},
        "policy": {"scope": "default", "server": CRM, "was": "a", "now": "b"},
    }
    assert parse(message(row(kind, **about[kind]))).severity == severity


def test_where_there_is_no_room_the_fields_go_alone_and_say_so() -> None:
    said = parse(message(row("protect", **protect()), whole=False))
    assert (said.text, said.ours["cut"], said.ours["counts"]) == ("", "1", "EMAIL:1")


def test_names_with_special_characters_are_escaped() -> None:
    name = 'a"b]c\\d ü'
    assert parse(message(row("protect", **protect(tool=name)))).ours["tool"] == name


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"[1]",
        b'{"type":"x y\\nz","at":"2027-01-01T00:00:00.000000Z<0>1 - - - - - -","writer":"a b"}',
        b'{"type":"release","at":7,"items":3,"counts":[],"writer":{}}',
        b'{"type":"release",\n"at":"2027-01-01T00:00:00.000000Z","tool":"x\\n<1>1 - - -","items":[{}]}',
        b'{"type":"' + b"x" * 500 + b'"}',
    ],
)
def test_an_edited_row_stays_one_message(body: bytes) -> None:
    raw = (7, body, HEAD)
    text = message(raw)
    if b"\xff" not in body:
        assert parse(text).seq == 7
    assert b"\n" not in text
    assert frames(b"%d %b" % (len(text), text)) == [text]
