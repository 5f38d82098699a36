import json
from typing import Any

import pytest

from pii_shield.client.installers.entries import State
from pii_shield.client.installers.table import BY_NAME

from ..kit import Home, only

SHIELD = "pii-shield"
REMOTE = "remote: only servers with a command can be wrapped"
RUN = ["run", "--name", "x", "--", "crm"]


def one(home: Home, keys: Any) -> Any:
    home.write(".cursor/mcp.json", json.dumps({"mcpServers": {"x": keys}}))
    return home.entries()[0]


@pytest.mark.parametrize(
    ("keys", "state", "why", "can_wrap"),
    [
        ({"command": "npx"}, State.OPEN, "", True),
        ({"command": SHIELD, "args": RUN}, State.PROTECTED, "", False),
        ({"command": "env", "args": [SHIELD, *RUN]}, State.PROTECTED, "by hand, through env", False),
        ({"command": "/gone/pii-shield", "args": RUN}, State.OPEN, "its pii-shield is gone; install again", True),
        ({"command": "uvx", "args": [SHIELD, *RUN]}, State.OPEN, "uvx runs another's package named pii-shield", False),
        ({"url": "https://x"}, State.OPEN, REMOTE, False),
        ({"serverUrl": "https://x", "disabled": True}, State.OFF, f"not protected when switched on; {REMOTE}", False),
        ({"command": "npx", "disabled": True}, State.OFF, "not protected when switched on", True),
        ({"command": SHIELD, "args": RUN, "enabled": False}, State.OFF, "protected when switched on", False),
        ({"command": "npx -y crm"}, State.OPEN, "its command holds arguments too; put them into args", False),
        ({"command": "npx", "args": "-y crm"}, State.OPEN, "its args are not a list", False),
        ({"command": ""}, State.OPEN, "it has no command that could be read", False),
        ({"command": 5}, State.OPEN, "it has no command that could be read", False),
        ("npx", State.OPEN, "it has no command that could be read", False),
        (None, State.OPEN, "it has no command that could be read", False),
    ],
)  # fmt: skip
def test_every_entry_is_judged(home: Home, keys: Any, state: State, why: str, can_wrap: bool) -> None:
    entry = one(home, keys)
    assert (entry.state, entry.why, entry.can_wrap) == (state, why, can_wrap)


def test_a_program_with_a_blank_in_its_path_is_no_command_line(home: Home) -> None:
    program = home.write("My Servers/crm", "")
    assert one(home, {"command": str(program)}).can_wrap


def test_what_runs_inside_the_client_is_no_gap(home: Home) -> None:
    home.write(".config/goose/config.yaml", "extensions:\n  d: {type: builtin, enabled: false}\n")
    assert [(entry.state, entry.can_wrap) for entry in home.entries()] == [(State.BUILT_IN, False)]


def test_a_yaml_alias_is_left_alone(home: Home) -> None:
    home.write(".config/goose/config.yaml", "x: &a [y]\nextensions:\n  d: {cmd: z, args: *a}\n")
    assert [(entry.why, entry.can_wrap) for entry in home.entries()] == [("its command is a YAML alias", False)]


@pytest.mark.parametrize(
    "text", ["{}", "[]", "null", '"x"', '{"mcpServers": []}', '{"mcpServers": null}', '{"mcpServers": [1]}']
)
def test_a_file_without_servers_has_none(home: Home, text: str) -> None:
    home.write(".cursor/mcp.json", text)
    assert home.entries() == []


def test_each_client_and_each_project_has_a_scope_of_its_own(home: Home) -> None:
    server = {"mcpServers": {"x": {"command": "y"}}}
    home.write(
        ".claude.json",
        json.dumps({**server, "projects": {"/home/j/acme": server, "/srv/acme": server, "C:\\w\\Ö!": server}}),
    )
    home.write("work/.mcp.json", json.dumps(server))
    home.write(".cursor/mcp.json", json.dumps(server))
    scopes = [entry.scope for entry in home.entries()]
    assert scopes[0] == "claude-code"
    assert scopes[1].startswith("claude-code/acme-") and scopes[2].startswith("claude-code/acme-")
    assert scopes[3].startswith("claude-code/project-")
    assert scopes[4].startswith("claude-code/work-")
    assert scopes[5] == "cursor"
    assert len(set(scopes)) == 6


def test_a_project_has_one_scope_whether_its_servers_are_shared_or_not(home: Home) -> None:
    server = {"mcpServers": {"x": {"command": "y"}}}
    home.write(".claude.json", json.dumps({"projects": {str(home.project): server}}))
    home.write("work/.mcp.json", json.dumps(server))
    assert len({entry.scope for entry in home.entries()}) == 1


def test_project_files_are_seen_but_only_touched_when_asked_to(home: Home) -> None:
    file = home.write("work/.vscode/mcp.json", '{"servers": {"x": {"command": "y"}}}')
    assert [(entry.state, entry.kind) for entry in home.entries()] == [(State.OPEN, "project")]
    assert home.install() == []
    assert home.install(only("vscode", with_projects=True))
    assert '"--scope", "vscode/work-' in file.read_text()


def test_every_row_of_the_table_is_reachable_and_has_a_known_format() -> None:
    for client in BY_NAME.values():
        assert client.spots[0].kind == "user"
        assert all(spot.kind in ("user", "local", "project") for spot in client.spots)
        assert all(not spot.path.startswith(("~", "$")) for spot in client.spots if spot.kind == "project")
