import json
from pathlib import Path

import pytest

from pii_shield.errors import ConfigError
from pii_shield.upstreams import load


def written(folder: Path, text: str, name: str = "config.toml") -> Path:
    path = folder / name
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_servers_on_stdio_and_on_http(tmp_path: Path) -> None:
    text = """
[policy]
profile = "strict"
[serve]
hosts = ["pii.example.com"]
idle_minutes = 5
[servers.a]
command = ["npx", "-y", "server"]
args = ["--flag"]
env = { KEY = "${SECRET}", OTHER = "${UNSET:-fallback}" }
cwd = "/srv"
share = "principal"
trusted = true
[servers.b]
url = "https://mcp.example.com/mcp"
headers = { Authorization = "Bearer ${SECRET}" }
"""
    serve, servers = load(written(tmp_path, text), {"SECRET": "value"})
    assert serve.hosts == ("pii.example.com",)
    assert serve.idle_minutes == 5
    a, b = servers["a"], servers["b"]
    assert a.command == ("npx", "-y", "server", "--flag")
    assert a.env == {"KEY": "value", "OTHER": "fallback"}
    assert (a.cwd, a.share, b.share) == ("/srv", "principal", "session")
    assert b.headers == {"Authorization": "Bearer value"}
    assert "value" not in repr(servers)


def test_a_clients_json_file(tmp_path: Path) -> None:
    servers = {
        "files": {"command": "npx", "args": ["-y", "x"], "type": "stdio", "alwaysAllow": []},
        "web": {"url": "http://127.0.0.1:1/mcp"},
        "off": {"command": "x", "disabled": True},
    }
    _, found = load(written(tmp_path, json.dumps({"mcpServers": servers}), "mcp.json"), {})
    assert found.keys() == {"files", "web"}
    assert found["files"].command == ("npx", "-y", "x")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no server"),
        ("servers = 3", "must be a table"),
        ("[servers.a]", "either a command or a url"),
        ('[servers.a]\ncommand = "x"\nurl = "http://h"', "either a command or a url"),
        ('[servers.a]\nurl = "ftp://h"', "http or https"),
        ('[servers.a]\nurl = "http://user:secret@h/"', "without user"),
        ('[servers.a]\nurl = "http://h:99999/"', "http or https"),
        ("[servers.a]\ncommand = [1]", "list of texts"),
        ('[servers.a]\ncommand = "x"\nenv = { A = "${SECRET_NAME}" }', "no SECRET_NAME"),
        ('[servers.a]\ncommand = "x"\nshare = "all"', "session, principal"),
        ('[servers."a/b"]\ncommand = "x"', "a server's name"),
        ('[serve]\nport = 1\n[servers.a]\ncommand = "x"', "unknown key"),
        ('[serve]\nhosts = "x"\n[servers.a]\ncommand = "x"', "wrong type"),
        ('key = "secret\n', "not TOML"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_quoted(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load(written(tmp_path, text), {})
    assert said in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_file_that_others_could_have_written_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, '[servers.a]\ncommand = "x"')
    path.chmod(0o666)
    with pytest.raises(ConfigError, match="somebody else"):
        load(path, {})


def test_settings_of_serve_do_not_trouble_the_other_commands(tmp_path: Path) -> None:
    from pii_shield import config

    path = written(tmp_path, '[serve]\nidle_minutes = 5\n[servers.a]\ncommand = "x"\ntrusted = true\n')
    loaded = config.load({"HOME": str(tmp_path)}, file=str(path), project=tmp_path / "none")
    assert loaded.servers["a"].trusted
