"""Answers of many servers as one. No I/O."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .... import __version__
from ....errors import WireError
from ....jsontext import quote
from ....wire.members import Member, elements, members
from ....wire.reshape import INSTRUCTIONS

LEGACY_VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
SERVER_INFO = "io.modelcontextprotocol/serverInfo"
_NAMED = f'{{"name":"pii_shield","version":{quote(__version__)}}}'
_FORWARDED = frozenset({"tools", "prompts", "resources", "logging", "completions", "tasks", "extensions"})
_EXTENSIONS = frozenset({"io.modelcontextprotocol/ui", "io.modelcontextprotocol/tasks"})
"""Those whose methods and messages find their way through here."""
_LISTS = ("tools", "prompts", "resources")


class Answered(NamedTuple):
    """A server's answer."""

    server: str
    message: bytes

    def result(self) -> tuple[str, dict[str, Member]] | None:
        """The text and the members of the result in it; None for an error."""
        try:
            text = self.message.decode()
            found = members(text).get("result")
            return (text, members(text, found.start)) if found else None
        except (UnicodeDecodeError, WireError):
            return None

    def value(self, key: str) -> Any:
        """One member of the result, or None."""
        read = self.result()
        return read[1][key].value if read and key in read[1] else None

    def entries(self, key: str) -> list[str]:
        """The raw entries of a list in the result."""
        read = self.result()
        if read is None or key not in read[1] or not isinstance(read[1][key].value, list):
            return []
        return [read[0][entry.start : entry.end] for entry in elements(read[0], read[1][key].start)]


def _joined(one: Any, other: Any) -> Any:
    """Both of two capabilities."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: _joined(one.get(key), other.get(key)) for key in {**one, **other}}
    return one or other if one is not None and other is not None else other if one is None else one


def capabilities(offered: Iterable[Any], *, is_complete: bool) -> dict[str, Any]:
    """What any of the servers can, as far as it can be had through here.

    Args:
        is_complete: whether all servers said what they can; else lists may fill later.
    """
    union: dict[str, Any] = {}
    for each in offered:
        if isinstance(each, dict):
            known = {key: value for key, value in each.items() if key in _FORWARDED and isinstance(value, dict)}
            union = _joined(union, known)
    if "extensions" in union:
        union["extensions"] = {k: v for k, v in union["extensions"].items() if k in _EXTENSIONS}
    if not is_complete:
        union = _joined(union, {key: {"listChanged": True} for key in _LISTS})
    return union


def instructions(said: Mapping[str, Any]) -> str:
    """What all servers tell the model, each under its name, and what we do once."""
    texts = {server: text for server, text in said.items() if isinstance(text, str) and text}
    own = {server: text.removesuffix(INSTRUCTIONS).strip() for server, text in texts.items()}
    parts = [f"## {server}\n\n{text}" for server, text in own.items() if text]
    if any(text.endswith(INSTRUCTIONS) for text in texts.values()):
        parts.append(INSTRUCTIONS)
    return "\n\n".join(parts)


def hello(raw_id: str, asked: str, answers: Sequence[Answered], *, is_complete: bool) -> bytes:
    """The answer to `initialize`.

    Args:
        asked: the version that the client asked for.
    """
    agreed = [version for a in answers if isinstance(version := a.value("protocolVersion"), str)]
    fallback = asked if asked in LEGACY_VERSIONS else LEGACY_VERSIONS[0]
    result = {
        "protocolVersion": quote(max(agreed, default=fallback)),
        "capabilities": _dumps(capabilities((a.value("capabilities") for a in answers), is_complete=is_complete)),
        "serverInfo": _NAMED,
    }
    return response(raw_id, result | _told(answers))


def discovered(raw_id: str, answers: Sequence[Answered], *, is_complete: bool) -> bytes:
    """The answer to `server/discover`."""
    offered = [versions for a in answers if isinstance(versions := a.value("supportedVersions"), list)]
    common = [version for version in offered[0] if all(version in versions for versions in offered)] if offered else []
    result = {
        "supportedVersions": _dumps(common or [v for versions in offered for v in versions]),
        "capabilities": _dumps(capabilities((a.value("capabilities") for a in answers), is_complete=is_complete)),
    }
    beside = stateless(answers, is_complete=is_complete) | {"_meta": f'{{"{SERVER_INFO}":{_NAMED}}}'}
    return response(raw_id, result | _told(answers) | beside)


def _told(answers: Sequence[Answered]) -> dict[str, str]:
    told = instructions({a.server: a.value("instructions") for a in answers})
    return {"instructions": quote(told)} if told else {}


def stateless(answers: Sequence[Answered], *, is_complete: bool) -> dict[str, str]:
    """What results of 2026-07-28 have beside: good for as long as the shortest of them, and for nobody else. Where a
    server is missing, not at all."""
    lives = [life if is_complete and isinstance(life := a.value("ttlMs"), int) else 0 for a in answers]
    return {"resultType": '"complete"', "ttlMs": str(max(0, min(lives, default=0))), "cacheScope": '"private"'}


def response(raw_id: str, result: Mapping[str, str]) -> bytes:
    """A response with these raw members in its result."""
    inner = ",".join(f"{quote(key)}:{raw}" for key, raw in result.items())
    return f'{{"jsonrpc":"2.0","id":{raw_id},"result":{{{inner}}}}}'.encode()


def digest(entries: Sequence[str]) -> str:
    """Tells one list from another."""
    return hashlib.sha256("\0".join(entries).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _dumps(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
