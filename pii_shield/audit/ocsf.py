"""Rows as OCSF 1.8 events: what was protected as Data Security Finding (2006), all else as API Activity (6003). No I/O.

See https://schema.ocsf.io/1.8.0/. A finding counts what was found and never has a `value`; tokens are resources.
"""

from functools import lru_cache
from typing import Any, Final

from .. import __version__
from ..entities import TYPES, Sensitivity
from .event import seconds_of

VERSION: Final = "1.8.0"
_PRODUCT: Final = {"name": "pii-shield", "vendor_name": "pii_shield", "version": __version__}
_FINDING, _API = 2006, 6003
_CREATE, _OTHER = 1, 99
_INFORMATIONAL, _LOW = 1, 2
_SUCCESS, _FAILURE = 1, 2
_CATEGORY: Final = {
    Sensitivity.FINANCIAL: 3,
    Sensitivity.GOVERNMENT: 2,
    Sensitivity.SECRET: 6,
}
_PERSONAL: Final = 1
_FAILED: Final = frozenset({"denial", "error"})


def event(row: dict[str, Any], head: str, log: str) -> dict[str, Any]:
    """One row of the log named `log` as an event."""
    made = _finding(row) if row["type"] in ("protect", "observe") else _api(row)
    class_uid, activity = made["class_uid"], made["activity_id"]
    time = round(seconds_of(row["at"]) * 1000)
    return {
        **made,
        "category_uid": class_uid // 1000,
        "type_uid": class_uid * 100 + activity,
        "time": time,
        "metadata": {
            "version": VERSION,
            "product": _PRODUCT,
            "profiles": ["ai_operation"] if class_uid == _API else [],
            "uid": f"{log}/{row['seq']}",
            "sequence": row["seq"],
            "log_name": log,
            "original_time": row["at"],
        },
        "unmapped": {"scope": row.get("scope", ""), "writer": row.get("writer", ""), "head": head, **_more(row)},
    }


def _more(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("policy", "took", "was", "now", "withheld", "preset", "rows") if name in row}


def _finding(row: dict[str, Any]) -> dict[str, Any]:
    counts = row.get("counts", {})
    observed = row["type"] == "observe"
    title = "Personal data passed under observation" if observed else "Personal data replaced by tokens"
    return {
        "class_uid": _FINDING,
        "class_name": "Data Security Finding",
        "activity_id": _CREATE,
        "severity_id": _LOW if observed else _INFORMATIONAL,
        "status_id": 1 if observed else 4,  # new, resolved
        "finding_info": {"uid": f"{row.get('writer', '')}/{row['seq']}", "title": title, "types": sorted(counts)},
        "data_security": {
            "detection_system_id": 2,  # DLP gateway
            "data_lifecycle_state_id": 2,  # in transit
            "category_id": _category(frozenset(counts)),
            "confidentiality_id": 5,  # private
            "discovery_details": [{"type": kind, "count": count} for kind, count in sorted(counts.items())],
        },
        "resources": [_resource(token, "") for token in row.get("tokens", ())],
        "src_endpoint": {"name": row.get("server", ""), "svc_name": row.get("tool") or row.get("method", "")},
    }


@lru_cache(maxsize=256)
def _category(kinds: frozenset[str]) -> int:
    """Of the most sensitive type, as far as OCSF tells classes apart."""
    classes = {TYPES[kind].sensitivity for kind in kinds if kind in TYPES}
    return next((_CATEGORY[c] for c in _CATEGORY if c in classes), _PERSONAL)


def _resource(token: str, kind: str) -> dict[str, Any]:
    return {"uid": token, "type": kind or "token"}


def _api(row: dict[str, Any]) -> dict[str, Any]:
    failed = row["type"] in _FAILED
    server = row.get("server", "pii-shield")
    operation = row.get("method") or row["type"]
    made: dict[str, Any] = {
        "class_uid": _API,
        "class_name": "API Activity",
        "activity_id": _OTHER,
        "activity_name": row["type"],
        "severity_id": _LOW if failed else _INFORMATIONAL,
        "status_id": _FAILURE if failed else _SUCCESS,
        "actor": {"app_name": "mcp-client", "app_uid": row.get("writer", "")},
        "api": {"operation": row.get("tool") or operation, "service": {"name": server}},
        "src_endpoint": {"name": "mcp-client", "uid": row.get("writer", "")},
        "dst_endpoint": {"name": server},
        "resources": [_item(item) for item in row.get("items", ())],
        "message_context": {
            "ai_role_id": 3,  # tool
            "service": {"name": server},
            "uid": row.get("writer", ""),
        },
    }
    if "code" in row:
        made["status_code"] = row["code"]
    return made


def _item(item: dict[str, Any]) -> dict[str, Any]:
    """A token on its way; origins as labels."""
    resource = _resource(item["token"], item["type"])
    return {**resource, "name": item["to"], "labels": [f"origin:{server}" for server in item["from"]]}
