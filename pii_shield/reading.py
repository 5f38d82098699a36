"""Values of keys in TOML files, as their readers take them: each gives the value or raises ValueError. No I/O."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from .entities import TYPES
from .profiles import NOT_PERSONAL
from .types import Secret

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}\Z")
_OURS = frozenset({"host", "content-length", "content-type", "content-encoding", "transfer-encoding"})
_VARIABLE = re.compile(r"\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


def one_of(*names: str) -> Callable[[Any], Any]:
    """One of some words."""

    def read(value: Any) -> Any:
        if value not in names:
            raise ValueError(f"must be one of {', '.join(names)}")
        return value

    return read


def flag(value: Any) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def text(value: Any) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise ValueError("must be a text")
    return value


def texts(value: Any) -> tuple[str, ...]:
    """A list of texts."""
    if not isinstance(value, list):
        raise ValueError("must be a list of texts")
    return tuple(map(text, value))


def name(value: Any) -> str:
    """A name as servers and scopes have them."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,99}", text(value)):
        raise ValueError("must be 1 to 100 letters, digits and . _ : / @ -")
    return str(value)


def path(value: Any) -> Path:
    """A file; ~ is the home folder."""
    return Path(text(value)).expanduser()


def types(value: Any) -> frozenset[str]:
    """A list of entity types; those that keep messages intact always belong to it."""
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError("must be a list of entity types")
    unknown = sorted(set(value) - TYPES.keys())
    if unknown:
        raise ValueError(f"unknown entity type; known are {', '.join(TYPES)}")
    return frozenset(value) | NOT_PERSONAL


def between(low: float, high: float, kind: type[int] | type[float]) -> Callable[[Any], Any]:
    """A number within bounds, both included."""

    def read(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | kind) or not low <= value <= high:
            raise ValueError(f"must be a number from {low:g} to {high:g}")
        return kind(value)

    return read


def day(value: Any) -> date:
    """A day, as TOML writes it: 2026-05-31."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError("must be a day such as 2026-05-31, without quotes")
    return value


def expanded(text: str, environ: Mapping[str, str]) -> str:
    """The text with ${NAME} and ${NAME:-default} taken from the environment."""

    def variable(match: re.Match[str]) -> str:
        found = environ.get(match[1], match[2])
        if found is None:
            raise ValueError(f"the environment has no {match[1]}")
        return found

    return _VARIABLE.sub(variable, text)


def headers(value: Any) -> dict[str, Secret]:
    """HTTP headers that we say to somebody, credentials among them: never shown."""
    if not isinstance(value, dict) or not all(isinstance(content, str) for content in value.values()):
        raise ValueError("must be a table of texts")
    for key in value:
        if not _HEADER.match(key) or key.lower() in _OURS:
            raise ValueError("names a header that is none, or that is ours to say")
    return {key: Secret(content) for key, content in value.items()}


def filled(said: Mapping[str, Secret], environ: Mapping[str, str]) -> dict[str, Secret]:
    """Headers with what they take from the environment."""
    found = {key: expanded(content.reveal(), environ) for key, content in said.items()}
    if not all(content.isprintable() and content.isascii() for content in found.values()):
        raise ValueError("a header is no single line of text")
    return {key: Secret(content) for key, content in found.items()}
