"""Counting: the same as a slow and simple count, and nothing that a log can hold stops it."""

from collections import Counter
from pathlib import Path

import pytest

from pii_shield.audit import read
from pii_shield.audit.filters import Filter
from pii_shield.audit.report import changes, collect
from pii_shield.audit.report.tally import by, by_type, total
from tests.audit.kit import CRM, MAILER, TOKEN, protect, release

from .kit import AT, protect_row, release_row, report, report_of, row


def all_rows(path: Path) -> list[dict]:
    log = read.source(path)
    try:
        return [data for _, data in read.rows(log)]
    finally:
        log.close()


def test_the_figures_are_those_of_a_simple_count(fortnight: Path) -> None:
    figures, rows = report_of(fortnight).figures, all_rows(fortnight)
    protected, released, flows = Counter(), Counter(), Counter()
    for data in rows:
        if data["type"] == "protect":
            protected.update(data["counts"])
        for item in data.get("items", ()) if data["type"] == "release" else ():
            released[data["server"], data["tool"], item["type"]] += 1
            flows.update((origin, data["server"]) for origin in item["from"])
    assert by_type(figures.protected) == dict(protected)
    assert {key: span.count for key, span in figures.released.items()} == dict(released)
    assert by(figures.flows, 0, 1) == dict(flows)
    assert figures.rows == Counter(data["type"] for data in rows)
    assert sum(sum(day.protected.values()) for day in figures.days.values()) == total(figures.protected)
    assert total(figures.refused) == figures.rows["denial"] > 0
    assert total(figures.observed) > 0
    assert figures.unreadable == 0
    assert (figures.first, figures.last) == (rows[0]["at"], rows[-1]["at"])


def test_what_was_counted_is_what_was_verified(fortnight: Path) -> None:
    found = report_of(fortnight)
    assert found.verdict.is_sound
    assert found.verdict.rows == sum(found.figures.rows.values())


def test_a_time_and_a_server_narrow_the_figures_but_not_the_verdict(fortnight: Path) -> None:
    whole = report_of(fortnight)
    which = Filter(since="2026-03-05T00:00:00.000000Z", until="2026-03-06T00:00:00.000000Z", servers=frozenset({"crm"}))
    part = report_of(fortnight, which)
    assert set(part.figures.days) == {"2026-03-05"}
    assert {key[0] for key in part.figures.protected} == {"crm#4a1f0c77d2e9"}
    assert 0 < total(part.figures.protected) < total(whole.figures.protected)
    assert part.verdict.rows == whole.verdict.rows


@pytest.mark.parametrize(
    "body",
    [
        "no json",
        "[1]",
        "[" * 100_000,
        '{"at":1}',
        row("protect"),
        row("protect", at="yesterday", **protect()),
        row("protect", at="2026-13-45T00:00:00.000000Z", **protect()),
        protect_row(counts=[1]),
        protect_row(counts={"EMAIL": -1}),
        protect_row(counts={"EMAIL": 10**400}),
        protect_row(counts={"EMAIL": True}),
        protect_row(counts={"<b>": 1}),
        protect_row(tokens=[1]),
        protect_row(tokens=7),
        protect_row(server=["a"]),
        protect_row(server={"a": 1}),
        protect_row(tool=["x"]),
        protect_row(withheld="many"),
        release_row(items="abc"),
        release_row(items=[{"type": "EMAIL"}]),
        release_row(items=[{"type": "EMAIL", "token": 1, "from": [CRM], "to": "/", "whole": True}]),
        release_row(items=[{"type": "EMAIL", "token": TOKEN, "from": [[]], "to": "/", "whole": True}]),
        row("denial", **{**release(), "code": []}),
        row("start", server=1, program={}),
        row("client"),
        row(["list"]),
    ],
)
def test_a_row_that_somebody_edited_is_counted_and_stops_nothing(body: str) -> None:
    found = report([protect_row(), body, release_row()])
    assert found.figures.unreadable == 1
    assert total(found.figures.released) >= 1
    assert found.verdict.rows == 3


def test_rows_of_a_type_from_a_later_version_are_counted_by_type_only() -> None:
    found = report([row("telepathy", server=CRM)])
    assert found.figures.rows == {"telepathy": 1}
    assert found.figures.unreadable == 0


def test_names_without_number_take_bounded_memory_and_lose_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect, "MAX_PLACES", 10)
    monkeypatch.setattr(collect, "MAX_DAYS", 5)
    figures = report(protect_row(tool=f"tool_{n}") for n in range(50)).figures
    assert len(figures.protected) <= 12
    assert total(figures.protected) == 50
    figures = report(protect_row(at=f"20{n:02d}-01-01T00:00:00.000000Z") for n in range(50)).figures
    assert len(figures.days) == 5
    assert figures.unreadable == 45


def test_changes_are_listed_as_text_whatever_they_hold() -> None:
    events = report([row("policy", server=CRM, was={"a": 1}, now="x" * 1000)]).figures.events
    assert events[0].what == {"server": CRM, "was": "{'a': 1}", "now": "x" * 200}
    assert events[0].at == AT
    many = report(row("policy", server=MAILER, was="a", now="b") for _ in range(1500)).figures.events
    assert len(many) == collect.MAX_EVENTS


def test_rows_of_changes_are_told_apart() -> None:
    labels = [
        ("balanced@0123", "strict@4567"),
        ("nothing tuned", "1 allowed, 0 denied @ab"),
        ("off until 2026-03-02T10:00:00Z", "protected"),
    ]
    events = report(row("policy", server=CRM, was=was, now=now) for was, now in labels).figures.events
    assert [changes.kind_of(event) for event in events] == ["policy", "tuning", "off"]
    assert changes.kind_of(collect.Event(AT, "key", {})) == "key"


def test_a_server_is_off_until_it_was_switched_on_again_or_its_time_was_over() -> None:
    def switch(hour: int, now: str, server: str = CRM) -> str:
        was = "protected" if now.startswith("off") else "off until 2026-03-02T12:00:00Z"
        return row("policy", f"2026-03-02T{hour:02d}:00:00.000000Z", server=server, was=was, now=now)

    rows = [
        switch(8, "off until 2026-03-02T12:00:00Z"),
        switch(9, "off until 2026-03-02T10:00:00Z", MAILER),
        switch(11, "protected"),
        switch(13, "protected", MAILER),
        switch(14, "off until 2026-03-02T16:00:00Z"),
        switch(15, "off until 2026-03-02T17:00:00Z"),
    ]
    times = [
        (time.server, time.begin[11:13], time.end[11:13]) for time in changes.off_times(report(rows).figures.events)
    ]
    assert times == [(CRM, "08", "11"), (MAILER, "09", "10"), (CRM, "14", "15"), (CRM, "15", "17")]
