import json

import pytest

from pii_shield.client.installers import show

from ..kit import EVERYTHING, Home, only

SECRETS = {
    "command": "npx",
    "args": ["-y", "crm", "--key=s3cret", "--key", "s3cret", "-ps3cret"],
    "env": {"A": "s3cret"},
}


def preview(home: Home, width: int) -> str:
    return "\n".join(line for plan in home.install() for line in show.plan(plan, width, str(home.folder)))


def status(home: Home, width: int) -> str:
    return "\n".join(line for seen in home.look() for line in show.states(seen, width, str(home.folder)))


@pytest.mark.parametrize("width", [80, 100])
def test_a_change_is_shown_as_command_lines_without_arguments_or_environment(home: Home, width: int) -> None:
    home.write(".cursor/mcp.json", json.dumps({"mcpServers": {"crm": SECRETS}}))
    home.launcher = ("/opt/bin/pii-shield",)
    shown = preview(home, width)
    assert shown.split("\n")[:4] == [
        "Cursor  ~/.cursor/mcp.json",
        "  crm",
        "  - npx -y … --key=… --key … …",
        "  + /opt/bin/pii-shield run --name crm --scope cursor -- npx -y … --key=… --key"
        + (" … …" if width == 100 else ""),
    ]
    assert "s3cret" not in shown


def test_taking_out_shows_the_same_the_other_way_round(home: Home) -> None:
    home.write(".codex/config.toml", '[mcp_servers.crm]\ncommand = "npx"\nargs = ["s3cret"]\n')
    home.install()
    [plan] = home.uninstall()
    lines = list(show.plan(plan, 200, str(home.folder)))
    assert lines[2].endswith("pii-shield run --name crm --scope codex -- npx …")
    assert lines[3:] == ["  + npx …", "  - startup_timeout_sec = 30"]


def test_states_say_why_and_show_no_argument(home: Home) -> None:
    servers = {"crm": SECRETS, "web": {"url": "https://s3cret@x"}, "off": {"command": "x", "disabled": True}}
    home.write(".cursor/mcp.json", json.dumps({"mcpServers": servers}))
    assert status(home, 80).split("\n") == [
        "Cursor  ~/.cursor/mcp.json",
        "  NOT PROTECTED  crm",
        "  NOT PROTECTED  web  remote: only servers with a command can be wrapped",
        "  disabled       off  not protected when switched on",
    ]


def test_a_file_that_cannot_be_read_is_shown_as_such(home: Home) -> None:
    home.write(".cursor/mcp.json", "{\n")
    assert "  cannot be read: line 2: the text ends too early" in status(home, 80)


def test_a_file_without_servers_says_so(home: Home) -> None:
    home.write(".cursor/mcp.json", "{}")
    assert status(home, 80).endswith("\n  no servers")


@pytest.mark.parametrize("width", [80, 100])
def test_lines_fit_the_screen_and_words_stay_whole(home: Home, width: int) -> None:
    servers = {f"server-{n}": {"url": "u"} | ({"disabled": True} if n % 2 else {}) for n in range(6)}
    home.write(".cursor/mcp.json", json.dumps({"mcpServers": servers}))
    assert all(len(line) <= width for line in status(home, width).split("\n"))


def test_names_cannot_drive_the_terminal(home: Home) -> None:
    home.write(".cursor/mcp.json", json.dumps({"mcpServers": {"\x1b[2Jcrm\n": {"command": "\x1b[31mx"}}}))
    shown = status(home, 80) + preview(home, 80)
    assert "\x1b" not in shown
    assert "?[2Jcrm?" in shown


def test_data_holds_no_argument_and_no_environment(home: Home) -> None:
    home.write(".cursor/mcp.json", json.dumps({"mcpServers": {"crm": SECRETS}}))
    [seen] = home.look(EVERYTHING)
    data = show.data(seen.place, seen.entries[0])
    assert "s3cret" not in json.dumps(data)
    assert (data["client"], data["server"], data["state"], data["scope"]) == (
        "cursor",
        "crm",
        "not protected",
        "cursor",
    )


def test_what_files_do_not_show_is_said_once_a_client(home: Home) -> None:
    home.write(".claude.json", "{}")
    home.write("work/.mcp.json", "{}")
    assert len(show.beyond(seen.place for seen in home.look())) == 1
    assert show.beyond(seen.place for seen in home.look(only("cursor"))) == []


def test_numbers_agree_with_their_nouns() -> None:
    assert [show.count(n, "file") for n in (0, 1, 2)] == ["0 files", "1 file", "2 files"]
