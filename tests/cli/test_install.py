"""`install`, `uninstall`, `status`, `print` as a person runs them: real processes in a home folder of their own."""

import json
import os
import select
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

SERVERS: dict[str, Any] = {
    "crm": {"command": "npx", "args": ["-y", "crm", "--key=s3cret"], "env": {"KEY": "s3cret"}},
    "mailer": {"command": "mailer"},
    "web": {"url": "https://mcp.example.com"},
}
SECONDS = 60
NAMES = "Names, with commas between (Enter: none): "
ADDRESSES = "Addresses or domains, with commas between (Enter: none): "


class Shell:
    """A home folder, a project folder in it, and commands run there."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.project = home / "work"
        self.project.mkdir()
        self.environ = {"HOME": str(home), "PATH": os.environ["PATH"], "COLUMNS": "80", "PYTHONUTF8": "1"}
        self.environ["XDG_CACHE_HOME"] = os.environ["XDG_CACHE_HOME"]
        self.argv = [sys.executable, "-P", "-m", "pii_shield"]

    def write(self, path: str, content: str) -> Path:
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode())
        return file

    def cursor(self, **servers: Any) -> Path:
        return self.write(".cursor/mcp.json", "// mine\n" + json.dumps({"mcpServers": servers or SERVERS}, indent="\t"))

    def run(self, *args: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*self.argv, *args],
            cwd=self.project,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def talk(self, answers: dict[str, str], *args: str) -> tuple[int, str]:
        """Run on a terminal; each question that ends in a key is answered."""
        import pty

        ours, theirs = pty.openpty()
        child = subprocess.Popen(
            [*self.argv, *args], cwd=self.project, env=self.environ, stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        shown, waiting, deadline = "", dict(answers), time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if select.select([ours], [], [], 0.1)[0]:
                try:
                    shown += os.read(ours, 4096).decode("utf-8", "replace")
                except OSError:
                    break
            for question in [question for question in waiting if shown.rstrip("\r\n").endswith(question)]:
                os.write(ours, f"{waiting.pop(question)}\n".encode())
        os.close(ours)
        assert not waiting, shown
        return child.wait(SECONDS), shown.replace("\r\n", "\n")

    @property
    def config(self) -> Path:
        return self.home / ".config" / "pii-shield" / "config.toml"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


terminal = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo terminal")
linux = pytest.mark.skipif(sys.platform != "linux", reason="the folder of the settings is Linux's")


def names(file: Path) -> dict[str, bool]:
    servers = json.loads(file.read_text().replace("// mine\n", ""))["mcpServers"]
    return {name: "pii_shield" in keys.get("args", []) for name, keys in servers.items()}


def test_install_status_uninstall(shell: Shell) -> None:
    file = shell.cursor()
    before = file.read_bytes()
    assert "Protected: 2 servers. Now restart: Cursor." in shell.run("install", "-y").stdout
    assert names(file) == {"crm": True, "mailer": True, "web": False}
    status = shell.run("status").stdout
    assert "  protected      crm\n  protected      mailer\n  NOT PROTECTED  web     remote" in status
    assert "2 servers protected, 1 NOT PROTECTED." in status
    assert "Nothing to change." in shell.run("install", "-y").stdout
    shell.run("uninstall", "-y")
    assert file.read_bytes() == before


def test_a_protected_server_starts(shell: Shell) -> None:
    shell.cursor(clock={"command": sys.executable, "args": ["-m", "mcp_server_time"]})
    shell.run("install", "-y")
    keys = json.loads((shell.home / ".cursor/mcp.json").read_text().replace("// mine\n", ""))["mcpServers"]["clock"]
    params = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    hello = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})
    done = subprocess.run(
        [keys["command"], *keys["args"]],
        input=hello + "\n",
        capture_output=True,
        text=True,
        env=shell.environ,
        cwd=shell.project,
        timeout=SECONDS,
        check=False,
    )
    assert json.loads(done.stdout.splitlines()[0])["result"]["serverInfo"]["name"] == "mcp-time"


def test_what_is_shown_holds_no_secret(shell: Shell) -> None:
    shell.cursor()
    shown = [shell.run("install", "-n"), shell.run("install", "-n", "--json"), shell.run("install", "-y")]
    shown += [
        shell.run("status"),
        shell.run("status", "--json"),
        shell.run("uninstall", "-n"),
        shell.run("uninstall", "-y"),
    ]
    assert all("s3cret" not in done.stdout + done.stderr for done in shown)


@pytest.mark.parametrize("columns", [80, 100])
def test_lines_fit_the_screen_but_for_the_path_of_the_program(shell: Shell, columns: int) -> None:
    shell.environ["COLUMNS"] = str(columns)
    shell.cursor()
    shell.write(".claude.json", '{"mcpServers": {"x": {"command": "y"}}}')
    for command in (("install", "-n"), ("status",), ("install", "-y"), ("uninstall", "-n")):
        for line in shell.run(*command).stdout.splitlines():
            assert len(line) <= columns or sys.executable in line


def test_a_dry_run_writes_nothing(shell: Shell) -> None:
    file = shell.cursor()
    before = file.read_bytes()
    assert "  + " in shell.run("install", "--dry-run").stdout
    assert file.read_bytes() == before
    assert sorted(path.name for path in shell.home.iterdir()) == [".cursor", "work"]


def test_without_a_terminal_nothing_is_written_unless_told_to(shell: Shell) -> None:
    file = shell.cursor()
    before = file.read_bytes()
    done = shell.run("install", code=2)
    assert "nobody to ask here, so nothing was written" in done.stderr
    assert "add -y to write" in done.stderr
    assert file.read_bytes() == before


def test_json_on_stdout_is_nothing_but_json(shell: Shell) -> None:
    shell.cursor()
    planned = json.loads(shell.run("install", "--json", "-n").stdout)
    assert [change["server"] for change in planned["changes"]] == ["crm", "mailer"]
    assert [server["server"] for server in planned["not_protected"]] == ["web"]
    assert planned["written"] is False
    written = json.loads(shell.run("install", "--json", "-y").stdout)
    assert written == {**planned, "written": True}
    states = {
        server["server"]: server["state"] for server in json.loads(shell.run("status", "--json").stdout)["servers"]
    }
    assert states == {"crm": "protected", "mailer": "protected", "web": "not protected"}
    assert json.loads(shell.run("uninstall", "--json", "-y").stdout)["written"] is True


def test_only_the_named_client_and_server_are_touched(shell: Shell) -> None:
    file = shell.cursor()
    other = shell.write(".lmstudio/mcp.json", json.dumps({"mcpServers": SERVERS}))
    before = other.read_bytes()
    shell.run("install", "-y", "-a", "cursor", "--server", "crm")
    assert names(file) == {"crm": True, "mailer": False, "web": False}
    assert other.read_bytes() == before


def test_names_that_do_not_exist_are_said(shell: Shell) -> None:
    shell.cursor()
    assert "no server named crn" in shell.run("install", "-y", "--server", "crn", code=2).stderr
    assert "there are: crm, mailer, web" in shell.run("uninstall", "-y", "--server", "crn", code=2).stderr
    assert "no server named crn" in shell.run("install", "-y", "--trust", "crn", code=2).stderr
    assert "unknown client: emacs" in shell.run("status", "-a", "emacs", code=2).stderr


def test_a_file_of_its_own_place_needs_its_client(shell: Shell) -> None:
    file = shell.write("odd/place.json", '{"servers": {"x": {"command": "y"}}}')
    assert "needs the client" in shell.run("install", "-y", "--config-path", str(file), code=2).stderr
    shell.run("install", "-y", "-a", "vscode", "--config-path", str(file))
    assert "pii_shield" in file.read_text()
    shell.run("uninstall", "-y")
    assert file.read_text() == '{"servers": {"x": {"command": "y"}}}'
    assert "does not exist" in shell.run("install", "-a", "zed", "--config-path", "/nowhere", code=2).stderr


def test_project_files_are_skipped_with_advice(shell: Shell) -> None:
    file = shell.write("work/.mcp.json", '{"mcpServers": {"team": {"command": "y"}}}')
    done = shell.run("install", "-y")
    assert "Not touched: project files" in done.stdout and "team" in done.stdout
    assert "pii_shield" not in file.read_text()
    shell.run("install", "-y", "--project")
    assert "pii_shield" in file.read_text()


def test_a_machine_without_clients_gets_words_not_an_error(shell: Shell) -> None:
    for command in ("install", "status"):
        assert "No configuration file was found of: Claude Desktop, Claude Code" in shell.run(command).stdout
    assert "Nothing to take out" in shell.run("uninstall").stdout
    assert shell.run("status", "--check").returncode == 0


def test_a_broken_file_is_named_with_its_line_and_left_alone(shell: Shell) -> None:
    broken = shell.write(".cursor/mcp.json", '{\n "mcpServers": {\n  "x": {"command" "y"}\n}}')
    fine = shell.write(".lmstudio/mcp.json", json.dumps({"mcpServers": SERVERS}))
    done = shell.run("install", "-y", code=3)
    assert f"error[PS320]: {broken}, line 3: expected : after a key" in done.stderr
    assert broken.read_text() == '{\n "mcpServers": {\n  "x": {"command" "y"}\n}}'
    assert "pii_shield" in fine.read_text()
    assert "cannot be read: line 3" in shell.run("status", "--check", code=1).stdout


@pytest.mark.skipif(os.name != "posix", reason="mode bits")
def test_a_read_only_file_is_left_alone_and_the_others_are_written(shell: Shell) -> None:
    locked = shell.cursor()
    locked.chmod(0o444)
    fine = shell.write(".lmstudio/mcp.json", json.dumps({"mcpServers": SERVERS}))
    done = shell.run("install", "-y", code=3)
    assert "is read-only; it was not changed" in done.stderr
    assert "Protected: 2 servers. Now restart: LM Studio." in done.stdout
    assert "pii_shield" not in locked.read_text()
    assert "pii_shield" in fine.read_text()


@pytest.mark.parametrize(
    ("servers", "code"),
    [
        ({"a": {"command": "x"}}, 1),
        ({"a": {"url": "https://x"}}, 1),
        ({"a": {"url": "https://x", "disabled": True}}, 0),
        ({"a": {"command": "pii-shield", "args": ["run", "--", "x"]}}, 0),
    ],
)
def test_check_tells_by_its_exit_code(shell: Shell, servers: dict[str, Any], code: int) -> None:
    shell.cursor(**servers)
    shell.run("status", "--check", code=code)
    shell.run("status", code=0)


@linux
def test_plugins_with_servers_are_said_not_to_be_protected(shell: Shell) -> None:
    shell.cursor()
    shell.write(".gemini/extensions/x/gemini-extension.json", '{"mcpServers": {"x": {"command": "y"}}}')
    assert "Gemini CLI: 1 of its plugins bring servers: NOT PROTECTED" in shell.run("status").stdout
    assert "Gemini" not in shell.run("status", "-a", "cursor").stdout


def test_a_wrong_configuration_is_said_before_servers_are_made_to_depend_on_it(shell: Shell) -> None:
    file = shell.cursor()
    before = file.read_bytes()
    assert "PS306" in shell.run("install", "-y", "--scope", "not allowed!", code=3).stderr
    assert file.read_bytes() == before


@linux
def test_trusted_servers_are_written_into_the_users_settings(shell: Shell) -> None:
    shell.cursor()
    shell.write(".config/pii-shield/config.toml", "# mine\n[policy]\nprofile = 'strict' # always\n")
    done = shell.run("install", "-y", "--trust", "mailer")
    assert "Trusted: mailer" in done.stderr
    assert shell.config.read_text().startswith("# mine\n[policy]\nprofile = 'strict' # always\n")
    assert tomllib.loads(shell.config.read_text())["servers"] == {"mailer": {"trusted": True}}
    shell.run("install", "-y", "--trust", "crm")  # nothing else to do
    assert tomllib.loads(shell.config.read_text())["servers"]["crm"] == {"trusted": True}


@linux
@terminal
def test_a_person_is_asked_once_and_then_which_servers_to_trust(shell: Shell) -> None:
    file = shell.cursor()
    code, shown = shell.talk(
        {"Change 2 servers in 1 file? [y/N] ": "y", NAMES: "mailer", ADDRESSES: "Acme.example, me@gmail.com"}, "install"
    )
    assert code == 0, shown
    assert names(file)["crm"]
    assert "  crm, mailer\n" in shown
    assert tomllib.loads(shell.config.read_text())["servers"] == {"mailer": {"trusted": True}}
    assert shell.config.stat().st_mode & 0o777 == 0o600
    tuning = shell.config.with_name("tuning.toml")
    assert "gmail" not in tuning.read_text() and tuning.stat().st_mode & 0o777 == 0o600
    domain, address = tomllib.loads(tuning.read_text())["allow"]
    assert domain["domain"] == "acme.example" and address["type"] == "EMAIL"
    shell.run("uninstall", "-y")
    assert shell.talk({"[y/N] ": "y", NAMES: ""}, "install")[0] == 0, "addresses are asked for once"


@linux
def test_addresses_of_ones_own_reach_the_model(shell: Shell) -> None:
    shell.cursor()
    shell.run("install", "-y", "--own", "acme.example", "--own", "acme.example")
    tuning = shell.config.with_name("tuning.toml")
    assert len(tomllib.loads(tuning.read_text())["allow"]) == 1
    said = '{"jsonrpc":"2.0","id":1,"result":{"t":"me@acme.example, you@other.example"}}'
    server = f"import sys; sys.stdin.readline(); print({said!r}, flush=True)"
    command = [*shell.argv, "run", "--", sys.executable, "-c", server]
    call = '{"jsonrpc":"2.0","id":1,"method":"ping"}\n'
    done = subprocess.run(command, input=call, env=shell.environ, capture_output=True, text=True, check=True)
    assert "me@acme.example" in done.stdout and "you@" not in done.stdout


@pytest.mark.parametrize(
    ("own", "why"),
    [
        ("me@acme.example", "on a command line"),
        ("GMAIL.com", "everybody's"),
        ("acme", "no domain"),
        ("a b.c", "no domain"),
    ],
)
def test_what_is_no_domain_of_ones_own_is_refused(shell: Shell, own: str, why: str) -> None:
    file = shell.cursor()
    before = file.read_bytes()
    done = shell.run("install", "-y", "--own", own, code=2)
    assert why in done.stderr and "me@" not in done.stderr
    assert file.read_bytes() == before and not shell.config.with_name("tuning.toml").exists()


@linux
@terminal
def test_nobody_is_trusted_by_default(shell: Shell) -> None:
    shell.cursor()
    code, _ = shell.talk({"[y/N] ": "yes", NAMES: "", ADDRESSES: ""}, "install")
    assert code == 0
    assert not shell.config.exists() and not shell.config.with_name("tuning.toml").exists()


@terminal
def test_no_means_no(shell: Shell) -> None:
    file = shell.cursor()
    before = file.read_bytes()
    code, shown = shell.talk({"[y/N] ": ""}, "install")
    assert (code, file.read_bytes()) == (1, before)
    assert "Nothing was written." in shown


def test_print_gives_an_entry_to_paste(shell: Shell) -> None:
    done = shell.run("print", "--name", "crm", "codex", "--", "npx", "-y", "crm")
    server = tomllib.loads(done.stdout)["mcp_servers"]["crm"]
    assert [server["command"], *server["args"]] == [
        *shell.argv, "run", "--name", "crm", "--scope", "codex", "--", "npx", "-y", "crm",
    ]  # fmt: skip
    assert "For Codex: " in done.stderr
    assert "YOUR-SERVER" in shell.run("print", "goose").stdout
    assert "invalid choice" in shell.run("print", "emacs", code=2).stderr
    assert "options come before CLIENT" in shell.run("print", "codex", "--name", "crm", code=2).stderr
