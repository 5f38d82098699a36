"""Somebody edits the file but has no key: an error, never a wrong value, never wider rights."""

import contextlib
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from pii_shield.errors import UnknownToken, VaultError
from pii_shield.types import TokenRef
from pii_shield.vault.base import Vault

from .contract import SCOPE
from .kit import CRM, MAILER, Clock, email, grant, phone, sqlite_vault

FACTS = {
    "ann": email("ann"),
    "ANN": email("ann", "ANN@example.com"),
    "bob": email("bob"),
    "number": phone("number"),
}


Made = tuple[Path, dict[str, TokenRef]]


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A vault with two scopes, two origins, a grant and a binding, closed; and its tokens."""
    directory = tmp_path_factory.mktemp("pattern")
    vault = sqlite_vault(directory)
    refs = dict(zip(FACTS, vault.put(SCOPE, CRM, list(FACTS.values())), strict=True))
    vault.put(SCOPE, MAILER, [email("ann")])
    vault.open([grant(refs["bob"], MAILER)])
    vault.put("other", CRM, [email("ann")])
    vault.bind(SCOPE, "crm", "1a2b3c4d5e6f")
    vault.close()
    return directory, refs


@pytest.fixture
def made(pattern: Made, tmp_path: Path) -> Made:
    """A copy of it to spoil."""
    shutil.copytree(pattern[0], tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.ballast"))
    return tmp_path, pattern[1]


def edit(directory: Path, *statements: str) -> None:
    with contextlib.closing(sqlite3.connect(directory / "data" / "vault.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def columns(table: str) -> list[str]:
    from pii_shield.store.schema import MIGRATIONS

    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        for statement in MIGRATIONS[0]:
            connection.execute(statement)
        return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


UNBOUND = {"vault.one", "scope.num", "identity.num", "spelling.num"}
"""Numbers of rows, which only join tables: changing one makes the row somebody else's or nobody's (tested by swaps)."""
COLUMNS = [
    (table, column)
    for table in ("vault", "scope", "identity", "spelling", "origin", "binding")
    for column in columns(table)
    if f"{table}.{column}" not in UNBOUND
]
CHANGES: dict[str, str] = {
    "first byte": "CASE typeof({0}) WHEN 'blob' THEN CAST(X'FF' || substr({0}, 2) AS BLOB) "
    "WHEN 'text' THEN 'Z' || substr({0}, 2) ELSE {0} + 256 END",
    "last byte": "CASE typeof({0}) WHEN 'blob' THEN CAST(substr({0}, 1, length({0}) - 1) || X'00' AS BLOB) "
    "WHEN 'text' THEN substr({0}, 1, length({0}) - 1) || '!' ELSE {0} - 1 END",
    "not utf-8": "CASE typeof({0}) WHEN 'text' THEN CAST(X'FFFE' AS TEXT) ELSE {0} + 1 END",
    "another kind": "CASE typeof({0}) WHEN 'integer' THEN 'many' ELSE 3.5 END",
    "huge": "9223372036854775807",
}


def everything(directory: Path, refs: dict[str, TokenRef]) -> list[str]:
    """Use the vault in every way; the errors met. Any answer that it gives must be the truth."""
    errors = []

    def attempt(call: Callable[[], None]) -> None:
        try:
            call()
        except (VaultError, UnknownToken) as error:
            assert "@" not in str(error) and error.__cause__ is None
            errors.append(error.code)

    vault = sqlite_vault(directory)

    def opens(name: str) -> None:
        (secret,) = vault.open([grant(refs[name])])
        assert (secret.reveal(), secret.kind) == (FACTS[name].spelling, FACTS[name].kind)

    def looks(name: str) -> None:
        row = vault.look(SCOPE, [refs[name]])[0]
        if row is None:
            raise UnknownToken("")
        origins = {CRM, MAILER} if name in ("ann", "ANN") else {CRM}
        assert (row.type, row.origins, row.expired) == (FACTS[name].type, origins, False)
        assert row.granted == ({MAILER} if name == "bob" else set())

    def knows() -> None:
        known = vault.known(SCOPE, 0)[1]
        if {k.ref for k in known} != set(refs.values()):
            raise UnknownToken("")
        assert {k.spelling for k in known} == {value.spelling for value in FACTS.values()}

    def puts(name: str) -> None:
        (ref,) = vault.put(SCOPE, CRM, [FACTS[name]])
        if ref != refs[name]:
            raise UnknownToken("")

    def binds() -> None:
        if vault.bind(SCOPE, "crm", "ffffffffffff") != "1a2b3c4d5e6f":
            raise UnknownToken("")

    for name in FACTS:
        attempt(lambda name=name: opens(name))
        attempt(lambda name=name: looks(name))
    attempt(knows)
    attempt(binds)
    for name in FACTS:
        attempt(lambda name=name: puts(name))
    vault.close()
    return errors


def test_a_note_of_another_identity_is_refused(made: Made) -> None:
    directory, refs = made
    vault = sqlite_vault(directory)
    vault.note(SCOPE, {refs["ann"].id: "1", refs["bob"].id: "2"})
    vault.close()
    edit(directory, "UPDATE evidence SET sealed = (SELECT sealed FROM evidence ORDER BY n LIMIT 1)")
    vault = sqlite_vault(directory)
    with pytest.raises(VaultError):
        vault.noted(SCOPE, 1, refs["bob"].id)
    assert vault.noted(SCOPE, 1, refs["ann"].id) == [(refs["ann"].id, "1")]
    vault.close()


def test_an_untouched_vault_answers_everything(made: Made) -> None:
    assert everything(*made) == []


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_no_column_can_be_changed_unnoticed(made: Made, table: str, column: str, change: str) -> None:
    directory, refs = made
    expression = CHANGES[change].format(column)
    with contextlib.closing(sqlite3.connect(directory / "data" / "vault.db")) as connection, connection:
        connection.text_factory = bytes
        rows = connection.execute(f"SELECT rowid FROM {table}" if table in ("identity", "spelling") else "SELECT 1")
        condition = f"WHERE rowid = {rows.fetchone()[0]}" if table in ("identity", "spelling") else ""
        before = connection.execute(f"SELECT {column} FROM {table} {condition}").fetchall()
        try:
            connection.execute(f"UPDATE OR IGNORE {table} SET {column} = {expression} {condition}")
        except sqlite3.OperationalError:
            pytest.skip("SQLite does not let this be written")
        if connection.execute(f"SELECT {column} FROM {table} {condition}").fetchall() == before:
            pytest.skip("SQLite does not let this be written")
    assert everything(directory, refs)


@pytest.mark.parametrize(
    ("table", "column", "one", "other"),
    [
        ("spelling", "sealed", "num = 1", "num = 3"),  # ann and bob
        ("spelling", "sealed", "num = 1", "num = 2"),  # two spellings of ann
        ("spelling", "n", "num = 1", "num = 2"),
        ("spelling", "kind", "num = 3", "num = 4"),
        ("spelling", "identity", "num = 3", "num = 4"),
        ("spelling", "blind", "num = 1", "num = 3"),
        ("identity", "sealed", "num = 1", "num = 2"),
        ("identity", "id", "num = 1", "num = 2"),
        ("identity", "blind", "num = 1", "num = 2"),
        ("identity", "num", "num = 1", "num = 2"),
        ("identity", "num", "num = 2", "num = 3"),
        ("identity", "scope", "num = 1", "num = 4"),
        ("origin", "role", "identity = 1 AND server LIKE 'mailer%'", "identity = 2 AND server LIKE 'mailer%'"),
        ("origin", "mac", "identity = 1 AND server LIKE 'mailer%'", "identity = 2 AND server LIKE 'mailer%'"),
        ("scope", "num", "name = 'default'", "name = 'other'"),
        ("scope", "name", "name = 'default'", "name = 'other'"),
        ("scope", "wrapped", "name = 'default'", "name = 'other'"),
    ],
)
def test_rows_cannot_be_swapped_unnoticed(made: Made, table: str, column: str, one: str, other: str) -> None:
    directory, refs = made
    with contextlib.closing(sqlite3.connect(directory / "data" / "vault.db")) as connection, connection:
        first, second = (
            connection.execute(f"SELECT {column} FROM {table} WHERE {row}").fetchone()[0] for row in (one, other)
        )
        assert first != second
        connection.execute(f"CREATE TABLE swapped AS SELECT * FROM {table} WHERE {one} OR {other}")
        connection.execute(f"DELETE FROM {table} WHERE {one} OR {other}")
        connection.execute(
            f"UPDATE swapped SET {column} = CASE WHEN {one} THEN ?2 WHEN {other} THEN ?1 END", (first, second)
        )
        connection.execute(f"INSERT INTO {table} SELECT * FROM swapped")
        connection.execute("DROP TABLE swapped")
    assert everything(directory, refs)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM origin WHERE server LIKE 'mailer%' AND identity = 1",  # to make the CRM the sole origin
        "UPDATE origin SET role = 'granted' WHERE server LIKE 'mailer%' AND identity = 1",
        "INSERT INTO origin SELECT 3, server, role, first, mac FROM origin WHERE server LIKE 'mailer%' LIMIT 1",
        "DELETE FROM origin WHERE identity = 1",
        "DELETE FROM spelling WHERE num = 1",
        "DELETE FROM spelling WHERE num = 2",
        "DELETE FROM identity WHERE num = 1",
        "DELETE FROM scope",
        "DELETE FROM vault",
        "UPDATE identity SET scope = 2 WHERE num = 1",
    ],
)
def test_rows_cannot_be_removed_added_or_moved_unnoticed(made: Made, statement: str) -> None:
    edit(made[0], statement)
    assert everything(*made)


def test_a_row_of_another_vault_with_the_same_key_is_refused(made: Made) -> None:
    directory, refs = made
    other = sqlite_vault(directory, name="other.db")
    other.put(SCOPE, CRM, list(FACTS.values()))
    other.close()
    with contextlib.closing(sqlite3.connect(directory / "data" / "vault.db")) as connection, connection:
        connection.execute("ATTACH ? AS other", (str(directory / "data" / "other.db"),))
        connection.execute(
            "UPDATE scope SET wrapped = (SELECT wrapped FROM other.scope), id = (SELECT id FROM other.scope)"
        )
    assert "PS410" in everything(directory, refs)


def test_an_expired_row_cannot_be_brought_back(made: Made) -> None:
    directory, refs = made
    clock = Clock()
    clock.now *= 2
    vault = sqlite_vault(directory, clock)
    assert all(row and row.expired for row in vault.look(SCOPE, list(refs.values())))
    vault.close()
    edit(directory, "UPDATE identity SET state = 'live', expires = expires * 9")
    assert "PS410" in everything(directory, refs)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE origin SET role = 'granted' WHERE role = 'sent'",
        "UPDATE origin SET server = server || 'x'",
        "DELETE FROM origin WHERE server LIKE 'crm%'",
        "UPDATE spelling SET n = 9 WHERE n = 1",
        "UPDATE identity SET rule = 'other'",
    ],
)
@pytest.mark.parametrize(
    "use", [lambda vault: vault.known(SCOPE, 0), lambda vault: vault.put(SCOPE, CRM, list(FACTS.values()))]
)
def test_what_is_read_together_is_verified_too(made: Made, statement: str, use: Callable[[Vault], object]) -> None:
    edit(made[0], statement)
    with contextlib.closing(sqlite_vault(made[0])) as vault, pytest.raises(VaultError) as caught:
        use(vault)
    assert caught.value.code == "PS410"


def test_a_spelling_that_is_missing_is_noticed_when_all_are_told(made: Made) -> None:
    edit(made[0], "DELETE FROM spelling WHERE n = 1 AND identity = 1")
    with contextlib.closing(sqlite_vault(made[0])) as vault, pytest.raises(VaultError) as caught:
        vault.known(SCOPE, 0)
    assert caught.value.code == "PS410"
