"""A configuration file of every client as people have it: comments, tabs, trailing commas, unknown keys, secrets."""

from typing import NamedTuple


class Sample(NamedTuple):
    """`path` is relative to the home folder; `wrapped` are the servers that installing must protect."""

    client: str
    path: str
    text: str
    wrapped: tuple[str, ...]
    exposed: tuple[str, ...] = ()


MCP_SERVERS = """\
{
\t// what my agents use
\t"mcpServers": {
\t\t"crm": {
\t\t\t"command": "npx",   /* from npm */
\t\t\t"args": [
\t\t\t\t"-y", "@acme/crm@1.2", // pinned
\t\t\t\t"--dsn=postgresql://db/x",
\t\t\t],
\t\t\t"env": {"KEY": "${env:CRM_KEY}", },
\t\t\t"x-unknown": [1, 2.50, null],
\t\t},
\t\t"bare": {"command": "caf\\u00e9-server"},
\t\t"off": { "disabled": true, "args": [ ], "command": "uvx" },
\t\t"remote": {"url": "https://mcp.example.com/mcp", "headers": {"Authorization": "x"}},
\t},
\t"other": {"a": 1},
}
"""
CLAUDE = """\
{"numStartups":12,"mcpServers":{"files":{"type":"stdio","command":"/usr/bin/files","args":[],"env":{}}},
 "projects":{"/home/jane/acme":{"allowedTools":[],"mcpServers":{"db":{"command":"uvx","args":["mcp-db"]}}},
  "C:\\\\work\\\\b": {"mcpServers":{"db":{"command":"uvx","args":["mcp-db","--other"]}}}},"oauthAccount":{"x":"y"}}"""
VSCODE = """\
{
    "inputs": [{"type": "promptString", "id": "key", "password": true}],
    "servers": {
        "git": {"type": "stdio", "command": "uvx", "args": ["mcp-server-git"], "env": {"K": "${input:key}"}},
        "gh": {"type": "http", "url": "https://mcp.example.com"}, // remote
    },
}
"""
ZED = """\
{
  "theme": "One Dark", // trailing commas are fine here
  "context_servers": {
    "new": { "source": "custom", "command": "node", "args": ["s.js",], "env": {}, },
    "old": {"command": {"path": "node", "args": ["o.js"], "env": {}}, "settings": {}},
    "extension": {"settings": {"token": "x"}},
  },
}
"""
CODEX = """\
model = "o9"  # the big one
[mcp_servers.git]
command = "uvx"
args = ["mcp-server-git", # pinned elsewhere
  '--repository', ]
[mcp_servers.git.env]
TOKEN = "x"

[mcp_servers."my crm"]
command = 'C:\\crm.exe'
startup_timeout_sec = 45.0
[mcp_servers.web]
url = "https://mcp.example.com"
bearer_token_env_var = "T"
"""
GOOSE = """\
GOOSE_MODEL: gpt   # comment
extensions:
  developer:
    bundled: true
    type: builtin
    enabled: true
  fetch:
    args:
    - mcp-server-fetch   # from PyPI
    - --port
    - 80
    cmd: uvx
    enabled: true
    envs: {TOKEN: "x"}
    type: stdio
  bare: {type: stdio, cmd: 'crm', enabled: true, timeout: 300}
  web:
    type: streamable_http
    uri: https://mcp.example.com
"""
CONTINUE = """\
name: my config
mcpServers:
  # one
  - name: git
    command: uvx
    args: [mcp-server-git, "--x"]
  - command: npx
    name: crm
    env:
      A: b
models: []
"""
OPENCODE = """\
{
  "$schema": "https://opencode.ai/config.json",
  "mcp": {
    "crm": {"type": "local", "command": ["npx", "-y", // run it
      "crm"], "environment": {"A": "b"}, "enabled": true},
    "web": {"type": "remote", "url": "https://mcp.example.com"},
  }
}
"""
_COMMON = (("crm", "bare", "off"), ("remote",))

SAMPLES = (
    Sample("claude-desktop", ".config/Claude/claude_desktop_config.json", MCP_SERVERS, *_COMMON),
    Sample("claude-code", ".claude.json", CLAUDE, ("files", "db", "db")),
    Sample("cursor", ".cursor/mcp.json", MCP_SERVERS, *_COMMON),
    Sample("vscode", ".config/Code/User/mcp.json", VSCODE, ("git",), ("gh",)),
    Sample("vscode", ".config/Code - Insiders/User/profiles/a1/mcp.json", VSCODE, ("git",), ("gh",)),
    Sample("windsurf", ".codeium/windsurf/mcp_config.json", MCP_SERVERS.replace('"url"', '"serverUrl"'), *_COMMON),
    Sample("windsurf", ".config/devin/mcp_config.json", MCP_SERVERS, *_COMMON),
    Sample("zed", ".config/zed/settings.json", ZED, ("new", "old"), ("extension",)),
    Sample("codex", ".codex/config.toml", CODEX, ("git", "my crm"), ("web",)),
    Sample("gemini", ".gemini/settings.json", MCP_SERVERS.replace('"url"', '"httpUrl"'), *_COMMON),
    Sample("goose", ".config/goose/config.yaml", GOOSE, ("fetch", "bare"), ("web",)),
    Sample("jetbrains", ".junie/mcp/mcp.json", MCP_SERVERS, *_COMMON),
    Sample(
        "cline",
        ".config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",
        MCP_SERVERS,
        *_COMMON,
    ),
    Sample("continue", ".continue/config.yaml", CONTINUE, ("git", "crm")),
    Sample("continue", ".continue/mcpServers/pasted.json", MCP_SERVERS, *_COMMON),
    Sample("opencode", ".config/opencode/opencode.jsonc", OPENCODE, ("crm",), ("web",)),
    Sample("kiro", ".kiro/settings/mcp.json", MCP_SERVERS, *_COMMON),
    Sample("lmstudio", ".lmstudio/mcp.json", MCP_SERVERS, *_COMMON),
    Sample("amazon-q", ".aws/amazonq/mcp.json", MCP_SERVERS, *_COMMON),
)
