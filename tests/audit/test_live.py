"""Every type of row is a line that people understand, without a value."""

import re
from datetime import date
from inspect import getsource

import pytest

from pii_shield import policy
from pii_shield.audit.event import KINDS
from pii_shield.audit.live import REASONS, line

TODAY = date(2026, 5, 31)
WHERE = {"at": "2026-05-31T12:00:00.000000Z", "scope": "s", "server": "crm#1a2b3c", "tool": "send", "direction": "out"}
ITEM = {"token": "7K2QF9M36", "type": "EMAIL", "from": ["shop#1"], "to": "/to", "whole": True}
ROWS = {
    "protect": (
        {"counts": {"EMAIL": 3, "PHONE": 1}, "withheld": 2},
        "EMAIL 3, PHONE 1 protected, 2 withheld",
    ),
    "observe": ({"counts": {"EMAIL": 1}}, "EMAIL 1 NOT PROTECTED, passed in the clear"),
    "release": ({"items": [ITEM, {**ITEM, "to": "/cc"}]}, "EMAIL 2 released to /to, /cc from shop"),
    "denial": ({"items": [ITEM], "code": "PS608"}, "EMAIL 1 DENIED: PS608, too many at once"),
    "error": ({"code": "PS500"}, "BLOCKED: PS500"),
    "policy": ({"was": "protected", "now": "off until 12:00"}, "policy: protected -> off until 12:00"),
    "start": ({"policy": "strict@1", "program": "1"}, "started, strict@1"),
    "client": ({"client": "Codex 1.2"}, "client Codex 1.2"),
    "forget": ({"token": "7K2QF9M36"}, "[7K2QF9M36] erased"),
    "stop": ({}, "stop"),
    "log": ({"log": "00", "key": "k"}, "log"),
    "lost": ({"of": "00", "rows": 3}, "lost 00 3"),
    "key": ({"was": "a", "now": "b"}, "key: a -> b"),
    "export": ({"format": "csv", "rows": 2}, "export 2 csv"),
    "prune": ({"preset": "gdpr", "rows": 2}, "prune 2 gdpr"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_type_of_row_has_its_words(kind: str) -> None:
    fields, words = ROWS[kind]
    assert line({**WHERE, "type": kind, **fields}, TODAY).endswith(f"  {words}")


def test_server_way_and_tool_stand_in_columns() -> None:
    said = line({**WHERE, "type": "error", "code": "PS500"}, TODAY)
    assert re.fullmatch(r"\d\d:\d\d:\d\d  crm           ->  send              BLOCKED: PS500", said)
    assert line({**WHERE, "type": "stop"}, date(2026, 8, 1)).startswith("2026-")


@pytest.mark.parametrize("row", [{}, {"type": "release"}, {"type": "protect", "counts": 3}, {"type": None, "at": "x"}])
def test_an_edited_row_is_a_line_too(row: dict) -> None:
    assert line(row, TODAY)


def test_nothing_drives_the_terminal() -> None:
    assert "\x1b" not in line({**WHERE, "type": "start", "policy": "\x1b[2J"}, TODAY)


def test_every_rule_of_the_release_policy_has_its_words() -> None:
    assert set(re.findall(r"PS6\d\d", getsource(policy))) == REASONS.keys()
