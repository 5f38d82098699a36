"""Adding to a file of tuning and taking out of it, with all else in it as it was. No I/O."""

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from ..errors import ConfigError

HEADER = """\
# Exemptions from protection, and what is always protected. Written by `pii-shield allow` and `pii-shield deny`, and by
# you; counts from the next message on. `digest` stands for a value that this machine's vault key alone can recognise. A
# value, pattern or domain that you write here yourself is personal data in the clear: keep this file private.
"""
_HEAD = re.compile(r"^[ \t]*\[\[?[^\[\]\n]+\]\]?[ \t]*(?:#[^\n]*)?$", re.MULTILINE)


def added(text: str, kind: str, fields: Mapping[str, Any]) -> str:
    """The text with one more entry of `kind`, "allow" or "deny", at its end."""
    lines = [f"[[{kind}]]", *(f"{key} = {_literal(value)}" for key, value in fields.items())]
    gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
    return f"{text or HEADER}{gap or chr(10)}{chr(10).join(lines)}\n"


def removed(text: str, kind: str, number: int) -> str:
    """The text without the entry of that number, counted from 1.

    Raises:
        ConfigError: there is no such entry, or the file is written in a way that does not allow it.
    """
    data = tomllib.loads(text)
    rows = data.get(kind, [])
    if not 1 <= number <= len(rows):
        raise ConfigError(f"there is no {kind} entry number {number}", code="PS341", fix=f"pii-shield {kind} --list")
    wanted = {**data, kind: [row for index, row in enumerate(rows, 1) if index != number]}
    heads = [match.start() for match in _HEAD.finditer(text)]
    mine = [start for start in heads if re.match(rf"[ \t]*\[\[[ \t]*{kind}[ \t]*\]\]", text[start:])]
    if len(mine) == len(rows):
        start = mine[number - 1]
        end = next((head for head in heads if head > start), len(text))
        rest = text[:start] + text[end:]
        if _means(rest, kind) == {**wanted, kind: wanted[kind]}:
            return rest
    raise ConfigError(
        "the file is written in a way that a program cannot change safely",
        code="PS342",
        fix="take the entry out by hand",
    )


def _means(text: str, kind: str) -> dict[str, Any]:
    try:
        return {kind: [], **tomllib.loads(text)}
    except tomllib.TOMLDecodeError:
        return {}


def _literal(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f") if isinstance(value, str) else str(value)
