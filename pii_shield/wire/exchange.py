"""One client-server conversation: which requests are open, what the tools' schemas say. No I/O.

A JSON-RPC response names no method, so somebody has to remember what was asked. Ids of the two directions are separate
namespaces, and an id is what it is spelled as: 1 and "1" differ.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from .. import jsontext
from ..jsontext import Json, Number
from .methods import ERROR, KNOWN_METHODS, REQUESTS, RESULTS, UNKNOWN_RESULT, Act, Table
from .protect import ClearText

MODERN_VERSION_KEY = "io.modelcontextprotocol/protocolVersion"


class Envelope(NamedTuple):
    """What kind of JSON-RPC message this is.

    Attributes:
        id: raw JSON of the id; None for notifications.
        method: "" for responses.
        is_response: has a result or an error and no method.
    """

    id: str | None
    method: str
    is_response: bool


class Request(NamedTuple):
    """One open request.

    Attributes:
        method, params: as the requester wrote them.
        tool: name of the tool for tools/call, else "".
        progress_token: raw JSON, or "".
        is_modern: whether it speaks the stateless protocol (2026-07-28).
    """

    method: str
    params: Json
    tool: str
    progress_token: str
    is_modern: bool

    def clear_text(self) -> ClearText:
        """What the client wrote in the arguments. Only of tool calls: their arguments are the model's own words."""
        arguments = self.params.get("arguments") if self.method == "tools/call" else None
        return ClearText(jsontext.strings(arguments))


NO_REQUEST = Request("", {}, "", "", False)


class Asked(NamedTuple):
    """What a client's message is about, for the policy.

    Attributes:
        request: the request it is, or an empty one.
        answers: method of the server's request that it answers, or "".
        asked: method of the input request behind an entry of `inputResponses`.
    """

    request: Request
    answers: str
    asked: Callable[[str], str]


def envelope(message: Json) -> Envelope:
    """Classify a parsed message. What is neither request nor response counts as a notification of unknown method."""
    if not isinstance(message, dict):
        return Envelope(None, "", False)
    method = message.get("method")
    raw_id = _raw(message.get("id"))
    if isinstance(method, str) and not isinstance(method, Number):
        return Envelope(raw_id, method, False)
    return Envelope(raw_id, "", raw_id is not None and ("result" in message or "error" in message))


def _raw(value: Json) -> str | None:
    return jsontext.dumps(value) if isinstance(value, str) else None


def _request(method: str, message: dict[str, Json]) -> Request:
    params = message.get("params")
    params = params if isinstance(params, dict) else {}
    meta = params.get("_meta")
    meta = meta if isinstance(meta, dict) else {}
    tool = params.get("name") if method == "tools/call" else ""
    return Request(
        method,
        params,
        tool if isinstance(tool, str) else "",
        _raw(meta.get("progressToken")) or "",
        MODERN_VERSION_KEY in meta,
    )


MAX_ASKED = 4096
"""Keys of input requests that are remembered; the oldest go first."""
_SAMPLING = "sampling/createMessage"


class Memory:
    """What outlives one request: shared by conversations that stateless HTTP splits into one a request.

    Attributes:
        tool_schemas: the server's own input schema by tool.
        from_server: method of each open request of the server, by raw id.
        asked: method of each input request, by key. Once sampling, always sampling: its answers release nothing.
    """

    __slots__ = ("asked", "from_server", "tool_schemas")

    def __init__(self, tool_schemas: dict[str, Json] | None = None) -> None:
        self.tool_schemas: dict[str, Json] = {} if tool_schemas is None else tool_schemas
        self.from_server: dict[str, str] = {}
        self.asked: dict[str, str] = {}

    def ask(self, key: str, method: str) -> None:
        """Note an input request of the server."""
        if self.asked.get(key) != _SAMPLING:
            self.asked[key] = method
        if len(self.asked) > MAX_ASKED:
            self.asked.pop(next(iter(self.asked)), None)


