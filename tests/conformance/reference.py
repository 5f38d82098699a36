"""A reference server for the official conformance suite, on the SDK.

python reference.py http PORT | stdio
"""

import asyncio
import hashlib
import hmac
import json
import sys
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

import mcp_types as types
import offers
import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http import EventMessage, EventStore
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, PromptsListChanged, ToolsListChanged
from mcp.shared.exceptions import MCPError
from offers import text

KEY = b"reference"
MODERN = "2026-07-28"
PAUSE = 0.05
Context = Any
Json = dict[str, Any]


class Events(EventStore):
    """Every event that was sent, so that a broken stream can be resumed."""

    def __init__(self) -> None:
        self._events: list[tuple[str, Any]] = []

    async def store_event(self, stream_id: str, message: Any) -> str:
        self._events.append((stream_id, message))
        return str(len(self._events))

    async def replay_events_after(self, last_event_id: str, send_callback: Any) -> str | None:
        last = int(last_event_id)
        if not 0 < last <= len(self._events):
            return None
        stream = self._events[last - 1][0]
        for number, (of, message) in enumerate(self._events[last:], last + 1):
            if of == stream and message is not None:
                await send_callback(EventMessage(message, str(number)))
        return stream


bus = InMemorySubscriptionBus()


def sealed(state: Json) -> str:
    payload = json.dumps(state)
    return json.dumps([payload, hmac.new(KEY, payload.encode(), hashlib.sha256).hexdigest()])


def unsealed(state: str) -> Json:
    try:
        payload, seal = json.loads(state)
        if hmac.compare_digest(seal, hmac.new(KEY, payload.encode(), hashlib.sha256).hexdigest()):
            return json.loads(payload)
    except (ValueError, TypeError, AttributeError):
        pass
    raise MCPError(code=types.INVALID_PARAMS, message="requestState was tampered with")


def said(*blocks: Json, is_error: bool = False) -> types.CallToolResult:
    return types.CallToolResult.model_validate({"content": list(blocks), "isError": is_error})


def asked(requests: Json, state: str | None = None) -> types.InputRequiredResult:
    return types.InputRequiredResult.model_validate({"inputRequests": requests, "requestState": state})


# --- tools


async def logging_tool(ctx: Context, _: Json) -> types.CallToolResult:
    for line in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            await ctx.session.send_log_message(level="info", data=line, related_request_id=ctx.request_id)
        await asyncio.sleep(PAUSE)
    return said(text("done"))


async def progress_tool(ctx: Context, _: Json) -> types.CallToolResult:
    for progress in (0, 50, 100):
        await ctx.session.report_progress(progress, 100, f"{progress} of 100")
        await asyncio.sleep(PAUSE)
    return said(text("done"))


async def reconnection_tool(ctx: Context, _: Json) -> types.CallToolResult:
    if ctx.close_sse_stream:
        await ctx.close_sse_stream()
    await asyncio.sleep(4 * PAUSE)
    return said(text("Reconnection test completed"))


async def sampling_tool(ctx: Context, arguments: Json) -> types.CallToolResult:
    message = types.SamplingMessage(role="user", content=types.TextContent(text=str(arguments["prompt"])))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answer = await ctx.session.create_message(messages=[message], max_tokens=100, related_request_id=ctx.request_id)
    return said(text(f"LLM response: {answer.content.text}"))


async def elicitation_tool(ctx: Context, name: str, arguments: Json) -> types.CallToolResult:
    question = str(arguments.get("message", "Please provide information"))
    answer = await ctx.session.elicit_form(question, offers.FORMS[name], related_request_id=ctx.request_id)
    return said(text(f"Elicitation completed: action={answer.action}, content={json.dumps(answer.content or {})}"))


async def missing_capability(ctx: Context, _: Json) -> types.CallToolResult:
    capabilities = ctx.session.client_capabilities
    if capabilities is None or capabilities.sampling is None:
        raise MCPError(
            code=types.MISSING_REQUIRED_CLIENT_CAPABILITY,
            message="sampling is needed",
            data={"requiredCapabilities": {"sampling": {}}},
        )
    return said(text("ok"))


async def broken_tool(_: Context, __: Json) -> types.CallToolResult:
    return said(text("This tool intentionally returns an error for testing"), is_error=True)


async def change_tools(_: Context, __: Json) -> types.CallToolResult:
    await bus.publish(ToolsListChanged())
    return said(text("changed"))


async def change_prompts(_: Context, __: Json) -> types.CallToolResult:
    await bus.publish(PromptsListChanged())
    return said(text("changed"))


async def echo(_: Context, arguments: Json) -> types.CallToolResult:
    return said(text(json.dumps(arguments)))


TOOLS: dict[str, Callable[[Context, Json], Awaitable[types.CallToolResult]]] = {
    "test_tool_with_logging": logging_tool,
    "test_logging_tool": logging_tool,
    "test_tool_with_progress": progress_tool,
    "test_reconnection": reconnection_tool,
    "test_sampling": sampling_tool,
    "test_missing_capability": missing_capability,
    "test_error_handling": broken_tool,
    "test_trigger_tool_change": change_tools,
    "test_trigger_prompt_change": change_prompts,
    "test_x_mcp_header": echo,
    "json_schema_2020_12_tool": echo,
}


