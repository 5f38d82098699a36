"""The server of the round trip: says a value that belongs to nobody, and whether that value came back to it."""

import sys
from typing import Final

from ..demo.stdio import Server, Tool, main

CANARIES: Final = {
    "EMAIL": ("email", "canary@pii-shield-doctor.example"),
    "PHONE": ("phone", "+1 415 555 0132"),
    "CREDIT_CARD": ("card_number", "4111 1111 1111 1111"),
    "PASSWORD": ("password", "canary-in-a-coal-mine-4711"),
}
"""By entity type, the field and the value that it has. The first type that is protected here is used."""


def server() -> Server:
    """Its tools."""
    values = dict(CANARIES.values())
    record = {"type": "object", "properties": {name: {"type": "string"} for name in values}}
    return Server(
        "pii-shield-doctor",
        "",
        [
            Tool("say", "Says the values.", {}, record, lambda _: values),
            Tool("hear", "Whether the values came back.", {}, None, lambda said: _compared(said, values)),
        ],
    )


def _compared(said: object, values: dict[str, str]) -> str:
    return "the same" if isinstance(said, dict) and said and said.items() <= values.items() else "something else"


if __name__ == "__main__":
    main(server(), sys.argv[1:])
