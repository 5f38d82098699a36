import asyncio

from common import ARGS, COMMAND, report, token_in
from fastmcp.client.transports import StdioTransport
from pydantic_ai import Agent
from pydantic_ai.mcp import MCPToolset
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

import pii_shield


def model(messages: list[ModelMessage], _: AgentInfo) -> ModelResponse:
    results = [part.content for message in messages for part in message.parts if isinstance(part, ToolReturnPart)]
    if not results:
        return ModelResponse(parts=[ToolCallPart("get_customer", {"id": "1"})])
    if len(results) == 1:
        return ModelResponse(parts=[ToolCallPart("send_mail", {"to": token_in(str(results[0]))})])
    report(results)
    return ModelResponse(parts=[TextPart("Done.")])


async def main() -> None:
    pii_shield.instrument()
    agent = Agent(FunctionModel(model), toolsets=[MCPToolset(StdioTransport(COMMAND, ARGS))])
    async with agent:
        await agent.run("Write to customer 1.")


asyncio.run(main())
