"""The demo's customer database as an MCP server: ``python -m pii_shield.demo.crm``."""

import sys
from collections.abc import Mapping
from typing import Any

from .people import CUSTOMERS, NOTES
from .stdio import Server, Tool, main

STRING = {"type": "string"}
EMAIL = {"type": "string", "format": "email"}
SHORT = {"full_name": STRING, "email": EMAIL, "overdue_invoices": {"type": "integer"}}
FULL = {**SHORT, "phone": STRING, "date_of_birth": {"type": "string", "format": "date"}, "card_number": STRING}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(properties), "required": list(properties)}


def _customer(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    for customer in CUSTOMERS:
        if customer["email"] == arguments["email"]:
            return customer
    raise LookupError(f"no customer has the address {arguments['email']}")


def _list(_: Mapping[str, Any]) -> Any:
    return {"customers": [{key: customer[key] for key in SHORT} for customer in CUSTOMERS]}


def _notes(arguments: Mapping[str, Any]) -> str:
    return NOTES[_customer(arguments)["email"]]


TOOLS = (
    Tool("list", "All customers", {}, _object({"customers": {"type": "array", "items": _object(SHORT)}}), _list),
    Tool("get", "Everything about one customer", {"email": EMAIL}, _object(FULL), _customer),
    Tool("notes", "What colleagues wrote about one customer", {"email": EMAIL}, None, _notes),
)
SERVER = Server("demo-crm", "Customers of an invented company.", TOOLS)

if __name__ == "__main__":
    main(SERVER, sys.argv[1:])
