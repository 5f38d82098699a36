"""A stdio server with a customer and a mail tool. `--transcript PATH` keeps what it received and said."""

import sys

from pii_shield.demo.stdio import Server, Tool, main

JANE = "jane.roe@example.com"
_TEXT = {"type": "string"}
TOOLS = (
    Tool("get_customer", "Who a customer is.", {"id": _TEXT}, None, lambda _: f"The customer is {JANE}."),
    Tool("send_mail", "Send a mail.", {"to": _TEXT}, None, lambda arguments: f"Sent to {arguments['to']}."),
)

if __name__ == "__main__":
    main(Server("office", "Customers and mail.", TOOLS), sys.argv[1:])
