"""Profiles: which entity types are protected together, from `rules/profiles.toml`. Reads that one shipped file."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .entities import TYPES
from .errors import RuleError

FILE = "profiles.toml"
NAMES: tuple[str, ...] = ("default", "strict", "code", "hipaa", "pci", "gdpr", "secrets-only", "everything")
"""All profiles; here too so that a wrong name is refused without reading the file."""
NOT_PERSONAL = frozenset({"LITERAL", "OPAQUE"})
"""Types that every profile has: they keep messages intact and are found by no rule."""
_KEYS = frozenset({"about", "policy", "types", "like", "regulation", "every", "greedy"})


class Profile(NamedTuple):
    """One row of the table.

    Attributes:
        name: how configuration and commands call it.
        about: one sentence for people.
        policy: the release policy's row that it asks for.
        types: entity types that it protects, `NOT_PERSONAL` included.
        greedy: whether rules that are not for every day are used too.
    """

    name: str
    about: str
    policy: str
    types: frozenset[str]
    greedy: bool


def table(path: Path | None = None) -> dict[str, Profile]:
    """Every profile by name.

    Args:
        path: another file than the shipped one.

    Raises:
        RuleError: the file cannot be read or says something that makes no sense.
    """
    rows = _read(path or _shipped())
    return {
        name: Profile(name, row["about"], row["policy"], _types(name, rows), row.get("greedy", False))
        for name, row in rows.items()
    }


def _shipped() -> Path:
    here = Path(__file__).parent
    folder = here / "_rules"
    return (folder if folder.is_dir() else here.parent / "rules") / FILE


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RuleError(f"{path.name}: cannot be read: {type(error).__name__}") from None
    for name, row in rows.items():
        wrong = sorted(row.keys() - _KEYS) if isinstance(row, dict) else [name]
        if wrong or not {"about", "policy"} <= row.keys():
            raise RuleError(
                f"{path.name}: {name}: {f'unknown key {wrong[0]!r}' if wrong else 'about or policy is missing'}"
            )
    return rows


def _types(name: str, rows: Mapping[str, dict[str, Any]]) -> frozenset[str]:
    if name not in rows:
        raise RuleError(f"{FILE}: there is no profile {name!r}")
    row = rows[name]
    types = frozenset(row.get("types", ()))
    if unknown := sorted(types - TYPES.keys()):
        raise RuleError(f"{FILE}: {name}: unknown type {unknown[0]!r}")
    if "like" in row:
        types |= _types(row["like"], {other: content for other, content in rows.items() if other != name})
    if "regulation" in row:
        types |= {type_.name for type_ in TYPES.values() if getattr(type_, row["regulation"])}
    return types | NOT_PERSONAL | (TYPES.keys() if row.get("every") else frozenset())
