"""What people decided about findings: what passes, what is always protected, from which score on. No I/O.

    [[allow]]                    # passes; all keys of one entry must hold
    domain = "acme.example"
    server = "crm"
    [[deny]]                     # is always protected, whatever an [[allow]] says
    path = "/structuredContent/notes"
    type = "PERSON"
    [thresholds]                 # by entity type, by rule, or for all
    PHONE = 0.8
    [servers.crm]                # what is protected in what this server sends
    profile = "code"

A value in such a file is personal data itself. `pii-shield allow` writes keyed digests in its place.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from .. import profiles, reading
from ..detect.patterns import THRESHOLD
from ..entities import TYPES
from ..errors import ConfigError
from ..rules import MAX_WIDTH

Thresholds = Mapping[str, float]
"""By entity type or rule; "all" for every other."""
MAX_ENTRIES = 10_000


class Entry(NamedTuple):
    """One line of an allow or deny list. What is empty holds for everything; what is not must all hold.

    Attributes:
        server, tool: names.
        path: keys of a JSON place, "*" for any one of them; it holds for all that is below.
        type, rule: of the finding. For a deny list: the entity type that it becomes.
        value: the value in any spelling.
        digest: keyed digests of the value's canonical forms.
        domain: of mail and web addresses, with all below it.
        pattern: regular expression; allowed: the whole value, denied: anywhere in a text.
        added: since which day, if the file says so.
    """

    server: str = ""
    tool: str = ""
    path: tuple[str, ...] = ()
    type: str = ""
    rule: str = ""
    value: str = ""
    digest: frozenset[str] = frozenset()
    domain: str = ""
    pattern: re.Pattern[str] | None = None
    added: str = ""

    def __repr__(self) -> str:
        return "Entry(...)"


class Tuning(NamedTuple):
    """All of one file, or of several.

    Attributes:
        allow, deny: lists.
        thresholds: lowest score that counts, by (server, tool), either of them "" for any.
        types: entity types that are looked for, by server.
        locked: whether files that rank lower can only add to the deny list.
    """

    allow: tuple[Entry, ...] = ()
    deny: tuple[Entry, ...] = ()
    thresholds: Mapping[tuple[str, str], Thresholds] = MappingProxyType({})
    types: Mapping[str, frozenset[str]] = MappingProxyType({})
    locked: bool = False


def merged(user: Tuning, managed: Tuning) -> Tuning:
    """Both together; where they speak of the same the managed one counts."""
    if managed.locked:
        user = Tuning(deny=user.deny)
    return Tuning(
        user.allow + managed.allow,
        user.deny + managed.deny,
        {
            place: {**user.thresholds.get(place, {}), **managed.thresholds.get(place, {})}
            for place in (*user.thresholds, *managed.thresholds)
        },
        {**user.types, **managed.types},
        managed.locked,
    )


def _pointer(value: Any) -> tuple[str, ...]:
    if not reading.text(value).startswith("/"):
        raise ValueError('must be a JSON pointer such as "/customers/*/email"')
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in value[1:].split("/"))


def _type(value: Any) -> str:
    if value not in TYPES or value in profiles.NOT_PERSONAL:
        raise ValueError(f"unknown entity type; known are {', '.join(sorted(TYPES.keys() - profiles.NOT_PERSONAL))}")
    return str(value)


def _digests(value: Any) -> frozenset[str]:
    many = value if isinstance(value, list) else [value]
    if not many or not all(isinstance(one, str) and re.fullmatch(r"[0-9a-f]{32}", one) for one in many):
        raise ValueError("must be what `pii-shield allow` writes")
    return frozenset(many)


def _domain(value: Any) -> str:
    if not re.fullmatch(r"[\w-]+(?:\.[\w-]+)*", reading.text(value)):
        raise ValueError('must be a domain such as "acme.example"; everything below it is meant too')
    return str(value).lower()


def _pattern(value: Any) -> re.Pattern[str]:
    try:
        pattern = re.compile(reading.text(value))
    except re.error as error:
        raise ValueError(f"is not a regular expression (at its character {(error.pos or 0) + 1})") from None
    if pattern.match(""):
        raise ValueError("must not match an empty text")
    parser: Any = re._parser  # type: ignore[attr-defined]
    if parser.parse(value).getwidth()[1] > MAX_WIDTH:
        raise ValueError("must be bounded: write {0,64} instead of * and {1,64} instead of +")
    return pattern


_Read = Callable[[Any], Any]
_WHERE: Mapping[str, _Read] = {"server": reading.text, "tool": reading.text, "path": _pointer}
_WHAT: Mapping[str, _Read] = {"type": _type, "value": reading.text, "domain": _domain, "pattern": _pattern}
ALLOW_KEYS: Mapping[str, _Read] = {**_WHERE, **_WHAT, "rule": reading.text, "digest": _digests}
DENY_KEYS: Mapping[str, _Read] = {**_WHERE, **_WHAT}
_NOTES = frozenset({"note", "added"})
_SCORE = reading.between(THRESHOLD, 1.0, float)


def read(data: Mapping[str, Any], where: str) -> Tuning:
    """What the TOML of a file means. `where` names the file in errors.

    Raises:
        ConfigError: names the table, the entry's number and the key; quotes no value.
    """
    try:
        return _tuning(data)
    except ValueError as error:
        raise ConfigError(
            f"{where}: {error}", code="PS340", fix="correct it, or see `pii-shield allow --help`"
        ) from None


def _tuning(data: Mapping[str, Any]) -> Tuning:
    _known(data, ("allow", "deny", "thresholds", "servers", "locked"), "the file")
    servers = _table(data.get("servers", {}), "[servers]")
    thresholds = {("", ""): _thresholds(data.get("thresholds", {}), "[thresholds]")}
    types: dict[str, frozenset[str]] = {}
    for name, content in servers.items():
        server = _table(content, f"[servers.{name}]")
        _known(server, ("profile", "types", "thresholds", "tools"), f"[servers.{name}]")
        types |= _server_types(name, server)
        thresholds[name, ""] = _thresholds(server.get("thresholds", {}), f"[servers.{name}.thresholds]")
        for tool, settings in _table(server.get("tools", {}), f"[servers.{name}.tools]").items():
            place = f"[servers.{name}.tools.{tool}]"
            _known(_table(settings, place), ("thresholds",), place)
            thresholds[name, tool] = _thresholds(settings.get("thresholds", {}), place)
    return Tuning(
        _entries(data.get("allow", []), "allow", ALLOW_KEYS, _checked_allow),
        _entries(data.get("deny", []), "deny", DENY_KEYS, _checked_deny),
        {place: scores for place, scores in thresholds.items() if scores},
        types,
        _value("locked", reading.flag, data.get("locked", False)),
    )


def _server_types(name: str, server: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    if "types" in server:
        return {name: _value(f"[servers.{name}] types", reading.types, server["types"])}
    if "profile" in server:
        profile = _value(f"[servers.{name}] profile", reading.one_of(*profiles.NAMES), server["profile"])
        return {name: profiles.table()[profile].types}
    return {}


def _thresholds(content: Any, where: str) -> dict[str, float]:
    return {name: _value(f"{where} {name}", _SCORE, score) for name, score in _table(content, where).items()}


def _entries(rows: Any, kind: str, keys: Mapping[str, _Read], checked: Callable[[Entry], Entry]) -> tuple[Entry, ...]:
    if not isinstance(rows, list) or len(rows) > MAX_ENTRIES:
        raise ValueError(f"{kind} must be a list of at most {MAX_ENTRIES} tables: [[{kind}]]")
    found = []
    for number, row in enumerate(rows, 1):
        where = f"[[{kind}]] number {number}"
        _known(_table(row, where), (*keys, *_NOTES), where)
        fields = {key: _value(f"{where}: {key}", keys[key], value) for key, value in row.items() if key in keys}
        added = row["added"].isoformat()[:10] if isinstance(row.get("added"), date) else ""
        found.append(_value(where, checked, Entry(**fields, added=added)))
    return tuple(found)


def _checked_allow(entry: Entry) -> Entry:
    if not any(
        (entry.tool, entry.path, entry.type, entry.rule, entry.value, entry.digest, entry.domain, entry.pattern)
    ):
        raise ValueError('says nothing but a server: to let all of it through for a while, use mode = "observe"')
    return entry


def _checked_deny(entry: Entry) -> Entry:
    if not any((entry.path, entry.type, entry.value, entry.domain, entry.pattern)):
        raise ValueError("does not say what to protect: value, domain, pattern, path or type")
    by_type = not any((entry.path, entry.value, entry.domain, entry.pattern))
    if by_type and entry.tool:
        raise ValueError("a whole type is protected for a server, not for one of its tools; or name a path")
    return entry


def _table(content: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(content, dict):
        raise ValueError(f"{where} must be a table")
    return content


def _known(row: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
    if unknown := sorted(row.keys() - set(keys)):
        raise ValueError(f"unknown key {unknown[0]!r} in {where}; known are {', '.join(keys)}")


def _value(where: str, read_: _Read, value: Any) -> Any:
    try:
        return read_(value)
    except ValueError as error:
        raise ValueError(f"{where} {error}") from None
