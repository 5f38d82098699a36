"""Hooks and shell put into the client's settings on this machine, and taken out again."""

import os
import shlex
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from ... import paths
from ...errors import ConfigError
from ..edits.tree import BadText
from ..installers import files, places
from ..installers.journal import Journal
from ..installers.places import Machine, Place
from ..installers.plan import Plan
from ..installers.table import BY_NAME
from . import settings
from .settings import Held, Wanted
from .tools import SERVER

T = TypeVar("T")
_SHELLS: Final = ("bash", "zsh")
_SCRIPT: Final = "#!/bin/sh\n# Claude Code's shell, so that what commands print has tokens. Written by pii-shield.\n"


class Change(NamedTuple):
    """What would change.

    Attributes:
        path: the client's settings.
        before, after: their content; b"" where there is no such file.
        shell: our shell's file.
        script: its content; b"" if it goes.
    """

    path: Path
    before: bytes
    after: bytes
    shell: Path
    script: bytes


def settings_file(machine: Machine) -> Path:
    """The client's settings of this user."""
    said = machine.environ.get("CLAUDE_CONFIG_DIR")
    return (Path(said) if said else places.home(machine) / ".claude") / "settings.json"


def look(machine: Machine) -> Held | None:
    """What is in the client's settings; None where it has none.

    Raises:
        ConfigError: they cannot be read.
    """
    path = settings_file(machine)
    return _named(path, lambda: settings.held(files.read(path))) if path.is_file() else None


def installing(machine: Machine, launcher: tuple[str, ...], scope: str, display: bool) -> Change | None:
    """What putting them in would change; None if nothing.

    Raises:
        ConfigError: it cannot be done.
    """
    path = settings_file(machine)
    before = files.read(path) if path.is_file() else b""
    shell = _real_shell(machine, _named(path, lambda: settings.held(before)).shell)
    ours = shell_folder(machine.environ) / shell.name
    wanted = Wanted(launcher, scope, str(ours), display)
    after = _named(path, lambda: settings.with_hooks(before, wanted))
    command = shlex.join((*launcher, "hook", "shell", "--scope", scope, "--", str(shell)))
    script = f'{_SCRIPT}exec {command} "$@"\n'.encode()
    is_there = ours.is_file() and files.read(ours) == script
    return None if before == after and is_there else Change(path, before, after, ours, script)


def uninstalling(machine: Machine, journal: Journal) -> Change | None:
    """What taking them out would change; None if nothing is there.

    Raises:
        ConfigError: it cannot be done.
    """
    path = settings_file(machine)
    held = look(machine)
    if held is None or not (held.events or settings.is_our_shell(held.shell)):
        return None
    before = files.read(path)
    original = journal.original(path, before)
    if original != before and not _is_held(original):
        after = original
    else:
        after = _named(path, lambda: settings.without_hooks(before, _shell_before(journal, path)))
    return Change(path, before, after, Path(held.shell), b"")


def write(change: Change, journal: Journal, time: str) -> None:
    """Make a change, and note it first.

    Raises:
        ConfigError: it cannot be made; what is not made is as it was.
    """
    if change.script:
        files.write_private(change.shell, change.script)
        change.shell.chmod(0o700)
        if not change.before and not change.path.exists():
            files.write_private(change.path, b"")
        if change.before != change.after:
            plan = Plan(Place(BY_NAME[SERVER], (), change.path), change.before, change.after, (), {})
            journal.record(plan, time)
            files.replace(change.path, change.before, change.after)
        return
    files.replace(change.path, change.before, change.after)
    if not change.after:
        change.path.unlink()
    journal.forget(change.path)
    if settings.is_our_shell(str(change.shell)):
        change.shell.unlink(missing_ok=True)


def shell_folder(environ: Mapping[str, str]) -> Path:
    """Where our shell is. Its name is the real one's: the client tells by it what language a shell speaks."""
    return paths.vault_file(environ).parent / "shell"


def journal(machine: Machine) -> Journal:
    """The record of what was done to the settings."""
    return Journal(paths.state_dir(machine.environ) / "hooks")


def _is_held(data: bytes) -> bool:
    held = settings.held(data)
    return bool(held.events) or settings.is_our_shell(held.shell)


def _shell_before(journal: Journal, path: Path) -> str:
    """The shell that the settings said before ours."""
    for step in journal.steps(path):
        backup = journal.backup(step)
        said = settings.held(files.read(backup)).shell if backup.exists() else ""
        if said and not settings.is_our_shell(said):
            return said
    return ""


def _real_shell(machine: Machine, said: str) -> Path:
    """The shell that the client would use."""
    usual = [shutil.which(name, path=machine.environ.get("PATH") or os.defpath) for name in _SHELLS]
    for shell in (said, machine.environ.get("SHELL", ""), *usual, *(f"/bin/{name}" for name in _SHELLS)):
        is_known = shell and Path(shell).name in _SHELLS and not settings.is_our_shell(shell)
        if shell and is_known and os.access(shell, os.X_OK):
            return Path(shell)
    raise ConfigError("neither bash nor zsh is here, and the client needs one", code="PS368", fix="install bash")


def _named(path: Path, read: Callable[[], T]) -> T:
    """Faults of the settings, with their file."""
    try:
        return read()
    except BadText as bad:
        raise ConfigError(f"{path}, {bad}", code=bad.code, fix=bad.fix) from None
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}", code=error.code, fix=error.fix) from None
