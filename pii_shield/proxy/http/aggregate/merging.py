"""Answers of many servers as one. No I/O."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from .... import __version__
from ....errors import WireError
from ....jsontext import quote
from ....wire.answers import GONE
from ....wire.members import Member, elements, members
from ....wire.renumber import outline
from ....wire.reshape import INSTRUCTIONS

LEGACY_VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
SERVER_INFO = "io.modelcontextprotocol/serverInfo"
_NAMED = f'{{"name":"pii_shield","version":{quote(__version__)}}}'
_FORWARDED = frozenset({"tools", "prompts", "resources", "logging", "completions", "tasks", "extensions"})
_EXTENSIONS = frozenset({"io.modelcontextprotocol/ui", "io.modelcontextprotocol/tasks"})
"""Those whose methods and messages find their way through here."""
_LISTS = ("tools", "prompts", "resources")


class Answered:
    """A server's answer.

    Attributes:
        message: as it came; b"" if none did.
    """

    def __init__(self, server: str, message: bytes) -> None:
        self.server = server
        self.message = message

    @cached_property
    def _text(self) -> str:
        return self.message.decode("utf-8", "replace")

    @cached_property
    def _result(self) -> dict[str, Member] | None:
        try:
            found = members(self._text).get("result")
            return members(self._text, found.start) if found else None
        except WireError:
            return None

    @property
    def is_result(self) -> bool:
        """Whether it is no error."""
        return self._result is not None

    @cached_property
    def code(self) -> int:
        """The code of the error that it is; that of a server which is gone, if it says nothing."""
        try:
            failed = outline(self._text).failed
        except WireError:
            failed = None
        return GONE if failed is None else failed

    def value(self, key: str) -> Any:
        """One member of the result, or None."""
        member = (self._result or {}).get(key)
        return member.value if member else None

    def entries(self, key: str) -> list[str]:
        """The raw entries of a list in the result."""
        member = (self._result or {}).get(key)
        if member is None or not isinstance(member.value, list):
            return []
        return [self._text[entry.start : entry.end] for entry in elements(self._text, member.start)]


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
