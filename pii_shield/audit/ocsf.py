"""Rows as OCSF 1.8 events: what was protected as Data Security Finding (2006), all else as API Activity (6003). No I/O.

See https://schema.ocsf.io/1.8.0/. A finding counts what was found and never has a `value`; tokens are resources.
Written as text piece by piece, since a million rows are exported at once; what repeats is remembered.
"""

import json
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any, Final

from .. import __version__
from ..entities import TYPES, Sensitivity
from .event import FIELDS, seconds_of

VERSION: Final = "1.8.0"
_FINDING, _API = 2006, 6003
_CREATE, _OTHER = 1, 99
_INFORMATIONAL, _LOW = 1, 2
_SUCCESS, _FAILURE = 1, 2
_NEW, _RESOLVED = 1, 4
_CATEGORY: Final = {
    Sensitivity.FINANCIAL: 3,
    Sensitivity.GOVERNMENT: 2,
    Sensitivity.SECRET: 6,
}
_PERSONAL: Final = 1
_FAILED: Final = frozenset({"denial", "error"})
_FOUND: Final = frozenset({"protect", "observe"})
_MAPPED: Final = frozenset("counts tokens items direction method tool server scope code head".split())
_MORE: Final = FIELDS.keys() - _MAPPED
"""Fields that OCSF has no place for: they stand in `unmapped`."""
_SECOND: Final = 19
_MILLISECONDS: Final = slice(20, 23)
_NAMES: Final = 4096
_quoted: Final = encode_basestring
"""A text as JSON."""
_dumps: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def line(seq: int, row: dict[str, Any], head: str, log: str) -> str:
    """One row of the log named `log` as an event.

    Raises:
        KeyError, ValueError, TypeError, AttributeError: somebody edited it.
    """
    found = row["type"] in _FOUND
    about = _finding(seq, row) if found else _api(row)
    at = row["at"]
    more = "".join([f",{_quoted(name)}:{_dumps(row[name])}" for name in sorted(row.keys() & _MORE)])
    return (
        f'{about},"time":{_time(at[:_SECOND])}{int(at[_MILLISECONDS]):03d},'
        f'"metadata":{{{_metadata(log, found)},"uid":{_quoted(f"{log}/{seq}")},"sequence":{seq},'
        f'"original_time":{_quoted(at)}}},'
        f'"unmapped":{{"scope":{_name(row.get("scope", ""))},"writer":{_name(row.get("writer", ""))},'
        f'"head":"{head}"{more}}}}}'
    )


@lru_cache(maxsize=4)
def _time(second: str) -> int:
    return round(seconds_of(f"{second}.000000Z"))


@lru_cache(maxsize=4)
def _metadata(log: str, found: bool) -> str:
    product = {"name": "pii-shield", "vendor_name": "pii_shield", "version": __version__}
    profiles = [] if found else ["ai_operation"]
    return _dumps({"version": VERSION, "product": product, "profiles": profiles, "log_name": log})[1:-1]


@lru_cache(maxsize=_NAMES)
def _name(text: str) -> str:
    """A text that comes again and again, as JSON."""
    return _quoted(text)


def _finding(seq: int, row: dict[str, Any]) -> str:
    counts = row.get("counts", {})
    details = ",".join(f'{{"type":{_name(kind)},"count":{int(counts[kind])}}}' for kind in sorted(counts))
    resources = ",".join([f'{{"uid":{_quoted(token)},"type":"token"}}' for token in row.get("tokens", ())])
    uid = _quoted(f"{row.get('writer', '')}/{seq}")
    return (
        f'{{{_found(row["type"], frozenset(counts))},"discovery_details":[{details}]}},'
        f'"finding_info":{{"uid":{uid},{_titled(row["type"], tuple(sorted(counts)))}}},'
        f'"resources":[{resources}],'
        f'"src_endpoint":{{"name":{_name(row.get("server", ""))},'
        f'"svc_name":{_name(row.get("tool") or row.get("method", ""))}}}'
    )


@lru_cache(maxsize=_NAMES)
def _found(type_: str, kinds: frozenset[str]) -> str:
    """The beginning of a finding, which ends inside its `data_security`."""
    observed = type_ == "observe"
    fixed = _dumps(
        {
            **_class(_FINDING, "Data Security Finding", _CREATE),
            "severity_id": _LOW if observed else _INFORMATIONAL,
            "status_id": _NEW if observed else _RESOLVED,
            "data_security": {
                "detection_system_id": 2,  # DLP gateway
                "data_lifecycle_state_id": 2,  # in transit
                "category_id": _category(kinds),
                "confidentiality_id": 5,  # private
            },
        }
    )
    return fixed[1:-2]


@lru_cache(maxsize=_NAMES)
def _titled(type_: str, kinds: tuple[str, ...]) -> str:
    replaced = "Personal data replaced by tokens"
    title = "Personal data passed under observation" if type_ == "observe" else replaced
    return _dumps({"title": title, "types": list(kinds)})[1:-1]


def _class(class_uid: int, name: str, activity: int) -> dict[str, Any]:
    return {
        "class_uid": class_uid,
        "class_name": name,
        "category_uid": class_uid // 1000,
        "activity_id": activity,
        "type_uid": class_uid * 100 + activity,
    }


def _category(kinds: frozenset[str]) -> int:
    """Of the most sensitive type, as far as OCSF tells classes apart."""
    classes = {TYPES[kind].sensitivity for kind in kinds if kind in TYPES}
    return next((_CATEGORY[c] for c in _CATEGORY if c in classes), _PERSONAL)


def _api(row: dict[str, Any]) -> str:
    operation = row.get("tool") or row.get("method") or row["type"]
    known = _called(row["type"], row.get("server", "pii-shield"), operation, row.get("writer", ""), row.get("code", ""))
    return f'{known},"resources":[{",".join(map(_item, row.get("items", ())))}]'


@lru_cache(maxsize=_NAMES)
def _called(type_: str, server: str, operation: str, writer: str, code: str) -> str:
    """All of an API activity but its time and its tokens."""
    failed = type_ in _FAILED
    made: dict[str, Any] = {
        **_class(_API, "API Activity", _OTHER),
        "activity_name": type_,
        "severity_id": _LOW if failed else _INFORMATIONAL,
        "status_id": _FAILURE if failed else _SUCCESS,
        "actor": {"app_name": "mcp-client", "app_uid": writer},
        "api": {"operation": operation, "service": {"name": server}},
        "src_endpoint": {"name": "mcp-client", "uid": writer},
        "dst_endpoint": {"name": server},
        "message_context": {"ai_role_id": 3, "service": {"name": server}, "uid": writer},  # 3: tool
    }
    if code:
        made["status_code"] = code
    return _dumps(made)[:-1]


def _item(item: dict[str, Any]) -> str:
    """A token on its way; origins as labels."""
    return (
        f'{{"uid":{_quoted(item["token"])},"type":{_name(item["type"])},"name":{_name(item["to"])},'
        f'"labels":[{_labels(tuple(item["from"]))}]}}'
    )


@lru_cache(maxsize=_NAMES)
def _labels(servers: tuple[str, ...]) -> str:
    return ",".join(_quoted(f"origin:{server}") for server in servers)
