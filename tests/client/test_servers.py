"""`shield_config`: every server behind the shield, nothing secret in a command line."""

import json
import sys
from typing import Any

import pytest
from mcp import StdioServerParameters

from pii_shield import ConfigError, shield_config

LAUNCHER = ("/opt/pii-shield",)
CRM = {"command": "npx", "args": ["-y", "crm-server", "--db", "x"], "env": {"API_KEY": "s3cret"}}
REMOTE = {
    "type": "http",
    "url": "https://crm.example.com/mcp?key=s3cret",
    "headers": {"Authorization": "Bearer s3cret"},
}


def shielded(config: Any) -> Any:
    return shield_config(config, launcher=LAUNCHER)


def test_a_command_gets_the_shield_in_front_and_nothing_else_changes() -> None:
    config = {"mcpServers": {"crm": CRM}, "theme": "dark"}
    before = json.dumps(config)
    assert shielded(config) == {
        "mcpServers": {
            "crm": {
                "command": "/opt/pii-shield",
                "args": ["run", "--name", "crm", "--scope", "default", "--", "npx", *CRM["args"]],
                "env": CRM["env"],
            }
        },
        "theme": "dark",
    }
    assert json.dumps(config) == before


@pytest.mark.parametrize(
    "config", [{"mcpServers": {"crm": CRM, "web": REMOTE}}, {"crm": CRM}, {"servers": {"web": REMOTE}}]
)
def test_doing_it_again_changes_nothing(config: Any) -> None:
    once = shielded(config)
    assert shielded(once) == once != config


def test_connections_of_langchain_keep_their_shape() -> None:
    connections = {"crm": {"transport": "stdio", **CRM}, "web": {"transport": "streamable_http", "url": REMOTE["url"]}}
    new = shielded(connections)
    assert [new[name]["transport"] for name in new] == ["stdio", "stdio"]
    assert new["crm"]["args"][-5:] == ["npx", *CRM["args"]]


def test_parameters_of_the_sdk_stay_parameters_of_the_sdk() -> None:
    parameters = StdioServerParameters(command="npx", args=["-y", "crm-server"], env={"API_KEY": "s3cret"}, cwd="/srv")
    new = shielded(parameters)
    assert (new.command, new.args[-3:], new.env, new.cwd) == (
        "/opt/pii-shield",
        ["npx", "-y", "crm-server"],
        {"API_KEY": "s3cret"},
        "/srv",
    )
    assert new.args[:3] == ["run", "--name", "crm-server"]
    assert shielded(new) == new
    assert parameters.command == "npx"


def test_no_address_header_or_environment_comes_into_a_command_line() -> None:
    new = shielded({"mcpServers": {"crm": CRM, "web": REMOTE}})["mcpServers"]
    for server in new.values():
        assert "s3cret" not in json.dumps([server["command"], server["args"]])
    assert new["web"]["env"] == {"MCP_SERVER_URL": REMOTE["url"], "MCP_HEADER_AUTHORIZATION": "Bearer s3cret"}
    assert "Authorization=${MCP_HEADER_AUTHORIZATION}" in new["web"]["args"]
    assert not {"url", "headers"} & new["web"].keys()
    assert new["web"]["type"] == "stdio"


def test_the_scope_is_in_the_command() -> None:
    args = shield_config({"crm": CRM}, scope="agents", launcher=LAUNCHER)["crm"]["args"]
    assert args[args.index("--scope") + 1] == "agents"


def test_without_a_launcher_this_python_starts_the_shield() -> None:
    new = shield_config({"crm": CRM})["crm"]
    assert [new["command"], *new["args"][:4]] == [sys.executable, "-P", "-m", "pii_shield", "run"]


@pytest.mark.parametrize("config", [{"mcpServers": {"crm": {"env": {}}}}, {"crm": 1}, [CRM], "npx", None])
def test_what_is_no_server_is_an_error_and_not_left_open(config: Any) -> None:
    with pytest.raises(ConfigError):
        shielded(config)
