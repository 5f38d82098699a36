import hashlib
import os
import stat

import pytest

from pii_shield.client.installers.journal import Journal
from pii_shield.errors import ConfigError

from ..kit import Home, only

TEXT = '{"mcpServers": {"x": {"command": "y", "env": {"PASSWORD": "hunter2"}}}}'


def test_a_step_says_what_was_done(home: Home) -> None:
    file = home.write(".cursor/mcp.json", TEXT)
    home.install()
    [step] = home.journal.steps(file)
    assert (step.client, step.path) == ("cursor", str(file.resolve()))
    assert step.before == hashlib.sha256(TEXT.encode()).hexdigest()
    assert step.after == hashlib.sha256(file.read_bytes()).hexdigest()
    assert step.added == ((("mcpServers", "x"), ("args",)),)


@pytest.mark.skipif(os.name != "posix", reason="mode bits")
def test_backups_and_journal_are_private(home: Home) -> None:
    home.write(".cursor/mcp.json", TEXT)
    home.install()
    made = list((home.folder / "state").iterdir())
    assert len(made) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}
    assert stat.S_IMODE((home.folder / "state").stat().st_mode) == 0o700


def test_backups_go_when_the_change_is_undone(home: Home) -> None:
    home.write(".cursor/mcp.json", TEXT)
    home.install()
    home.uninstall()
    assert home.journal.steps() == []
    assert list((home.folder / "state").glob("*.backup")) == []


def test_a_backup_that_another_file_needs_stays(home: Home) -> None:
    home.write(".cursor/mcp.json", TEXT)
    home.write(".lmstudio/mcp.json", TEXT)
    home.install()
    home.uninstall(only("cursor"))
    assert len(list((home.folder / "state").glob("*.backup"))) == 1
    home.uninstall()
    assert (home.folder / ".lmstudio/mcp.json").read_text() == TEXT


@pytest.mark.parametrize("damage", [b"", b"other"])
def test_a_damaged_backup_is_not_used(home: Home, damage: bytes) -> None:
    file = home.write(".cursor/mcp.json", TEXT)
    home.install()
    next((home.folder / "state").glob("*.backup")).write_bytes(damage)
    home.uninstall()
    assert file.read_text() == TEXT


@pytest.mark.parametrize("content", ["{", '[{"x": 1}]', "[1]", '{"a": 1}'])
def test_a_damaged_journal_is_said(home: Home, content: str) -> None:
    home.write("state/journal.json", content)
    with pytest.raises(ConfigError, match="is damaged") as caught:
        home.journal.steps()
    assert "move it away" in caught.value.fix


def test_project_files_changed_before_are_undone_from_anywhere(home: Home) -> None:
    file = home.write("work/.mcp.json", TEXT)
    home.install(only("claude-code", with_projects=True))
    home.machine = home.machine._replace(project=home.folder)
    assert file.read_text() != TEXT
    home.uninstall()
    assert file.read_text() == TEXT


def test_a_step_that_was_not_carried_out_does_no_harm(home: Home) -> None:
    file = home.write(".cursor/mcp.json", TEXT)
    [plan] = home.install()
    home.uninstall()
    home.journal.record(plan, "t")  # and then the machine stopped
    assert home.uninstall() == []
    home.install()
    home.uninstall()
    assert file.read_text() == TEXT


def test_a_journal_that_is_not_there_is_empty(home: Home) -> None:
    assert Journal(home.folder / "none").steps() == []
