"""mcp 2.x reaches a server in the same process without messages: requests go through a dispatcher as plain objects.

Here each of them becomes the message that it would have been, passes the conversation, and becomes an object again.
"""

import itertools
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import anyio
import anyio.abc
import anyio.to_thread

from ..conversation import Conversation, Outcome
from ..errors import WireError

LOG = logging.getLogger("pii_shield")
Params = Mapping[str, Any] | None
OnRequest = Callable[[Any, str, Params], Awaitable[dict[str, Any]]]
OnNotify = Callable[[Any, str, Params], Awaitable[None]]
Message = dict[str, Any]


class ShieldedDispatcher:
    """A dispatcher (`mcp.shared.dispatcher.Dispatcher`) with a conversation in it."""

    def __init__(self, inner: Any, conversation: Conversation) -> None:
        self._inner = inner
        self._conversation = conversation
        self._ids = itertools.count(1)
        self._in_order = anyio.Lock()

    # client -> server

    async def send_raw_request(self, method: str, params: Params, opts: Any = None) -> dict[str, Any]:
        """See `Dispatcher.send_raw_request`."""
        number = next(self._ids)
        sent, answer = await self._from_client(_message(method, params, id=number))
        if sent is None:
            return _result(answer)
        try:
            reply = await self._ask(number, method, sent.get("params"), self._shielded(opts))
        except BaseException:
            await_nothing = _message("notifications/cancelled", {"requestId": number})
            self._conversation.from_client(_dumps(await_nothing))  # it waits for no answer any more
            raise
        shown, _ = await self._from_server(reply)
        return _result(shown)

    async def _ask(self, number: int, method: str, params: Params, opts: Any) -> Message:
        from mcp.shared.exceptions import MCPError

        try:
            return {"jsonrpc": "2.0", "id": number, "result": await self._inner.send_raw_request(method, params, opts)}
        except MCPError as error:
            return {"jsonrpc": "2.0", "id": number, "error": _error(error)}

    def _shielded(self, opts: Any) -> Any:
        """Options of a call, whose progress comes as a plain call too."""
        on_progress = (opts or {}).get("on_progress")
        if on_progress is None:
            return opts

        async def progress(progress: float, total: float | None, message: str | None) -> None:
            params = {"progressToken": 0, "progress": progress, "message": message}
            shown, _ = await self._from_server(_message("notifications/progress", params))
            if shown is not None:
                await on_progress(progress, total, shown["params"].get("message"))

        return {**opts, "on_progress": progress}

    async def notify(self, method: str, params: Params, opts: Any = None) -> None:
        """See `Dispatcher.notify`."""
        sent, _ = await self._from_client(_message(method, params))
        if sent is not None:
            await self._inner.notify(method, sent.get("params"), opts)

    # server -> client

    async def run(
        self,
        on_request: OnRequest,
        on_notify: OnNotify,
        on_notify_intercept: Callable[[str, Params], bool] | None = None,
        *,
        task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        """See `Dispatcher.run`."""

        async def request(context: Any, method: str, params: Params) -> dict[str, Any]:
            return await self._requested(on_request, context, method, params)

        async def notify(context: Any, method: str, params: Params) -> None:
            # One after the other: what intercepts them wants them in the order in which they came.
            async with self._in_order:
                shown, _ = await self._from_server(_message(method, params))
                if shown is None or (on_notify_intercept and on_notify_intercept(method, shown.get("params"))):
                    return
            await on_notify(context, method, shown.get("params"))

        await self._inner.run(request, notify, None, task_status=task_status)

    async def _requested(self, on_request: OnRequest, context: Any, method: str, params: Params) -> dict[str, Any]:
        from mcp.shared.exceptions import MCPError

        number = f"server-{next(self._ids)}"
        shown, refused = await self._from_server(_message(method, params, id=number))
        if shown is None:
            return _result(refused)
        try:
            answer: Message = {"id": number, "result": await on_request(context, method, shown.get("params"))}
        except MCPError as error:
            answer = {"id": number, "error": _error(error)}
        released, _ = await self._from_client({"jsonrpc": "2.0", **answer})
        return _result(released)

    def close(self) -> None:
        """See `DirectDispatcher.close`."""
        self._inner.close()

    # both

    async def _from_client(self, message: Message) -> tuple[Message | None, Message | None]:
        return await self._think(self._conversation.from_client, message)

    async def _from_server(self, message: Message) -> tuple[Message | None, Message | None]:
        return await self._think(self._conversation.from_server, message)

    async def _think(self, ask: Callable[[bytes], Outcome], message: Message) -> tuple[Message | None, Message | None]:
        """What goes on, and what goes back."""
        outcome = await anyio.to_thread.run_sync(ask, _dumps(message))
        if outcome.notice:
            LOG.warning("%s", outcome.notice)
        forward = None if outcome.forward is None else json.loads(outcome.forward)
        return forward, json.loads(outcome.replies[0]) if outcome.replies else None


def _message(method: str, params: Params, **envelope: Any) -> Message:
    message = {"jsonrpc": "2.0", **envelope, "method": method}
    return message if params is None else {**message, "params": dict(params)}


def _dumps(message: Message) -> bytes:
    return json.dumps(message).encode()


def _error(error: Any) -> dict[str, Any]:
    said = {"code": error.error.code, "message": error.error.message}
    return said if error.error.data is None else {**said, "data": error.error.data}


def _result(message: Message | None) -> dict[str, Any]:
    """What a response says."""
    from mcp.shared.exceptions import MCPError

    if message is None:
        raise WireError("a message was dropped, since it could not be checked")
    if "error" in message:
        said = message["error"]
        raise MCPError(code=said["code"], message=said["message"], data=said.get("data"))
    result: dict[str, Any] = message["result"]
    return result
