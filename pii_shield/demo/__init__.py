"""`pii-shield demo`: our own small MCP servers, a scripted agent between them, and a picture of what each side saw."""
