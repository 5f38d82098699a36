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
    (
        # Random keys that belong to the vault as a whole, wrapped like the roots of scopes.
        """CREATE TABLE secret (
            name TEXT PRIMARY KEY, created INTEGER NOT NULL, wrapped BLOB NOT NULL) WITHOUT ROWID""",
        # The audit log. body: canonical JSON without any value; head: the chain up to and with this row. Nothing else
        # of a row is stored, so nothing else can be edited.
        "CREATE TABLE audit (seq INTEGER PRIMARY KEY, body TEXT NOT NULL, head BLOB NOT NULL)",
        # note: signed, in the C2SP layout. published: whether every second place has it.
        """CREATE TABLE audit_checkpoint (
            size INTEGER PRIMARY KEY, at TEXT NOT NULL, head BLOB NOT NULL, note TEXT NOT NULL,
            published INTEGER NOT NULL)""",
        # Up to where old rows were deleted for good, and the signed note about it.
        "CREATE TABLE audit_seal (size INTEGER PRIMARY KEY, at TEXT NOT NULL, head BLOB NOT NULL, note TEXT NOT NULL)",
        # n: how many spooled rows of a running process are in the log already.
        "CREATE TABLE audit_writer (id TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID",
        # What was last seen of a policy, a key, ...: changes become rows of the log.
        "CREATE TABLE audit_mark (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        # Against accidents, not against attackers.
        """CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit
            BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END""",
        """CREATE TRIGGER audit_holds BEFORE DELETE ON audit
            WHEN OLD.seq > (SELECT coalesce(max(size), 0) FROM audit_seal)
            BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END""",
        # For people with a database browser.
        """CREATE VIEW audit_log AS SELECT seq,
            json_extract(body, '$.at') AS at, json_extract(body, '$.type') AS type,
            json_extract(body, '$.direction') AS direction, json_extract(body, '$.server') AS server,
            json_extract(body, '$.scope') AS scope, json_extract(body, '$.method') AS method,
            json_extract(body, '$.tool') AS tool, json_extract(body, '$.code') AS code,
            json_extract(body, '$.counts') AS counts, json_extract(body, '$.tokens') AS tokens,
            json_extract(body, '$.items') AS items, json_extract(body, '$.policy') AS policy, body, hex(head) AS head
            FROM audit""",
    ),
    (
        # Where an identity was found last, for `pii-shield why`. sealed: rule, score, server, tool, place; never a
        # value. n: order of writing.
        """CREATE TABLE evidence (
            n INTEGER PRIMARY KEY, identity INTEGER NOT NULL UNIQUE,
            key_version INTEGER NOT NULL, sealed BLOB NOT NULL)""",
    ),
)
