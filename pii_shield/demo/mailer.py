"""The demo's outgoing mail as an MCP server that sends nothing: ``python -m pii_shield.demo.mailer``."""

import sys

from .stdio import Server, Tool, main

STRING = {"type": "string"}
ARGUMENTS = {"to": {"type": "string", "format": "email"}, "subject": STRING, "body": STRING}
TOOLS = (Tool("send", "Send one mail", ARGUMENTS, None, lambda mail: f"Queued for {mail['to']}."),)
SERVER = Server("demo-mailer", "Sends mail.", TOOLS)

if __name__ == "__main__":
    main(SERVER, sys.argv[1:])
