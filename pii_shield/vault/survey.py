"""Counts of a vault for people. Reads plain columns only: no value, nothing unsealed."""

from pathlib import Path

from ..store.database import Database, beside
from .base import VaultInfo
from .records import EXPIRED, LIVE
from .scopes import Scopes

_IDENTITIES = """SELECT scope.name, identity.type, identity.state, count(*) FROM identity
    JOIN scope ON scope.num = identity.scope GROUP BY 1, 2, 3 ORDER BY 1, 2"""
_SPELLINGS = """SELECT scope.name, sum(identity.spellings) FROM identity
    JOIN scope ON scope.num = identity.scope GROUP BY 1 ORDER BY 1"""


def nothing(path: Path, retention_days: float) -> VaultInfo:
    """Of a vault that is not there yet."""
    return VaultInfo(str(path), 0, "", "", 0, retention_days, {}, {}, {})


def survey(database: Database, scopes: Scopes, retention_days: float) -> VaultInfo:
    """What there is now."""
    live: dict[str, dict[str, int]] = {}
    expired: dict[str, int] = {}
    schema = database.version()
    with database.read() as connection:
        for scope, type_, state, count in connection.execute(_IDENTITIES):
            if state == LIVE:
                live.setdefault(scope, {})[type_] = count
            elif state == EXPIRED:
                expired[scope] = expired.get(scope, 0) + count
        spellings = dict(connection.execute(_SPELLINGS).fetchall())
    files = (database.path, beside(database.path, "-wal"))
    size = sum(file.stat().st_size for file in files if file.exists())
    return VaultInfo(
        str(database.path), schema, scopes.source, scopes.key_id, size, retention_days, live, expired, spellings
    )
