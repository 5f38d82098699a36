"""JSON Schemas of tools: relaxed so that tokens fit, and kept as the truth for released arguments. No I/O.

Clients validate `structuredContent` against `outputSchema`, and `inputSchema` constrains what a model can write. A
scalar that is narrower than "any string" becomes `anyOf: [original, token]`: nothing that was valid becomes invalid.
"""

import re
from collections.abc import Iterator

from .. import tokens
from ..jsontext import Json
from ..types import Path

VALUE_KEYWORDS = frozenset({"default", "const", "enum", "examples", "example", "properties"})
"""Keywords that hold values of the field around them (and the map of fields itself)."""

TOKEN: dict[str, Json] = {"type": "string", "pattern": tokens.PATTERN}

_MAPS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_SINGLE = (
    "items",
    "additionalProperties",
    "additionalItems",
    "contains",
    "unevaluatedProperties",
    "unevaluatedItems",
    "then",
    "else",
)
_LISTS = ("anyOf", "allOf", "oneOf", "prefixItems")
_NARROWING = frozenset(
    "format pattern maxLength minLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf contentEncoding "
    "enum const".split()
)
_ANNOTATIONS = ("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly")
_HEADER = "x-mcp-header"


def relax(schema: Json, *, is_input: bool, name: str = "", root: bool = True) -> Json:
    """The schema with room for tokens. Shares what it does not change with the original.

    In an input schema numbers are relaxed only where the property's name or format says that they are personal, and
    enumerations not at all: a model has no use for a token where the schema lists the values.
    """
    if not isinstance(schema, dict):
        return schema
    result = dict(schema)
    for key in _MAPS:
        if isinstance(result.get(key), dict):
            result[key] = {n: relax(s, is_input=is_input, name=n, root=False) for n, s in result[key].items()}
    for key in _SINGLE:
        if isinstance(result.get(key), dict):
            result[key] = relax(result[key], is_input=is_input, name=name, root=False)
    for key in _LISTS:
        if isinstance(result.get(key), list):
            result[key] = [relax(s, is_input=is_input, name=name, root=False) for s in result[key]]
    if "oneOf" in result and "anyOf" not in result and result["oneOf"] != schema["oneOf"]:
        result["anyOf"] = result.pop("oneOf")  # two branches may now admit the same token
    if root or not _holds_token(result, name, is_input):
        return result
    if _HEADER in result:  # must stay a primitive: conforming clients drop a tool with anyOf here
        return {**{k: v for k, v in result.items() if k not in _NARROWING}, "type": "string"}
    kept = {k: result.pop(k) for k in _ANNOTATIONS if k in result}
    return {**kept, "anyOf": [result, TOKEN]}


_PERSONAL_NUMBER = re.compile(
    r"(?i)\b(?:phone|mobile|cell|fax|tel|telephone|ssn|social|card|account|iban|passport|licen[cs]e|tax|vat|national|"
    r"birth|dob|zip|postal|postcode|msisdn)\b"
)


def _holds_token(schema: dict[str, Json], name: str, is_input: bool) -> bool:
    types = _types(schema)
    listed = "enum" in schema or "const" in schema
    if types is None:
        return listed and not is_input
    if "string" in types:
        return bool(_NARROWING & schema.keys()) and not (is_input and listed)
    if not types & {"integer", "number"} or listed:
        return False
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|[_-]", " ", name)
    return not is_input or bool(_PERSONAL_NUMBER.search(words)) or "x-pii" in schema


def _types(schema: dict[str, Json]) -> set[str] | None:
    """Declared types, or None if any is allowed."""
    declared = schema.get("type")
    if declared is None:
        return None
    return {declared} if isinstance(declared, str) else {t for t in declared if isinstance(t, str)}


_MAX_REFS = 32


def at(schema: Json, path: Path) -> list[dict[str, Json]]:
    """All subschemas that speak of the value at a path, through local $refs and anyOf, oneOf and allOf."""
    found = list(_alternatives(schema, schema, 0))
    for key in path:
        found = [s for parent in found for child in _children(parent, key) for s in _alternatives(schema, child, 0)]
    return found


def _alternatives(root: Json, schema: Json, depth: int) -> Iterator[dict[str, Json]]:
    if not isinstance(schema, dict) or depth > _MAX_REFS:
        return
    yield schema
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/"):
        target: Json = root
        for part in reference[2:].split("/"):
            target = target.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(target, dict) else None
        yield from _alternatives(root, target, depth + 1)
    for key in ("anyOf", "oneOf", "allOf"):
        branches = schema.get(key)
        for branch in branches if isinstance(branches, list) else ():
            yield from _alternatives(root, branch, depth + 1)


def _children(schema: dict[str, Json], key: str | int) -> Iterator[Json]:
    if isinstance(key, int):
        prefix = schema.get("prefixItems")
        yield prefix[key] if isinstance(prefix, list) and key < len(prefix) else schema.get("items")
        return
    properties = schema.get("properties")
    if isinstance(properties, dict) and key in properties:
        yield properties[key]
    else:
        yield schema.get("additionalProperties")


def allowed_types(schemas: list[dict[str, Json]]) -> frozenset[str]:
    """Types that any of the subschemas names; empty if none does."""
    return frozenset(t for schema in schemas for t in (_types(schema) or ()))


def formats(schemas: list[dict[str, Json]]) -> frozenset[str]:
    """Formats that the subschemas name, and "x-mcp-header" where the value is mirrored into an HTTP header."""
    named = {s["format"] for s in schemas if isinstance(s.get("format"), str)}
    return frozenset(named | ({_HEADER} if any(_HEADER in s for s in schemas) else set()))
