import json

import pytest

from pii_shield.client.installers.entries import State
from pii_shield.errors import ConfigError

from ..kit import MODULE_LAUNCHER, Home, only


def test_only_command_and_arguments_change(home: Home) -> None:
    keys = {"type": "stdio", "command": "npx", "args": ["-y", "crm"], "env": {"A": "b"}, "cwd": "/x", "timeout": 5}
    file = home.write(".cursor/mcp.json", json.dumps({"mcpServers": {"crm": keys}}))
    home.install()
    after = json.loads(file.read_text())["mcpServers"]["crm"]
    words = ["run", "--name", "crm", "--scope", "cursor", "--", "npx"]
    assert after == {**keys, "command": home.launcher[0], "args": [*words, "-y", "crm"]}


def test_one_scope_for_all_if_asked_for(home: Home) -> None:
    home.write(".cursor/mcp.json", '{"mcpServers": {"crm": {"command": "x"}}}')
    home.install(scope="everything")
    assert home.entries()[0].argv[3:6] == ("crm", "--scope", "everything")


@pytest.mark.parametrize("old", [("/gone/bin/pii-shield",), ("/gone/python", "-P", "-m", "pii_shield")])
@pytest.mark.parametrize("is_module", [False, True])
def test_a_shield_that_is_gone_is_replaced_and_its_options_stay(
    home: Home, old: tuple[str, ...], is_module: bool
) -> None:
    args = [*old[1:], "run", "--vault", "/v", "--", "npx", "crm"]
    home.write(".cursor/mcp.json", json.dumps({"mcpServers": {"crm": {"command": old[0], "args": args}}}))
    assert home.entries()[0].state is State.OPEN
    launcher = (home.launcher[0].replace("pii-shield", "python"), *MODULE_LAUNCHER[1:]) if is_module else home.launcher
    home.install(launcher=launcher)
    assert home.entries()[0].argv == (*launcher, "run", "--vault", "/v", "--", "npx", "crm")


def test_an_array_of_commands_is_repaired_too(home: Home) -> None:
    old = ["/gone/pii-shield", "run", "--", "npx", "crm"]
    home.write("work/opencode.json", json.dumps({"mcp": {"crm": {"type": "local", "command": old}}}))
    home.install(only("opencode", with_projects=True))
    assert home.entries()[0].argv == (*home.launcher, "run", "--", "npx", "crm")


@pytest.mark.parametrize(
    "text",
    [
        "extensions:\n  a:\n    cmd: >-\n      npx\n    args: []\n",  # a literal of several lines
        "extensions:\n  a: {cmd: x, args: [&y b]}\nother: *y\n",
        "extensions:\n  a: &e {cmd: x, args: []}\nother: *e\n",
    ],
)
def test_what_could_not_be_undone_or_would_change_more_is_refused(home: Home, text: str) -> None:
    file = home.write(".config/goose/config.yaml", text)
    try:
        plans = home.install()
    except ConfigError as error:
        assert error.code == "PS323"
        assert file.read_text() == text
    else:
        assert plans
        home.uninstall()
        assert file.read_text() == text


def test_two_servers_of_one_name_in_a_list_are_refused(home: Home) -> None:
    text = "mcpServers:\n  - {name: a, command: x}\n  - {name: a, command: y}\n"
    file = home.write(".continue/config.yaml", text)
    with pytest.raises(ConfigError, match="cannot be changed safely: a, a"):
        home.install()
    assert file.read_text() == text


def test_a_list_that_was_emptied_meanwhile_stays_a_list(home: Home) -> None:
    file = home.write(".config/goose/config.yaml", "extensions:\n  a:\n    cmd: x\n    args:\n    - one\n")
    home.install()
    file.write_text(file.read_text().replace("    - one\n", ""))
    home.uninstall()
    assert file.read_text() == "extensions:\n  a:\n    cmd: x\n    args:\n     []\n"


def test_a_broken_file_is_named_with_its_line_and_the_others_are_done(home: Home) -> None:
    home.write(".cursor/mcp.json", '{\n"mcpServers": {\n')
    home.write(".lmstudio/mcp.json", '{"mcpServers": {"x": {"command": "y"}}}')
    cursor, lmstudio = home.look()
    assert str(cursor.fault) == f"{cursor.place.path}, line 3: the text ends too early"
    assert lmstudio.fault is None
    assert [plan.place.client.name for plan in home.install()] == ["lmstudio"]


def test_a_file_that_changes_between_plan_and_write_is_left_alone(home: Home) -> None:
    from pii_shield.client.installers import files, survey

    file = home.write(".cursor/mcp.json", '{"mcpServers": {"x": {"command": "y"}}}')
    plan = survey.to_install(home.look()[0], only("cursor"), home.launcher, "")
    assert plan is not None
    file.write_text("{}")
    with pytest.raises(ConfigError, match="has just been changed"):
        files.replace(plan.place.path, plan.before, plan.after)
    assert file.read_text() == "{}"
