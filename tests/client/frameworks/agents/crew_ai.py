from common import ARGS, COMMAND, report, token_in
from crewai_tools import MCPServerAdapter
from mcp import StdioServerParameters

import pii_shield


def main() -> None:
    pii_shield.instrument()
    with MCPServerAdapter(StdioServerParameters(command=COMMAND, args=ARGS)) as adapted:
        tools = {tool.name: tool for tool in adapted}
        customer = tools["get_customer"].run(id="1")
        sent = tools["send_mail"].run(to=token_in(str(customer)))
        report([customer, sent])


main()
