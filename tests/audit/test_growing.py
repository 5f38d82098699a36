"""A live view loses no row and shows none twice, while rows come, are pruned, and the file is replaced."""

import os
from pathlib import Path

import pytest

from pii_shield.audit.filters import Filter
from pii_shield.audit.growing import PATIENCE, Growing
from pii_shield.audit.log import Log
from pii_shield.errors import AuditError

CALL = {"scope": "s", "server": "crm#1", "direction": "in", "code": "PS500"}


def log(path: Path) -> Log:
    return Log(path, lambda: bytes(32), os.urandom)


def seen(view: Growing) -> list[str]:
    return [row["type"] for row in view.more()]


def test_rows_come_once_and_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "v.db"
    view = Growing(path, Filter())
    assert not view.is_there
    assert view.last(5) == [] and seen(view) == []
    writer = log(path)
    writer.commit("error", **CALL)
    assert view.is_there
    assert seen(view) == ["log", "error"]
    assert seen(view) == []
    writer.commit("export", format="csv", rows=1)
    assert seen(view) == ["export"]
    writer.close()
    assert seen(view) == ["stop"]
    view.close()


@pytest.mark.parametrize("n", [0, 1, 2, 3, 100])
def test_the_last_rows_then_only_new_ones(tmp_path: Path, n: int) -> None:
    path = tmp_path / "v.db"
    writer = log(path)
    writer.commit("error", **CALL)
    writer.commit("export", format="csv", rows=1)
    for which, all_of_them in ((Filter(), ["log", "error", "export"]), (Filter(servers=frozenset({"crm"})), ["error"])):
        view = Growing(path, which)
        assert [row["type"] for row in view.last(n)] == (all_of_them[-n:] if n else [])
        assert seen(view) == []
        view.close()
    writer.close()


def test_a_filter_holds_for_new_rows_too(tmp_path: Path) -> None:
    path = tmp_path / "v.db"
    writer = log(path)
    view = Growing(path, Filter(servers=frozenset({"crm"})))
    writer.commit("error", **{**CALL, "server": "mailer#2"})
    writer.commit("error", **CALL)
    assert [row["server"] for row in view.more()] == ["crm#1"]
    view.close()
    writer.close()


def test_another_file_under_the_same_name_is_read_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "v.db"
    for name in ("v.db", "new.db"):
        writer = log(tmp_path / name)
        writer.commit("error", **CALL)
        writer.close()
    view = Growing(path, Filter())
    assert len(view.last(100)) == 3
    (tmp_path / "new.db").replace(path)
    assert seen(view) == ["log", "error", "stop"]
    path.unlink()
    assert seen(view) == []
    view.close()


def test_a_file_that_is_no_log_is_an_error_and_one_that_just_came_has_some_time(tmp_path: Path) -> None:
    path = tmp_path / "v.db"
    path.write_text("no log")
    view = Growing(path, Filter())
    with pytest.raises(AuditError):
        view.last(1)
    assert [seen(view) for _ in range(PATIENCE)] == [[]] * PATIENCE
    with pytest.raises(AuditError):
        seen(view)
    path.unlink()
    writer = log(path)
    writer.commit("error", **CALL)
    assert seen(view) == ["log", "error"]
    view.close()
    writer.close()
