"""`reveal` as a person at a terminal, a pipe and an agent's shell run it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pii_shield import PiiShield
from pii_shield.audit import read
from pii_shield.cli import clipboard

pty = pytest.importorskip("pty")
fcntl = pytest.importorskip("fcntl")
termios = pytest.importorskip("termios")
JANE, OTHER = "jane.roe@example.com", "john.doe@example.com"
TEXT = "Write to {} and {}, not to [EMAIL_7K2QF9M36].\n"


class Desk:
    """A home with two values in two scopes, and a text that has their tokens."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        drop = ("PII_SHIELD_", "XDG_CONFIG", "XDG_DATA", "XDG_STATE", "CLAUDE", "CODEX", "DISPLAY", "WAYLAND")
        self.environ = {name: said for name, said in os.environ.items() if not name.startswith(drop)}
        self.environ |= {"HOME": str(folder), "COLUMNS": "80"}
        self.vault = folder / ".local/share/pii-shield/vault.db"
        self.config = folder / ".config/pii-shield/config.toml"
        self.config.parent.mkdir(parents=True)
        self.config.touch(0o600)
        self.config.write_text(f'[vault]\npath = "{self.vault}"\nkey = "{folder / "vault.key"}"\n')
        self.vault.parent.mkdir(parents=True)
        self.tokens = []
        for scope, value in (("default", JANE), ("cursor", OTHER)):
            with PiiShield(scope=scope, config_file=str(self.config)) as pii:
                self.tokens.append(pii.protect(value, server="crm"))
        self.file = folder / "answer.txt"
        self.file.write_text(TEXT.format(*self.tokens))
        self.shown = TEXT.format(JANE, OTHER)

    def start(self, *args: str, has_terminal: bool = True, **options: object) -> "subprocess.Popen[bytes]":
        """In a session of its own, with or without a controlling terminal."""
        main, side = pty.openpty()

        def attach() -> None:
            fcntl.ioctl(side, termios.TIOCSCTTY, 0)

        try:
            return subprocess.Popen(
                [sys.executable, "-m", "pii_shield", "reveal", *args],
                env=self.environ,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=attach if has_terminal else None,  # noqa: PLW1509 - before any thread of ours
                **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},  # type: ignore[call-overload]
            )
        finally:
            os.close(side)
            self.main = main

    def run(self, *args: str, stdin: bytes = b"", **options: bool) -> tuple[int, str, str]:
        process = self.start(*args, stdin=subprocess.PIPE, **options)
        out, error = process.communicate(stdin, timeout=60)
        os.close(self.main)
        return process.returncode, out.decode("utf-8", "surrogateescape"), error.decode()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_pipe_has_values_of_every_scope_and_the_rest_as_it_was(desk: Desk) -> None:
    text = desk.file.read_bytes() + b"\xff\xfe\r\n"
    code, out, _ = desk.run("-", stdin=text)
    assert code == 0
    assert out.encode("utf-8", "surrogateescape") == desk.shown.encode() + b"\xff\xfe\r\n"
    rows = list(map(read.parsed, read.DatabaseSource(desk.vault).raw()))
    shown = [(row["scope"], row["server"]) for row in rows if row["type"] == "release"]
    assert sorted(shown) == [("cursor", "user"), ("default", "user")]
    assert JANE not in repr(rows)


def test_only_one_scope_if_asked(desk: Desk) -> None:
    _, out, _ = desk.run("--scope", "cursor", "-", stdin=desk.file.read_bytes())
    assert OTHER in out and JANE not in out


def test_what_comes_slowly_is_shown_at_once_also_where_a_token_is_cut(desk: Desk) -> None:
    process = desk.start("-", stdin=subprocess.PIPE)
    assert process.stdin and process.stdout
    process.stdin.write(f"Hello\nto {desk.tokens[0][:9]}".encode())
    process.stdin.flush()
    assert process.stdout.readline() == b"Hello\n"
    time.sleep(0.2)
    process.stdin.write(f"{desk.tokens[0][9:]}!\n".encode())
    process.stdin.flush()
    assert process.stdout.readline() == f"to {JANE}!\n".encode()
    process.communicate(timeout=60)
    assert process.returncode == 0
    os.close(desk.main)


def test_a_file_is_shown_on_a_terminal_only(desk: Desk) -> None:
    code, out, error = desk.run("answer.txt")
    assert (code, out) == (2, "")
    assert "PS370" in error and "reveal - < answer.txt" in error
    main, side = pty.openpty()
    process = desk.start("answer.txt", stdout=side)
    os.close(side)
    shown = b""
    while desk.shown.strip().encode() not in shown.replace(b"\r\n", b"\n"):
        shown += os.read(main, 4096)
    process.communicate(timeout=60)
    assert process.returncode == 0
    os.close(main)


