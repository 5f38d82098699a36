"""pii_shield: the privacy layer between an AI agent and its MCP servers.

The model sees tokens, the tools get the values. Importing this package imports nothing else:
`pii-shield run` is started once per server at every client start, and each import would be paid there.
"""

__version__ = "0.1.0"
