"""A tool's output in the shape that it has: only texts may change, or the client shows the original. No I/O."""

import re
from collections.abc import Callable
from typing import Any, Final

from ...errors import WireError

WITHHELD: Final = "[withheld by pii_shield]"
_FIXED: Final = frozenset({"type", "mode", "status", "cell_type", "edit_mode", "media_type"})
_WORD: Final = re.compile(r"[a-z][a-z_/-]{0,30}\Z")
_NOTE: Final = "[{} content withheld by pii_shield: it cannot be searched for personal data]"


def texts_of(value: Any) -> Any:
    """The same object with nothing but its texts: numbers that a client puts in itself need no search."""
    if isinstance(value, dict):
        return {key: texts_of(member) for key, member in value.items()}
    if isinstance(value, list):
        return [texts_of(item) for item in value]
    return value if isinstance(value, str) else None


def with_texts(value: Any, texts: Any) -> Any:
    """The object with other texts and keys, and the numbers that it had.

    Raises:
        WireError: they have another shape.
    """
    if isinstance(value, dict) and isinstance(texts, dict) and len(value) == len(texts):
        pairs = zip(texts.items(), value.values(), strict=True)
        return {key: with_texts(member, text) for (key, text), member in pairs}
    if isinstance(value, list) and isinstance(texts, list) and len(value) == len(texts):
        return [with_texts(item, text) for item, text in zip(value, texts, strict=True)]
    if isinstance(value, str) == isinstance(texts, str) and not isinstance(value, dict | list):
        return texts if isinstance(value, str) else value
    raise WireError("a tool's output cannot be protected in the shape that it has", code="PS366")


def blank(value: Any) -> Any:
    """The object without its texts, but for words that only say its kind."""
    if isinstance(value, dict):
        return {key: member if _is_kind(key, member) else blank(member) for key, member in value.items()}
    if isinstance(value, list):
        return [blank(item) for item in value]
    return WITHHELD if isinstance(value, str) else value


def without_media(value: Any, passes: Callable[[str], bool]) -> Any:
    """The object with a note in place of what cannot be searched.

    Args:
        passes: whether a family of content may pass: "image", "audio", "other".
    """
    if isinstance(value, list):
        return [without_media(item, passes) for item in value]
    if not isinstance(value, dict):
        return value
    family = _family(value)
    if family and not passes(family):
        return _noted(value, _NOTE.format(family if family != "other" else "binary"))
    return {
        # a picture in a notebook's cell is left out: a cell has no other place for a note than its own text
        key: None if "image_data" in _keys(member) and not passes("image") else without_media(member, passes)
        for key, member in value.items()
    }


def _keys(value: Any) -> Any:
    return value.keys() if isinstance(value, dict) else ()


def _is_kind(key: str, member: Any) -> bool:
    return key in _FIXED and isinstance(member, str) and bool(_WORD.match(member))


def _family(value: dict[str, Any]) -> str:
    """The family of binary content that an object is, "" if none."""
    held, source, kind = value.get("file"), value.get("source"), value.get("type")
    mime = str(source.get("media_type", "")) if isinstance(source, dict) else ""
    if kind == "image" or value.get("isImage") is True or mime.startswith("image"):
        return "image"
    if kind == "audio":
        return "audio"
    is_file = isinstance(held, dict) and "base64" in held
    return "other" if is_file or mime or kind in ("pdf", "parts", "document") else ""


def _noted(value: dict[str, Any], note: str) -> dict[str, Any]:
    if value.get("isImage") is True:
        return {**value, "isImage": False, "stdout": note}
    if isinstance(value.get("file"), dict):
        path = value["file"].get("filePath", "")
        return {
            "type": "text",
            "file": {"filePath": path, "content": note, "numLines": 1, "startLine": 1, "totalLines": 1},
        }
    return {"type": "text", "text": note}
