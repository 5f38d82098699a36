from pathlib import Path

import pytest

from pii_shield.client.installers import places
from pii_shield.client.installers.places import Machine
from pii_shield.client.installers.table import BY_NAME, CLIENTS

from ..kit import Home

SERVERS = '{"mcpServers": {"x": {"command": "y"}}}'


def paths(home: Home, **environ: str) -> list[str]:
    machine = home.machine._replace(environ={**home.machine.environ, **environ})
    return [str(place.path.relative_to(home.folder)) for place in places.found(machine, CLIENTS)]


@pytest.mark.parametrize(
    ("platform", "path"),
    [
        ("linux", ".config/Claude/claude_desktop_config.json"),
        ("linux", ".config/claude/claude_desktop_config.json"),
        ("darwin", "Library/Application Support/Claude/claude_desktop_config.json"),
        ("win32", "AppData/Roaming/Claude/claude_desktop_config.json"),
        ("win32", "AppData/Local/Packages/Claude_a1b2/LocalCache/Roaming/Claude/claude_desktop_config.json"),
        ("darwin", "Library/Application Support/Code/User/mcp.json"),
        ("win32", "AppData/Roaming/Code/User/profiles/p/mcp.json"),
        ("win32", "AppData/Roaming/Block/goose/config/config.yaml"),
        ("darwin", ".config/zed/settings.json"),
        ("darwin", "Library/Application Support/Zed/settings.json"),
        ("win32", ".codex/config.toml"),
    ],
)
def test_files_are_where_each_platform_has_them(home: Home, platform: str, path: str) -> None:
    home.machine = home.machine._replace(platform=platform)
    home.write(path, "")
    assert paths(home) == [path]


def test_the_environment_moves_them(home: Home) -> None:
    home.write("c/.claude.json", SERVERS)
    home.write("x/config.toml", "")
    home.write("conf[1]/zed/settings.json", "{}")
    assert paths(home) == []
    environ = {
        "CLAUDE_CONFIG_DIR": str(home.folder / "c"),
        "CODEX_HOME": str(home.folder / "x"),
        "XDG_CONFIG_HOME": str(home.folder / "conf[1]"),
    }
    assert paths(home, **environ) == ["c/.claude.json", "conf[1]/zed/settings.json", "x/config.toml"]


def test_a_file_that_two_names_lead_to_comes_once(home: Home) -> None:
    home.write("dotfiles/mcp.json", SERVERS)
    for name in (".cursor/mcp.json", ".lmstudio/mcp.json"):
        (home.folder / name).parent.mkdir()
        (home.folder / name).symlink_to(home.folder / "dotfiles/mcp.json")
    assert paths(home) == [".cursor/mcp.json"]


def test_folders_and_broken_links_are_no_files(home: Home) -> None:
    (home.folder / ".claude.json").mkdir()
    (home.folder / ".cursor").mkdir()
    (home.folder / ".cursor/mcp.json").symlink_to("nowhere")
    assert paths(home) == []


def test_nothing_is_found_on_an_empty_machine(home: Home) -> None:
    assert paths(home) == []


def test_a_home_with_odd_characters_is_taken_literally(tmp_path: Path) -> None:
    folder = tmp_path / "a [b] *"
    folder.mkdir()
    home = Home(folder)
    home.write(".cursor/mcp.json", SERVERS)
    assert paths(home) == [".cursor/mcp.json"]


def test_the_usual_file_is_named_before_it_is_there() -> None:
    machine = Machine({"HOME": "/home/[j]"}, "linux", Path("/"))
    assert places.usual(machine, BY_NAME["goose"]) == Path("/home/[j]/.config/goose/config.yaml")
