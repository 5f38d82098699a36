"""HTTP headers that mirror a message (2026-07-28): they follow when a release changed it. No I/O.

`Mcp-Name` repeats params.name or params.uri, `Mcp-Param-*` an argument whose schema says `x-mcp-header`. Servers must
refuse a request whose headers and body differ.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence

from .. import jsontext
from ..jsontext import Json, Number
from ..types import Path

Header = tuple[str, str]
METHOD, NAME, PARAM, VERSION = "mcp-method", "mcp-name", "mcp-param-", "mcp-protocol-version"
MODERN_VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
NAMED_BY = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
"""Which parameter `Mcp-Name` repeats."""
_SENTINEL = re.compile(r"=\?base64\?(.*)\?=", re.DOTALL)
_PLAIN = re.compile(r"[\x20-\x7e]*")
_FIELD_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


def encode(text: str) -> str:
    """A header value that says `text`: itself if it survives, else base64 in a sentinel."""
    if _PLAIN.fullmatch(text) and text == text.strip() and not _SENTINEL.fullmatch(text):
        return text
    return f"=?base64?{base64.b64encode(text.encode('utf-8', 'surrogatepass')).decode()}?="


def decode(value: str) -> str | None:
    """What a header value says; None for a malformed sentinel."""
    match = _SENTINEL.fullmatch(value)
    if match is None:
        return value
    try:
        return base64.b64decode(match[1], validate=True).decode()
    except (binascii.Error, ValueError):
        return None


def follow(headers: Sequence[Header], before: Json, after: Json) -> tuple[list[Header], list[str]]:
    """Headers for a message that a release changed, and the names of those parameters' headers that changed too.

    A header that did not agree with the message stays as it was: the server will say so.

    Args:
        before, after: the message as parsed by `jsontext.loads`, with tokens and with values.
    """
    named = dict(_named(before, after))
    arguments = dict(_arguments(before, after))
    followed: list[Header] = []
    changed: list[str] = []
    for name, value in headers:
        said = decode(value)
        lower = name.lower()
        table = named if lower == NAME else arguments if lower.startswith(PARAM) else {}
        new = table.get(said, said) if said is not None else None
        if new is None or new == said:
            followed.append((name, value))
            continue
        followed.append((name, encode(new)))
        if lower.startswith(PARAM):
            changed.append(name)
    return followed, changed


def _params(message: Json) -> dict[str, Json]:
    params = message.get("params") if isinstance(message, dict) else None
    return params if isinstance(params, dict) else {}


def _named(before: Json, after: Json) -> Iterator[tuple[str, str]]:
    old, new = _params(before), _params(after)
    for key in ("name", "uri"):
        if isinstance(old.get(key), str) and isinstance(new.get(key), str):
            yield old[key], new[key]


def _arguments(before: Json, after: Json) -> Iterator[tuple[str, str]]:
    """Spelling of each argument before and after. A release swaps scalars and keys, so both trees have one shape."""
    old, new = _params(before).get("arguments"), _params(after).get("arguments")
    for one, other in zip(jsontext.walk(old), jsontext.walk(new), strict=False):
        if not one.is_key and isinstance(one.value, str) and isinstance(other.value, str):
            yield str(one.value), str(other.value)


def mirror(message: Json, schema: Json) -> list[Header]:
    """The headers of a message that came without any, from a client on stdio.

    Args:
        message: as parsed by `jsontext.loads`, as the server will get it.
        schema: the called tool's own input schema, or None.
    """
    params = _params(message)
    method = message.get("method") if isinstance(message, dict) else None
    if not isinstance(method, str):
        return []
    headers = [("Mcp-Method", encode(method))]
    named = params.get(NAMED_BY.get(method, ""))
    if isinstance(named, str):
        headers.append(("Mcp-Name", encode(named)))
    arguments = params.get("arguments")
    for path, token in annotated(schema) if method == "tools/call" else ():
        text = _spelled(arguments, path)
        if text is not None:
            headers.append((f"Mcp-Param-{token}", encode(text)))
    return headers


def annotated(schema: Json, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Each property that is mirrored into a header: its path, and the header's name behind `Mcp-Param-`."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    for key, inner in properties.items() if isinstance(properties, dict) else ():
        token = inner.get("x-mcp-header") if isinstance(inner, dict) else None
        if isinstance(token, str) and _FIELD_NAME.fullmatch(token):
            yield (*path, key), token
        yield from annotated(inner, (*path, key))


def _spelled(arguments: Json, path: Path) -> str | None:
    for key in path:
        arguments = arguments.get(key) if isinstance(arguments, dict) else None
    if isinstance(arguments, bool):
        return "true" if arguments else "false"
    return str(arguments) if isinstance(arguments, str | Number) else None


def version_of(message: Json) -> str:
    """The protocol version that a stateless request names in itself; "" for messages of other revisions."""
    meta = _params(message).get("_meta")
    version = meta.get(MODERN_VERSION_KEY) if isinstance(meta, dict) else None
    return version if isinstance(version, str) else ""


def disagreement(headers: Sequence[Header], message: Json, schema: Json) -> str:
    """Which header of a stateless request does not say what the message says; "" if all agree.

    For servers on stdio, which see no headers: whoever takes the HTTP request has to check them.

    Args:
        schema: the called tool's own input schema, or None.
    """
    said: dict[str, list[str]] = {}
    for name, value in headers:
        said.setdefault(name.lower(), []).append(value)
    wanted = {VERSION: version_of(message), **{name.lower(): value for name, value in mirror(message, schema)}}
    known = {PARAM + token.lower() for _, token in annotated(schema)}
    for name in {VERSION, METHOD, NAME, *known}:
        values = said.get(name, [])
        if len(values) > 1 or (values and name not in wanted) or (not values and name in wanted):
            return name
        if values and decode(values[0]) != decode(wanted[name]) and not _same_number(values[0], wanted[name]):
            return name
    return ""


def _same_number(one: str, other: str) -> bool:
    """Whether two spellings are one integer: 42 and 42.0."""
    first, second = _INTEGRAL.fullmatch(one), _INTEGRAL.fullmatch(other)
    return bool(first and second and first[1] == second[1])


_INTEGRAL = re.compile(r"(-?[0-9]{1,400})(?:\.0+)?")