def test_one_token(desk: Desk) -> None:
    main, side = pty.openpty()
    process = desk.start(desk.tokens[0].strip("[]"), stdout=side)
    os.close(side)
    assert os.read(main, 4096).strip() == JANE.encode()
    process.communicate(timeout=60)
    assert process.returncode == 0
    os.close(main)
    assert desk.run("--clip", "EMAIL_7K2QF9M36")[0] == 1


@pytest.mark.parametrize("how", ["no terminal", "an agent", "forbidden"])
def test_nobody_else_sees_anything(desk: Desk, how: str) -> None:
    if how == "an agent":
        desk.environ["CLAUDECODE"] = "1"
    if how == "forbidden":
        desk.config.write_text(desk.config.read_text() + '[policy]\nreveal = "never"\n')
    for args in (("-",), ("answer.txt",), ("--clip", "-"), ("--in-place", "answer.txt")):
        code, out, error = desk.run(*args, stdin=desk.file.read_bytes(), has_terminal=how != "no terminal")
        assert code in (1, 2)
        assert JANE not in out + error
        assert "PS370" in error or "PS613" in error
    assert JANE not in desk.file.read_text()


def test_the_settings_may_do_without_a_terminal_but_no_project_may(desk: Desk) -> None:
    (desk.folder / ".pii-shield.toml").write_text('[policy]\nreveal = "anywhere"\n')
    assert desk.run("-", stdin=desk.file.read_bytes(), has_terminal=False)[0] == 2
    (desk.folder / ".pii-shield.toml").unlink()
    desk.config.write_text(desk.config.read_text() + '[policy]\nreveal = "anywhere"\n')
    desk.environ["CLAUDECODE"] = "1"
    assert desk.run("-", stdin=desk.file.read_bytes(), has_terminal=False)[:2] == (0, desk.shown)


def test_in_place_keeps_mode_and_links(desk: Desk) -> None:
    desk.file.chmod(0o640)
    link = desk.folder / "link.txt"
    link.symlink_to(desk.file)
    assert desk.run("--in-place", "link.txt")[0] == 0
    assert link.is_symlink() and desk.file.read_text() == desk.shown
    assert desk.file.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in desk.folder.glob("*answer*")) == ["answer.txt"]
    assert "no token in it resolves" in desk.run("--in-place", "answer.txt")[2]
    desk.file.chmod(0o440)
    desk.file.chmod(0o640)
    for wrong in (("--in-place", "-"), ("--in-place", "nothing.txt"), ("--in-place", "--clip", "answer.txt")):
        assert desk.run(*wrong)[0] == 2


def test_the_clipboard_gets_it_on_stdin(desk: Desk) -> None:
    code, out, error = desk.run("--clip", "answer.txt")
    assert code == 1 and "PS371" in error and JANE not in out + error
    tool = desk.folder / "bin" / "xclip"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\necho "$@" > {desk.folder}/args; cat > {desk.folder}/clip\n')
    tool.chmod(0o755)
    desk.environ |= {"PATH": f"{tool.parent}:{desk.environ['PATH']}", "DISPLAY": ":0"}
    assert desk.run("--clip", "-", stdin=desk.file.read_bytes())[:2] == (0, "")
    assert (desk.folder / "clip").read_text() == desk.shown
    assert JANE not in (desk.folder / "args").read_text()
    tool.write_text("#!/bin/sh\nexit 3\n")
    assert "PS371" in desk.run("--clip", "answer.txt")[2]


@pytest.mark.parametrize(
    ("platform", "environ", "program"),
    [
        ("darwin", {}, "pbcopy"),
        ("win32", {}, "clip.exe"),
        ("linux", {"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, "wl-copy"),
        ("linux", {"DISPLAY": ":0"}, "xclip"),
        ("linux", {"WSL_DISTRO_NAME": "Debian"}, "clip.exe"),
        ("linux", {}, None),
    ],
)
def test_each_desktop_has_its_program(
    tmp_path: Path, platform: str, environ: dict[str, str], program: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    found: Callable[..., str] = lambda name, path=None: f"/bin/{name}"  # noqa: E731
    monkeypatch.setattr(clipboard.shutil, "which", found)
    monkeypatch.setattr(
        clipboard.subprocess, "run", lambda argv, **_: asked.append(argv) or subprocess.CompletedProcess(argv, 0)
    )
    if program is None:
        with pytest.raises(clipboard.ClipboardError):
            clipboard.copy("x", environ, platform)
    else:
        clipboard.copy("x", environ, platform)
        assert asked[0][0] == f"/bin/{program}"


def test_a_vault_that_cannot_be_opened_and_a_file_that_is_not_there(desk: Desk) -> None:
    assert "PS304" in desk.run("--clip", "nothing.txt")[2]
    desk.vault.write_bytes(b"this is no database" * 100)
    code, out, error = desk.run("-", stdin=desk.file.read_bytes())
    assert code == 4 and "PS4" in error and JANE not in out + error
