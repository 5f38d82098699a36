"""A new entry as a client's file would have it, for pasting. No I/O."""

import json
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from ..edits.document import TOML, YAML, format_of
from ..edits.span import array_of, literal
from .table import Client


def snippet(client: Client, name: str, argv: Sequence[str]) -> str:
    """The client's own format with one server in it."""
    path = client.spots[0].servers
    entry = _entry(client, name, argv)
    format = format_of(PurePath(client.spots[0].path))
    if format is TOML:
        return _toml([*path, name], entry)
    value: Any = [entry] if client.is_list else {name: entry}
    for key in reversed(path):
        value = {key: value}
    return "\n".join(_yaml(value, "")) if format is YAML else json.dumps(value, indent=2, ensure_ascii=False)


def _entry(client: Client, name: str, argv: Sequence[str]) -> dict[str, Any]:
    shape = client.shapes[0]
    entry: dict[str, Any] = {"name": name} if client.is_list else {}
    entry |= {"type": client.new_type} if client.new_type else {}
    entry[shape.command[-1]] = argv[0] if shape.args else list(argv)
    if shape.args:
        entry[shape.args[-1]] = list(argv[1:])
    return entry | dict([client.start_up] if client.start_up else [])


def _toml(path: Sequence[str], entry: dict[str, Any]) -> str:
    keys = [
        part if part.replace("_", "").replace("-", "").isalnum() and part.isascii() else literal(part) for part in path
    ]
    return "\n".join([f"[{'.'.join(keys)}]", *(f"{key} = {_flow(value)}" for key, value in entry.items())])


def _yaml(value: Any, indent: str) -> list[str]:
    lines = []
    for key, content in value.items():
        key = key if key.isidentifier() else literal(key)
        if isinstance(content, dict):
            lines += [f"{indent}{key}:", *_yaml(content, f"{indent}  ")]
        elif isinstance(content, list) and content and isinstance(content[0], dict):
            inner = [line for item in content for line in _yaml(item, f"{indent}    ")]
            lines += [f"{indent}{key}:", f"{indent}  - {inner[0].lstrip()}", *inner[1:]]
        else:
            lines.append(f"{indent}{key}: {_flow(content)}")
    return lines


def _flow(value: Any) -> str:
    if isinstance(value, list):
        return array_of([literal(item) for item in value])
    return literal(value) if isinstance(value, str) else str(value)
