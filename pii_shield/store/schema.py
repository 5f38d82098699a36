"""The format of a vault in SQL: a list of migrations, of which none is ever edited after a release. No I/O.

Numbers of rows (`num`) only join tables; what a record means is bound to the token id, the scope's random id and
every other column, by the seal or the MAC at its end.
"""

from typing import Final

APPLICATION_ID: Final = 0x50494953
"""Marks the file as ours ("PIIS")."""

Migrations = tuple[tuple[str, ...], ...]

MIGRATIONS: Final[Migrations] = (
    (
        # One row. proof: key-check record, tells a wrong key from damage.
        """CREATE TABLE vault (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            id BLOB NOT NULL, created INTEGER NOT NULL, key_id TEXT NOT NULL, proof BLOB NOT NULL)""",
        """CREATE TABLE scope (
            num INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, id BLOB NOT NULL,
            key_version INTEGER NOT NULL, created INTEGER NOT NULL, wrapped BLOB NOT NULL)""",
        # sealed: the canonical form. blind: index of what links values, NULL when the identity ended.
        # changed: number of the last change within the scope, the cursor of recall.
        """CREATE TABLE identity (
            num INTEGER PRIMARY KEY, scope INTEGER NOT NULL,
            id TEXT NOT NULL, type TEXT NOT NULL, rule TEXT NOT NULL, blind BLOB, state TEXT NOT NULL,
            created INTEGER NOT NULL, expires INTEGER NOT NULL, changed INTEGER NOT NULL,
            spellings INTEGER NOT NULL, origins INTEGER NOT NULL,
            key_version INTEGER NOT NULL, sealed BLOB NOT NULL)""",
        "CREATE UNIQUE INDEX identity_id ON identity (scope, id)",
        "CREATE UNIQUE INDEX identity_blind ON identity (scope, blind)",
        "CREATE UNIQUE INDEX identity_changed ON identity (scope, changed)",
        "CREATE INDEX identity_expires ON identity (scope, expires) WHERE state = 'live'",
        """CREATE TABLE spelling (
            num INTEGER PRIMARY KEY, identity INTEGER NOT NULL,
            n INTEGER NOT NULL, kind TEXT NOT NULL, blind BLOB NOT NULL, created INTEGER NOT NULL,
            key_version INTEGER NOT NULL, sealed BLOB NOT NULL)""",
        "CREATE UNIQUE INDEX spelling_n ON spelling (identity, n)",
        "CREATE UNIQUE INDEX spelling_blind ON spelling (identity, blind)",
        """CREATE TABLE origin (
            identity INTEGER NOT NULL, server TEXT NOT NULL, role TEXT NOT NULL, first INTEGER NOT NULL,
            mac BLOB NOT NULL, PRIMARY KEY (identity, server)) WITHOUT ROWID""",
        """CREATE TABLE binding (
            scope INTEGER NOT NULL, name TEXT NOT NULL, fingerprint TEXT NOT NULL, first INTEGER NOT NULL,
            mac BLOB NOT NULL, PRIMARY KEY (scope, name)) WITHOUT ROWID""",
    ),
)
