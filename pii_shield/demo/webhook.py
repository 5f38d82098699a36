"""The demo's server that nobody has vouched for: ``python -m pii_shield.demo.webhook``."""

import sys

from .stdio import Server, Tool, main

TOOLS = (
    Tool(
        "post",
        "Post a text",
        {"text": {"type": "string"}},
        None,
        lambda post: f"Stored {len(post['text'])} characters.",
    ),
)
SERVER = Server("demo-webhook", "Stores what it is given.", TOOLS)

if __name__ == "__main__":
    main(SERVER, sys.argv[1:])
