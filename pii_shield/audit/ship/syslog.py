"""Rows as syslog messages (RFC 5424), with their fields as structured data. No I/O."""

import re
from collections.abc import Sequence
from typing import Any, Final

from ... import __version__
from ..read import RawRow

_AUDIT: Final = 13
"""The facility: log audit."""
_WARNING, _NOTICE, _INFORMATIONAL = 4, 5, 6
_SEVERITY: Final = {
    **dict.fromkeys(("denial", "error", "observe", "lost"), _WARNING),
    **dict.fromkeys(("policy", "key", "forget", "prune", "export"), _NOTICE),
}
_APP: Final = "pii-shield"
_OURS: Final = "pii_shield@32473"
"""Name of our structured data. The number is the one that RFC 5612 keeps for whoever has none of his own."""
_FIELDS: Final = ("direction", "scope", "server", "method", "tool", "code", "policy", "took", "was", "now")
_SPECIAL: Final = re.compile(r'(["\\\]])')
_VALUE_MAX: Final = 400
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\Z")
_ATOM: Final = re.compile(r"[!-~]{1,32}\Z")


def message(row: RawRow, data: dict[str, Any], host: str, log: str, text: bytes) -> bytes:
    """One message; `text` is the row as a line, or b"" where the transport has no room for it."""
    kind = str(data["type"])
    priority = _AUDIT * 8 + _SEVERITY.get(kind, _INFORMATIONAL)
    head = f"<{priority}>1 {_time(data.get('at'))} {host} {_APP} {_atom(data.get('writer'))} {_atom(kind)} "
    said = [("seq", str(row[0])), ("head", row[2].hex()), ("log", log), *_said(data)]
    if not text:
        said.append(("cut", "1"))
    structured = _element("origin", [("software", _APP), ("swVersion", __version__)]) + _element(_OURS, said)
    return b" ".join([(head + structured).encode(), *([text.replace(b"\n", b" ")] if text else [])])


# Rows are as the log checked them, unless somebody edited the file since: then no message may fall apart.


def _time(value: object) -> str:
    return value if isinstance(value, str) and _TIME.match(value) else "-"


def _atom(value: object) -> str:
    return value if isinstance(value, str) and _ATOM.match(value) else "-"


def _said(data: dict[str, Any]) -> list[tuple[str, str]]:
    try:
        items = data.get("items", ())
        lists = {
            "counts": [f"{kind}:{count}" for kind, count in data.get("counts", {}).items()],
            "types": sorted({item["type"] for item in items}),
            "from": sorted({server for item in items for server in item["from"]}),
            "to": sorted({item["to"] for item in items}),
        }
        plain = [(name, str(data[name])) for name in _FIELDS if name in data]
        return plain + [(name, " ".join(words)) for name, words in lists.items() if words]
    except (TypeError, KeyError, ValueError, AttributeError):
        return []


def _element(name: str, said: Sequence[tuple[str, str]]) -> str:
    pairs = "".join(f' {key}="{_text(value)}"' for key, value in said if value)
    return f"[{name}{pairs}]"


def _text(value: str) -> str:
    shown = "".join(c if c.isprintable() else "?" for c in value[:_VALUE_MAX])
    return _SPECIAL.sub(r"\\\1", shown)
