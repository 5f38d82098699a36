import asyncio

from common import ARGS, COMMAND, report, token_in
from google.adk.agents.invocation_context import InvocationContext
from google.adk.agents.llm_agent import LlmAgent
from google.adk.sessions.in_memory_session_service import InMemorySessionService
from google.adk.tools.mcp_tool import McpToolset, StdioConnectionParams
from google.adk.tools.tool_context import ToolContext
from mcp import StdioServerParameters

import pii_shield


async def main() -> None:
    pii_shield.instrument()
    toolset = McpToolset(
        connection_params=StdioConnectionParams(server_params=StdioServerParameters(command=COMMAND, args=ARGS))
    )
    sessions = InMemorySessionService()
    session = await sessions.create_session(app_name="office", user_id="u")
    agent = LlmAgent(name="writer", tools=[toolset])
    context = ToolContext(InvocationContext(session_service=sessions, invocation_id="i", agent=agent, session=session))
    tools = {tool.name: tool for tool in await toolset.get_tools()}
    customer = await tools["get_customer"].run_async(args={"id": "1"}, tool_context=context)
    sent = await tools["send_mail"].run_async(args={"to": token_in(str(customer))}, tool_context=context)
    await toolset.close()
    report([customer, sent])


asyncio.run(main())
