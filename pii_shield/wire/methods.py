"""What to do with which part of which message: the protocol's message table as data. No I/O.

A table is a tree of JSON object keys; "*" stands for any array index or any other key. What a table does not name is
protected, so unknown methods, fields and extensions fail closed. Nothing here says "do not search this": a payload may
call its e-mail `id` or `cursor`, and a server may write one into any identifier. Acts differ in what a finding does.
"""

from collections.abc import Mapping
from enum import Enum
from typing import TypeAlias

from ..types import Path


class Act(Enum):
    """How one part of a server's message is treated."""

    PROTECT = "findings become tokens"
    VERSION = "protocol version: a date, and nobody's birthday"
    URI = "findings become bare tokens"
    WORD = "one of the protocol's own words, if it is one: nobody's value"
    ECHOED = "identifier that the client chose, found among its open requests: it knows it"
    OPAQUE = "must return byte-exact: one token for the whole string if it holds a finding"
    NAME = "routing name: the entry around it is withheld if it holds a finding"
    SCHEMA = "JSON Schema of a tool: protected and relaxed for tokens"
    FORM = "JSON Schema of an elicitation: protected, not relaxed (clients accept primitive schemas only)"
    MEDIA = "base64 of an image or sound"
    BLOB = "base64 of a resource"
    PRIVATE = "cache scope: never public"


WORDS = frozenset(
    "2.0 text image audio resource resource_link tool_use tool_result user assistant complete input_required".split()
)
"""What stands where the protocol has a word: its version, kinds of content and of results, roles."""

Table: TypeAlias = Act | Mapping[str, "Table"]

_A = Act
_META: dict[str, Table] = {"progressToken": _A.OPAQUE, "io.modelcontextprotocol/subscriptionId": _A.OPAQUE}
_RESULT_META: dict[str, Table] = {"io.modelcontextprotocol/subscriptionId": _A.OPAQUE}
_ICONS: dict[str, Table] = {"*": {"src": _A.URI}}
_RESOURCE: dict[str, Table] = {"uri": _A.URI, "blob": _A.BLOB, "icons": _ICONS}
_BLOCK: dict[str, Table] = {
    "type": _A.WORD,
    "uri": _A.URI,
    "data": _A.MEDIA,
    "blob": _A.BLOB,
    "id": _A.OPAQUE,
    "toolUseId": _A.OPAQUE,
    "icons": _ICONS,
    "resource": _RESOURCE,
    "content": {"*": {"uri": _A.URI, "data": _A.MEDIA, "resource": _RESOURCE}},
}
_TOOL: dict[str, Table] = {"name": _A.NAME, "inputSchema": _A.SCHEMA, "outputSchema": _A.SCHEMA, "icons": _ICONS}
_MESSAGES: dict[str, Table] = {"*": {"role": _A.WORD, "content": {**_BLOCK, "*": _BLOCK}}}
_TASK: dict[str, Table] = {"taskId": _A.OPAQUE}

_SAMPLING: dict[str, Table] = {"messages": _MESSAGES, "tools": {"*": _TOOL}, "_meta": _META, "task": _TASK}
_ELICITATION: dict[str, Table] = {"requestedSchema": _A.FORM, "url": _A.URI, "elicitationId": _A.OPAQUE, "_meta": _META}

REQUESTS: Mapping[str, Table] = {
    # server -> client requests and notifications: table of their params
    "sampling/createMessage": _SAMPLING,
    "elicitation/create": _ELICITATION,
    "roots/list": {"_meta": _META},
    "ping": {"_meta": _META},
    "tasks/get": _TASK,
    "tasks/result": _TASK,
    "tasks/list": {"cursor": _A.OPAQUE},
    "tasks/cancel": _TASK,
    "notifications/cancelled": {"requestId": _A.OPAQUE},
    "notifications/progress": {"progressToken": _A.OPAQUE, "_meta": _META},
    "notifications/message": {"_meta": _META},
    "notifications/resources/updated": {"uri": _A.URI, "_meta": _META},
    "notifications/resources/list_changed": {"_meta": _META},
    "notifications/tools/list_changed": {"_meta": _META},
    "notifications/prompts/list_changed": {"_meta": _META},
    "notifications/elicitation/complete": {"elicitationId": _A.OPAQUE},
    "notifications/tasks/status": _TASK,
    "notifications/tasks": _TASK,
    "notifications/subscriptions/acknowledged": {
        "notifications": {"resourceSubscriptions": {"*": _A.URI}},
        "_meta": _META,
    },
}

_COMMON: dict[str, Table] = {
    "_meta": _RESULT_META,
    "resultType": _A.WORD,
    "nextCursor": _A.OPAQUE,
    "cacheScope": _A.PRIVATE,
    "requestState": _A.OPAQUE,
    "taskId": _A.OPAQUE,
    "task": _TASK,
}
_CALL: Table = {**_COMMON, "content": {"*": _BLOCK}}
RESULTS: Mapping[str, Table] = {
    # results of client -> server requests
    "initialize": {**_COMMON, "protocolVersion": _A.VERSION},
    "server/discover": {**_COMMON, "supportedVersions": _A.VERSION},
    "tools/list": {**_COMMON, "tools": {"*": _TOOL}},
    "tools/call": _CALL,
    "resources/list": {**_COMMON, "resources": {"*": _RESOURCE}},
    "resources/templates/list": {**_COMMON, "resourceTemplates": {"*": {"uriTemplate": _A.URI, "icons": _ICONS}}},
    "resources/read": {**_COMMON, "contents": {"*": _RESOURCE}},
    "prompts/list": {**_COMMON, "prompts": {"*": {"name": _A.NAME, "icons": _ICONS}}},
    "prompts/get": {**_COMMON, "messages": _MESSAGES},
    "tasks/result": _CALL,
    "tasks/get": {**_COMMON, "result": _CALL},
    "tasks/list": {**_COMMON, "tasks": {"*": _TASK}},
}
UNKNOWN_RESULT: Table = _CALL

ERROR: Table = {"data": {"supported": _A.VERSION, "requested": _A.VERSION, "elicitations": {"*": _ELICITATION}}}

KNOWN_METHODS = frozenset(REQUESTS)

INSTRUCTED = frozenset({"initialize", "server/discover"})
"""Results whose `instructions` tell the model what tokens are."""

URI_FIELDS: Mapping[str, frozenset[tuple[str, ...]]] = {
    # client -> server: identifiers that the server itself published, by position in params
    "resources/read": frozenset({("uri",)}),
    "resources/subscribe": frozenset({("uri",)}),
    "resources/unsubscribe": frozenset({("uri",)}),
    "completion/complete": frozenset({("ref", "uri")}),
    "subscriptions/listen": frozenset({("notifications", "resourceSubscriptions", "*")}),
}
"""A URI that goes back to the server that published it is an identifier, not a way out."""


def is_own_uri(method: str, path: Path) -> bool:
    """Whether a place in a client's message holds a URI that the server itself published."""
    place = tuple("*" if isinstance(key, int) else key for key in path[1:])
    return path[:1] == ("params",) and place in URI_FIELDS.get(method, frozenset())


def step(table: Table, key: str | int) -> Table:
    """The table of one member or element."""
    if isinstance(table, Act):
        return table
    if isinstance(key, str) and key in table:
        return table[key]
    return table.get("*", Act.PROTECT)
