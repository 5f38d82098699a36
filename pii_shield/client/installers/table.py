"""The clients: one row each, data only. No I/O.

A new client is a new row. What is the same everywhere is not said here: a server with `url`, `serverUrl`, `httpUrl` or
`uri` and no command is remote, `disabled: true` or `enabled: false` switches it off, the suffix gives the format.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

ANY: Final = "*"
"""In the path to the servers: every key. The one it stands for is a project's folder."""


class Spot(NamedTuple):
    """A place where a client keeps servers.

    Attributes:
        path: `~` and `$NAME` are replaced (see ROOTS), `*` matches; relative to the project for kind "project".
        servers: keys that lead to the object (or list) of servers.
        kind: "user", "local" (the user's own, for one project) or "project" (committed, shared with others).
        platforms: `sys.platform` values it is for; empty: all.
    """

    path: str
    servers: tuple[str, ...] = ("mcpServers",)
    kind: str = "user"
    platforms: tuple[str, ...] = ()


class Shape(NamedTuple):
    """Where an entry says its command line.

    Attributes:
        command: keys to the program.
        args: keys to the list of arguments; empty: the command is one list of program and arguments.
    """

    command: tuple[str, ...] = ("command",)
    args: tuple[str, ...] = ("args",)


class Client(NamedTuple):
    """One client.

    Attributes:
        name: for `--agent`, and the scope of its tokens.
        title: its name for people.
        spots: every place it reads servers from; those that exist are looked at.
        shapes: the first that fits an entry holds.
        built_in: `type`s that run inside the client, which no proxy can stand before.
        beyond: what the files do not show, in one sentence; "" if nothing is known.
        start_up: key of the start-up limit to set where it is absent, and its value in seconds.
        new_type: the `type` a new entry must have, "" for none.
        is_list: new entries go into a list, with their name inside.
        hidden: files of plugins and extensions that bring servers of their own, which cannot be wrapped.
        is_clicked: whether people start it from a desktop, where macOS gives it a bare PATH.
    """

    name: str
    title: str
    spots: tuple[Spot, ...]
    shapes: tuple[Shape, ...] = (Shape(),)
    built_in: frozenset[str] = frozenset()
    beyond: str = ""
    start_up: tuple[str, int] | None = None
    new_type: str = ""
    is_list: bool = False
    hidden: tuple[str, ...] = ()
    is_clicked: bool = False


_WINDOWS: Final = ("win32",)
_NOT_WINDOWS: Final = ("linux", "darwin")
_VS_CODES: Final = ("Code", "Code - Insiders", "VSCodium", "Cursor", "Windsurf")

ROOTS: Final[Mapping[str, Mapping[str, str]]] = {
    "CLAUDE_CONFIG_DIR": {"": "~"},
    "CODEX_HOME": {"": "~/.codex"},
    "CLINE_DIR": {"": "~/.cline"},
    "XDG_CONFIG_HOME": {"": "~/.config"},
    "APPDATA": {"": "~/AppData/Roaming"},
    "LOCALAPPDATA": {"": "~/AppData/Local"},
    "SUPPORT": {"": "$XDG_CONFIG_HOME", "darwin": "~/Library/Application Support", "win32": "$APPDATA"},
}
"""What `$NAME` is where the environment does not say it, by platform ("": any other)."""


def _project(path: str, *servers: str) -> Spot:
    return Spot(path, servers or ("mcpServers",), "project")