class Exchange:
    """State of one conversation. Every method is cheap and total: it never fails on a message that parsed."""

    def __init__(self, memory: Memory | None = None) -> None:
        memory = memory or Memory()
        self._from_client: dict[str, Request] = {}
        self._memory = memory
        self._from_server = memory.from_server
        self._tool_schemas = memory.tool_schemas

    # client -> server

    def client_sends(self, head: Envelope, message: dict[str, Json]) -> Request:
        """Note a message on its way to the server; returns the request it is, or an empty one."""
        if head.id is not None and head.method:
            request = self._from_client[head.id] = _request(head.method, message)
            return request
        if head.method == "notifications/cancelled":
            params = message.get("params")
            self._from_client.pop(_raw(params.get("requestId")) or "" if isinstance(params, dict) else "", None)
        return NO_REQUEST

    def answered_by_client(self, head: Envelope) -> str:
        """The method of the server's request that a client's response answers; "" if there is none."""
        return self._from_server.pop(head.id or "", "")

    def forget(self, head: Envelope) -> None:
        """The client's request was refused and never reached the server."""
        self._from_client.pop(head.id or "", None)

    def open_requests(self) -> Mapping[str, Request]:
        """The client's requests that have no answer yet, by raw id."""
        return dict(self._from_client)

    def tool_schema(self, tool: str) -> Json:
        """The server's own input schema of a tool, or None if it was never listed."""
        return self._tool_schemas.get(tool)

    def asked(self, key: str) -> str:
        """The method of the input request that an entry of `inputResponses` answers.

        Sampling if nobody remembers (another process may have asked): its answers release nothing.
        """
        return self._memory.asked.get(key, _SAMPLING)

    # server -> client

    def server_sends(self, head: Envelope, message: dict[str, Json]) -> tuple[Request, Table]:
        """Note a message on its way to the client; returns the request it answers and the table for the message."""
        if head.is_response:
            request = self._from_client.pop(head.id or "", None)
            return request or NO_REQUEST, self._response_table(request, message)
        if head.id is not None:
            self._from_server[head.id] = head.method
        return NO_REQUEST, self._request_table(head, message)

    def _response_table(self, request: Request | None, message: dict[str, Json]) -> Table:
        method = request.method if request else ""
        result = message.get("result")
        table = RESULTS.get(method, UNKNOWN_RESULT)
        if isinstance(result, dict):
            if method == "tools/list":
                self._learn_tools(result.get("tools"))
            asked = result.get("inputRequests")
            if isinstance(asked, dict) and isinstance(table, Mapping):
                table = {**table, "inputRequests": self._input_requests(asked)}
        return {
            "jsonrpc": Act.WORD,
            "id": Act.ECHOED if request else Act.OPAQUE,
            "result": table,
            "error": ERROR,
        }

    def _input_requests(self, asked: dict[str, Json]) -> Table:
        methods = {key: e.get("method") for key, e in asked.items() if isinstance(e, dict)}
        for key, method in methods.items():
            if isinstance(method, str):
                self._memory.ask(key, method)
        return {key: {"params": REQUESTS.get(str(method), {})} for key, method in methods.items()}

    def _request_table(self, head: Envelope, message: dict[str, Json]) -> Table:
        params = REQUESTS.get(head.method, {})
        if head.method == "notifications/progress" and isinstance(params, Mapping):
            sent = message.get("params")
            token = _raw(sent.get("progressToken")) if isinstance(sent, dict) else None
            if token and any(request.progress_token == token for request in list(self._from_client.values())):
                params = {**params, "progressToken": Act.ECHOED}
        return {
            "jsonrpc": Act.WORD,
            "id": Act.OPAQUE,
            "method": Act.ECHOED if head.method in KNOWN_METHODS else Act.PROTECT,
            "params": params,
        }

    def _learn_tools(self, tools: Json) -> None:
        for tool in tools if isinstance(tools, list) else ():
            if isinstance(tool, dict) and isinstance(tool.get("name"), str):
                self._tool_schemas[tool["name"]] = tool.get("inputSchema")
