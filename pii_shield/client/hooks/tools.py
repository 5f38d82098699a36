"""Claude Code's own tools: one row each, data only. No I/O.

What is not said here is treated as the strictest case: no token goes in, and everything that comes out is searched.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

SERVER: Final = "claude-code"
"""What the built-in tools are called in configuration and records: one server for all of them."""
SHELL: Final = "Bash"
_MCP: Final = "mcp__"


class Tool(NamedTuple):
    """One tool.

    Attributes:
        writes: argument whose text ends up in a file. Its tokens become values there, once the tool has written it.
        compared: argument that must stand in a file as it is.
        passes: it only carries the model's words to the model, its helpers or the person: tokens stay tokens.
        is_world: it shows what stands somewhere, to be written back: text that looks like a token is no token.
        opens: argument that names a file, which may be binary.
    """

    writes: str = ""
    compared: str = ""
    passes: bool = False
    is_world: bool = False
    opens: str = ""


_PASSES: Final = Tool(passes=True)
_WORLD: Final = Tool(is_world=True)
BUILT_IN: Final[Mapping[str, Tool]] = {
    "Write": Tool(writes="content"),
    "Edit": Tool(writes="new_string", compared="old_string"),
    "NotebookEdit": Tool(writes="new_source"),
    "Read": Tool(is_world=True, opens="file_path"),
    **dict.fromkeys("Grep Glob LS NotebookRead WebFetch WebSearch".split(), _WORLD),
    **dict.fromkeys(
        "Agent Task TodoWrite TodoRead TaskCreate TaskUpdate TaskGet TaskList TaskOutput TaskStop AgentOutputTool "
        "BashOutput KillShell AskUserQuestion EnterPlanMode ExitPlanMode Skill SlashCommand SendMessage "
        "ReportFindings ToolSearch StructuredOutput".split(),
        _PASSES,
    ),
}
_UNKNOWN: Final = Tool()


def tool(name: str) -> Tool:
    """What is known of a tool."""
    return BUILT_IN.get(name, _UNKNOWN)


def server_of(name: str) -> str:
    """The MCP server that a tool is of; "" for one of the client's own."""
    return name.removeprefix(_MCP).partition("__")[0] if name.startswith(_MCP) else ""