CLIENTS: Final = (
    Client(
        "claude-desktop",
        "Claude Desktop",
        (
            Spot("$SUPPORT/Claude/claude_desktop_config.json"),
            Spot("$SUPPORT/claude/claude_desktop_config.json", platforms=("linux",)),
            # Store builds read their own copy; which one runs cannot be told, so every one that exists counts.
            Spot(
                "$LOCALAPPDATA/Packages/Claude_*/LocalCache/Roaming/Claude/claude_desktop_config.json",
                platforms=_WINDOWS,
            ),
        ),
        beyond="Connectors and desktop extensions are not in this file: they stay unprotected.",
        hidden=("$SUPPORT/Claude/Claude Extensions/*/manifest.json",),
        is_clicked=True,
    ),
    Client(
        "claude-code",
        "Claude Code",
        (
            Spot("$CLAUDE_CONFIG_DIR/.claude.json"),
            Spot("$CLAUDE_CONFIG_DIR/.claude.json", ("projects", ANY, "mcpServers"), "local"),
            _project(".mcp.json"),
        ),
        beyond="Servers of plugins and claude.ai connectors stay unprotected; the built-in tools (Bash, Read, ...) too "
        "without `pii-shield install --hooks`.",
        hidden=tuple(
            f"{root}/plugins/cache/{depth}/.mcp.json"
            for root in ("~/.claude", "$CLAUDE_CONFIG_DIR")
            for depth in ("*", "*/*", "*/*/*")
        ),
        new_type="stdio",
    ),
    Client("cursor", "Cursor", (Spot("~/.cursor/mcp.json"), _project(".cursor/mcp.json")), is_clicked=True),
    Client(
        "vscode",
        "VS Code",
        (
            *(Spot(f"$SUPPORT/{code}/User/mcp.json", ("servers",)) for code in _VS_CODES[:3]),
            *(Spot(f"$SUPPORT/{code}/User/profiles/*/mcp.json", ("servers",)) for code in _VS_CODES[:3]),
            _project(".vscode/mcp.json", "servers"),
        ),
        beyond="Servers that come with extensions are not in this file: they stay unprotected.",
        new_type="stdio",
        is_clicked=True,
    ),
    Client(
        "windsurf",
        "Windsurf / Devin",
        (
            Spot("~/.codeium/windsurf/mcp_config.json"),
            Spot("~/.codeium/mcp_config.json"),
            Spot("$XDG_CONFIG_HOME/devin/mcp_config.json"),
        ),
        is_clicked=True,
    ),
    Client(
        "zed",
        "Zed",
        (
            Spot("$XDG_CONFIG_HOME/zed/settings.json", ("context_servers",), platforms=_NOT_WINDOWS),
            Spot("$SUPPORT/Zed/settings.json", ("context_servers",), platforms=("darwin", "win32")),
            _project(".zed/settings.json", "context_servers"),
        ),
        shapes=(Shape(), Shape(("command", "path"), ("command", "args"))),
        beyond="Servers that come with extensions have no command here: they stay unprotected.",
        is_clicked=True,
    ),
    Client(
        "codex",
        "Codex",
        (Spot("$CODEX_HOME/config.toml", ("mcp_servers",)), _project(".codex/config.toml", "mcp_servers")),
        start_up=("startup_timeout_sec", 30),  # its own limit of 10 s is short for two programs on a busy machine
    ),
    Client(
        "gemini",
        "Gemini CLI",
        (Spot("~/.gemini/settings.json"), _project(".gemini/settings.json")),
        hidden=("~/.gemini/extensions/*/gemini-extension.json",),
        beyond="Servers that come with extensions are not in this file: they stay unprotected.",
    ),
    Client(
        "goose",
        "Goose",
        (
            Spot("$XDG_CONFIG_HOME/goose/config.yaml", ("extensions",), platforms=_NOT_WINDOWS),
            Spot("$APPDATA/Block/goose/config/config.yaml", ("extensions",), platforms=_WINDOWS),
        ),
        shapes=(Shape(("cmd",)),),
        built_in=frozenset(("builtin", "platform", "frontend", "inline_python")),
        new_type="stdio",
    ),
    Client(
        "jetbrains",
        "JetBrains Junie",
        (Spot("~/.junie/mcp/mcp.json"), _project(".junie/mcp/mcp.json")),
        beyond="AI Assistant keeps servers in the IDE's settings: paste what `pii-shield print jetbrains` says.",
    ),
    Client(
        "cline",
        "Cline",
        (
            *(
                Spot(f"$SUPPORT/{code}/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json")
                for code in _VS_CODES
            ),
            Spot("$CLINE_DIR/data/settings/cline_mcp_settings.json"),
        ),
    ),
    Client(
        "continue",
        "Continue",
        (
            Spot("~/.continue/config.yaml"),
            Spot("~/.continue/mcpServers/*.yaml"),
            Spot("~/.continue/mcpServers/*.json"),
            _project(".continue/mcpServers/*.yaml"),
            _project(".continue/mcpServers/*.json"),
        ),
        is_list=True,
    ),
    Client(
        "opencode",
        "OpenCode",
        (
            Spot("$XDG_CONFIG_HOME/opencode/opencode.json", ("mcp",)),
            Spot("$XDG_CONFIG_HOME/opencode/opencode.jsonc", ("mcp",)),
            Spot("$XDG_CONFIG_HOME/opencode/config.json", ("mcp",)),
            _project("opencode.json", "mcp"),
            _project("opencode.jsonc", "mcp"),
        ),
        shapes=(Shape(args=()),),
        new_type="local",
    ),
    Client(
        "kiro",
        "Kiro",
        (Spot("~/.kiro/settings/mcp.json"), Spot("~/.kiro/agents/*.json"), _project(".kiro/settings/mcp.json")),
    ),
    Client(
        "lmstudio", "LM Studio", (Spot("~/.lmstudio/mcp.json"), Spot("~/.cache/lm-studio/mcp.json")), is_clicked=True
    ),
    Client(
        "amazon-q",
        "Amazon Q",
        (
            Spot("~/.aws/amazonq/mcp.json"),
            Spot("~/.aws/amazonq/default.json"),
            Spot("~/.aws/amazonq/cli-agents/*.json"),
            Spot("~/.aws/amazonq/agents/*.json"),
            _project(".amazonq/mcp.json"),
            _project(".amazonq/default.json"),
        ),
    ),
)
BY_NAME: Final[Mapping[str, Client]] = {client.name: client for client in CLIENTS}
