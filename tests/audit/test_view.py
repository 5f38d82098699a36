"""The view `audit_log`: for people with a database browser, such as Datasette, that only reads."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from pii_shield.audit import read
from tests.audit import weeks
from tests.audit.kit import db


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("view")
    weeks.write(directory, days=3)
    return db(directory)


def browse(path: Path, query: str) -> list[tuple]:
    """As a browser opens it: read-only."""
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


def test_the_view_has_every_row_with_a_column_a_field(path: Path) -> None:
    log = read.source(path)
    rows = [data for _, data in read.rows(log)]
    log.close()
    columns = [column[1] for column in browse(path, "PRAGMA table_info(audit_log)")]
    assert columns[:5] == ["seq", "at", "type", "direction", "server"]
    found = browse(path, "SELECT seq, at, type, server, tool FROM audit_log ORDER BY seq")
    assert found == [(r["seq"], r["at"], r["type"], r.get("server"), r.get("tool")) for r in rows]


def test_questions_of_officers_are_answered_by_sql(path: Path) -> None:
    ((refused,),) = browse(path, "SELECT count(*) FROM audit_log WHERE type = 'denial' AND code = 'PS604'")
    each = "SELECT json_extract(value, '$.type') AS kind FROM audit_log l, json_each(items) WHERE l.type = 'release'"
    by_type = browse(path, f"SELECT kind, count(*) FROM ({each}) GROUP BY 1")
    ((emails,),) = browse(path, "SELECT sum(json_extract(counts, '$.EMAIL')) FROM audit_log WHERE type = 'protect'")
    assert refused > 0 and emails > 0
    assert dict(by_type)["EMAIL"] > 0


@pytest.mark.parametrize(
    "query", ["DELETE FROM audit", "UPDATE audit SET body = '{}'", "INSERT INTO audit VALUES (1, '{}', x'')"]
)
def test_who_only_reads_changes_nothing(path: Path, query: str) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        browse(path, query)
