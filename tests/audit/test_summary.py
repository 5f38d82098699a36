"""One screen: it fits, it adds up, and what somebody wrote into a log does not drive the terminal."""

from pathlib import Path

from pii_shield.audit import read, summary
from tests.audit import weeks
from tests.audit.kit import db, protect, release

AT = "2026-03-02T08:00:00.000000Z"
EVIL = "\x1b[31m\u202e<b>" + "x" * 300


def described(rows: list[dict]) -> list[str]:
    return summary.describe(summary.summarise(rows), "")


def test_weeks_fit_on_one_screen_and_add_up(tmp_path: Path) -> None:
    weeks.write(tmp_path, days=30)
    log = read.source(db(tmp_path))
    rows = [data for _, data in read.rows(log)]
    log.close()
    figures = summary.summarise(rows)
    lines = summary.describe(figures, rows[-1]["at"])
    assert len(lines) <= 36
    assert max(map(len, lines)) <= 80
    data = summary.data(figures)
    protected = sum(sum(row["counts"].values()) for row in rows if row["type"] == "protect")
    assert sum(data["found"].values()) == sum(day["protected"] for day in data["days"]) == protected
    assert sum(data["released"].values()) == data["rows"]["release"] > 0, "one token a row here"
    text = "\n".join(lines)
    assert f"{protected:,}" in text
    assert "UNPROTECTED" in text
    assert "PS604" in text and "carry" in text


def test_names_of_others_do_not_drive_the_terminal() -> None:
    rows = [
        {"at": AT, "type": "protect", **protect(server=EVIL, tool=EVIL), "seq": 1},
        {"at": AT, "type": "release", **release(server=EVIL, tool=EVIL), "seq": 2},
        {"at": AT, "type": "denial", **release(server=EVIL), "code": EVIL, "seq": 3},
        {"at": EVIL, "type": EVIL, "seq": 4},
        {"at": AT, "type": "protect", "counts": [1], "items": 3, "seq": 5},
    ]
    shown = [*described(rows), *map(summary.line, rows)]
    assert all(char.isprintable() for line in shown for char in line)
    assert max(map(len, described(rows))) <= 80
    assert "unreadable" in "\n".join(shown)


def test_servers_of_one_name_are_told_apart() -> None:
    rows = [{"at": AT, "type": "protect", **protect(server=f"crm#{n}23456789012")} for n in (1, 2)]
    text = "\n".join(described(rows))
    assert "crm#1" in text and "crm#2" in text


def test_nothing_is_said_in_words() -> None:
    assert described([]) == ["nothing happened in this time"]
    assert "none" in "\n".join(described([{"at": AT, "type": "start", "server": "crm#1", "program": "0.1"}]))
