"""Servers get the name a human would give them, and never one made of an argument."""

import pytest

from pii_shield.naming import default_name


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("mcp-server-git --repository /home/jane", "mcp-server-git"),
        ("/usr/local/bin/crm-server", "crm-server"),
        ("C:\\tools\\crm.exe", "crm"),
        ("npx -y @modelcontextprotocol/server-filesystem /data", "server-filesystem"),
        ("npx @modelcontextprotocol/server-filesystem@2026.8.31", "server-filesystem"),
        ("npx -y mcp-remote@latest https://example.com/mcp?key=abc", "mcp-remote"),
        ("npm exec -y -- some-server", "some-server"),
        ("pnpm dlx some-server", "some-server"),
        ("uvx mcp-server-time", "mcp-server-time"),
        ("uvx mcp-server-time==2026.1", "mcp-server-time"),
        ("uvx --from mcp-server-fetch[all]@1.0 fetch", "mcp-server-fetch"),
        ("uv tool run mcp-server-time", "mcp-server-time"),
        ("pipx run mcp-server-time", "mcp-server-time"),
        ("python -m mcp_server_git", "mcp_server_git"),
        ("python3.11 -u -m mcp_server_git", "mcp_server_git"),
        ("/venv/bin/python3 /srv/crm/server.py", "crm"),
        ("python crm.py", "crm"),
        ("node /opt/server-everything/dist/index.js stdio", "server-everything"),
        ("node ./build/weather.mjs", "weather"),
        ("node index.js", "node"),
        ("node --token hunter2 index.js", "node"),
        ("python -c print(1)", "python"),
        ("uv --directory /srv/crm run server", "uv"),
        ("docker run -i --rm -e KEY=hunter2 mcp/github", "docker"),
        ("sh -c server", "sh"),
        ("npx", "npx"),
        ("../..", "server"),
        ("/opt/Mein Server/läuft", "l-uft"),
    ],
)
def test_the_name_is_that_of_the_package_or_program(command, name):
    words = [command] if "Mein" in command else command.split()
    assert default_name(words) == name


def test_a_name_is_short():
    assert len(default_name(["x" * 1000])) == 64