def rounds(ctx: Context, params: types.CallToolRequestParams) -> types.CallToolResult | types.InputRequiredResult:
    """One round of a tool that needs input."""
    state = unsealed(params.request_state) if params.request_state else {}
    number = int(state.get("round", 0))
    wanted = offers.ROUNDS[params.name][number]
    if params.name == "test_input_required_result_capabilities":
        capabilities = ctx.session.client_capabilities
        wanted = {k: r for k, r in wanted.items() if getattr(capabilities, r["method"].split("/")[0], None) is not None}
    inputs = {
        k: v.model_dump(mode="json", by_alias=True, exclude_none=True)
        for k, v in (params.input_responses or {}).items()
    }
    if not all(key in inputs and plausible(wanted[key], inputs[key]) for key in wanted):
        return asked(wanted, sealed({"round": number}) if params.name in offers.STATEFUL else None)
    if number + 1 < len(offers.ROUNDS[params.name]):
        return asked(offers.ROUNDS[params.name][number + 1], sealed({"round": number + 1}))
    return said(text(f"state-ok {json.dumps(inputs)}"))


def plausible(request: Json, answer: Json) -> bool:
    """Whether an input answers its request."""
    marks = {"elicitation/create": "action", "sampling/createMessage": "role", "roots/list": "roots"}
    return marks[request["method"]] in answer


async def call_tool(ctx: Context, params: types.CallToolRequestParams) -> Any:
    arguments = params.arguments or {}
    if params.name in offers.RESULTS:
        return said(*offers.RESULTS[params.name])
    if params.name in offers.FORMS:
        return await elicitation_tool(ctx, params.name, arguments)
    if params.name in offers.ROUNDS:
        return rounds(ctx, params)
    if params.name not in TOOLS:
        raise MCPError(code=types.INVALID_PARAMS, message="unknown tool")
    return await TOOLS[params.name](ctx, arguments)


# --- everything else


async def list_tools(_: Context, __: Any) -> types.ListToolsResult:
    tools = [{"name": n, "description": f"{n}, a fixture", "inputSchema": s} for n, s in offers.SCHEMAS.items()]
    return types.ListToolsResult.model_validate({"tools": tools})


async def list_resources(_: Context, __: Any) -> types.ListResourcesResult:
    return types.ListResourcesResult.model_validate({"resources": offers.RESOURCES})


async def list_templates(_: Context, __: Any) -> types.ListResourceTemplatesResult:
    return types.ListResourceTemplatesResult.model_validate({"resourceTemplates": offers.TEMPLATES})


async def read_resource(_: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
    found = offers.contents(str(params.uri))
    if found is None:
        raise MCPError(code=types.INVALID_PARAMS, message="Resource not found", data={"uri": str(params.uri)})
    return types.ReadResourceResult.model_validate({"contents": [found]})


async def list_prompts(_: Context, __: Any) -> types.ListPromptsResult:
    return types.ListPromptsResult.model_validate({"prompts": offers.PROMPTS})


async def get_prompt(_: Context, params: types.GetPromptRequestParams) -> Any:
    inputs = {k: v.model_dump(mode="json", by_alias=True) for k, v in (params.input_responses or {}).items()}
    if params.name == "test_input_required_result_prompt" and "user_context" not in inputs:
        return asked(offers.PROMPT_INPUT)
    messages = offers.messages(params.name, params.arguments or {}, inputs)
    return types.GetPromptResult.model_validate({"messages": messages})


async def complete(_: Context, __: Any) -> types.CompleteResult:
    return types.CompleteResult.model_validate({"completion": {"values": ["paris", "park"], "total": 2}})


async def nothing(_: Context, __: Any) -> types.EmptyResult:
    return types.EmptyResult()


def server() -> Server[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Server(
            "reference",
            version="1",
            instructions="Fixtures of the conformance suite.",
            on_list_tools=list_tools,
            on_call_tool=call_tool,
            on_list_resources=list_resources,
            on_list_resource_templates=list_templates,
            on_read_resource=read_resource,
            on_subscribe_resource=nothing,
            on_unsubscribe_resource=nothing,
            on_subscriptions_listen=ListenHandler(bus),
            on_list_prompts=list_prompts,
            on_get_prompt=get_prompt,
            on_completion=complete,
            on_set_logging_level=nothing,
        )


async def over_stdio() -> None:
    async with stdio_server() as (read, write):
        app = server()
        await app.run(read, write, app.create_initialization_options())


def main() -> None:
    if sys.argv[1] == "stdio":
        asyncio.run(over_stdio())
        return
    app = server().streamable_http_app(event_store=Events(), retry_interval=100)
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error")


if __name__ == "__main__":
    main()
