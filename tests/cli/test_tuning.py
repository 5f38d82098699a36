"""`allow`, `deny`, `forget` and `why` as a user runs them, around a real server behind `run`."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

MAIL, PHONE = "jane@acme.example", "+1 415 555 0132"
SERVER = f"""
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if "id" in message:
        person = {{"email": "{MAIL}", "note": "call {PHONE}, FLC-1234"}}
        result = {{"content": [], "structuredContent": {{"people": [person]}}}}
        print(json.dumps({{"jsonrpc": "2.0", "id": message["id"], "result": result}}), flush=True)
"""
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "search", "arguments": {}}}
Done = subprocess.CompletedProcess[str]


class Home:
    """Somebody's home folder, and the program in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tuning = folder / "cfg" / "pii-shield" / "tuning.toml"
        (folder / "server.py").write_text(SERVER)

    def shield(self, *args: str, stdin: str = "") -> Done:
        environ = {
            name: text
            for name, text in os.environ.items()
            if not name.startswith(("PII_SHIELD_", "XDG_CONFIG", "XDG_DATA", "XDG_STATE"))
        }
        environ |= {
            "HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder / "cfg"),
            "LOCALAPPDATA": str(self.folder),
        }
        command = [sys.executable, "-m", "pii_shield", *args]
        return subprocess.run(
            command, input=stdin, env=environ, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False
        )

    def person(self, *flags: str) -> dict[str, str]:
        """What the model sees of the one person that the server knows."""
        done = self.shield(
            "run", "--name", "crm", *flags, "--", sys.executable, "server.py", stdin=json.dumps(CALL) + "\n"
        )
        return json.loads(done.stdout)["result"]["structuredContent"]["people"][0]

    def entries(self, kind: str) -> list[dict[str, object]]:
        return tomllib.loads(self.tuning.read_text("utf-8")).get(kind, [])


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def bare(token: str) -> str:
    return token.strip("[]")


def test_why_tells_where_a_token_is_from_and_its_commands_work(home: Home) -> None:
    token = home.person()["email"]
    told = home.shield("why", token)
    assert told.returncode == 0
    for words in (
        "EMAIL, a contact value",
        "field-email",
        "tool search",
        "/structuredContent/people/*/email",
        "crm sent it",
    ):
        assert words in told.stdout or words.replace("field-email", "email") in told.stdout
    assert MAIL not in told.stdout + told.stderr
    commands = [line.split("pii-shield ")[1].split() for line in told.stdout.splitlines() if "pii-shield allow" in line]
    assert len(commands) == 4
    for command in commands:
        assert home.shield(*[word.strip("'") for word in command]).returncode == 0
        assert home.person()["email"] == MAIL
        assert home.shield("allow", "--remove", "1").returncode == 0
        assert home.person()["email"] == token


def test_why_last_tells_the_newest_ones(home: Home) -> None:
    tokens = {bare(text) for value in home.person().values() for text in value.split() if text.startswith("[")}
    told = home.shield("why", "--last", "9").stdout
    assert all(token.rstrip("],") in told for token in tokens)
    assert home.shield("why", "--last").stdout.count("to erase the value") == 1


def test_why_finds_a_token_in_a_scope_that_nobody_named(home: Home) -> None:
    token = home.person("--scope", "client-a")["email"]
    told = home.shield("why", bare(token)).stdout
    assert "client-a" in told
    assert f"allow {bare(token)} --scope client-a" in told
    assert home.shield("why", token, "--scope", "other").returncode == 1


def test_why_before_anything_was_found(home: Home) -> None:
    done = home.shield("why", "--last")
    assert (done.returncode, done.stdout) == (1, "no token was given yet\n")


@pytest.mark.parametrize("args", [(), ("--last", "--missed"), ("EMAIL_7K2QF9M36", "--last")])
def test_why_wants_one_question(home: Home, args: tuple[str, ...]) -> None:
    assert home.shield("why", *args).returncode == 2


def test_missed_says_what_was_lacking(home: Home) -> None:
    text = f"{MAIL}, host 192.0.2.77, number 536228726\nemail: none\n"
    done = home.shield("why", "--missed", stdin=text)
    assert done.returncode == 0
    assert "protected, score" in done.stdout
    assert "IP is not protected here" in done.stdout
    assert "too weak" in done.stdout
    assert not any(value in done.stdout for value in (MAIL, "192.0.2.77", "536228726"))


def test_missed_knows_exemptions(home: Home) -> None:
    home.shield("allow", "--domain", "acme.example", "--server", "crm")
    assert "your allow list lets it through" in home.shield("why", "--missed", "--server", "crm", stdin=MAIL).stdout
    assert "1 protected" in home.shield("why", "--missed", stdin=MAIL).stdout


def test_a_value_is_asked_for_and_kept_as_a_digest(home: Home) -> None:
    home.person()
    done = home.shield("allow", "--value", "--note", "ours", stdin=f"{MAIL.upper()}\n")
    assert done.returncode == 0
    assert "--remove 1" in done.stdout
    assert home.person()["email"] == MAIL
    assert MAIL not in home.tuning.read_text("utf-8").lower()
    assert home.entries("allow")[0]["note"] == "ours"
    if os.name == "posix":
        assert home.tuning.stat().st_mode & 0o777 == 0o600


def test_a_value_that_does_not_come_is_wrong_usage(home: Home) -> None:
    assert home.shield("allow", "--value", stdin="\n").returncode == 2
    assert not home.tuning.exists()


def test_a_token_and_a_place_in_one_entry_must_both_hold(home: Home) -> None:
    token = home.person()["email"]
    home.shield("allow", token, "--server", "mailer")
    assert home.person()["email"] == token


def test_what_is_denied_is_protected_until_it_is_taken_out(home: Home) -> None:
    assert "FLC-1234" in home.person()["note"]
    assert home.shield("deny", "--pattern", "FLC-[0-9]{4}", "--type", "ORG").returncode == 0
    assert "[ORG_" in home.person()["note"]
    assert "type ORG, pattern" in home.shield("deny", "--list").stdout
    assert home.shield("deny", "--remove", "1").returncode == 0
    assert "FLC-1234" in home.person()["note"]


def test_lists_are_data_too_and_show_no_value(home: Home) -> None:
    home.shield("deny", "--value", stdin="Falcon\n")
    home.shield("deny", "--type", "ip")
    done = home.shield("deny", "--list", "--json")
    first, second = json.loads(done.stdout)["deny"]
    assert (first["value"], second["type"]) == (True, "IP")
    assert "Falcon" not in done.stdout + home.shield("deny", "--list").stdout
    assert home.shield("allow", "--list").stdout == "no allow entries\n"


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("allow",), 2),
        (("deny",), 2),
        (("allow", "EMAIL_7K2QF9M36", "--value"), 2),
        (("allow", "EMAIL_7K2QF9M36"), 1),
        (("allow", "--server", "crm"), 3),
        (("allow", "--pattern", "(jane"), 3),
        (("allow", "--path", "a"), 3),
        (("allow", "--type", "EMIAL"), 3),
        (("deny", "--type", "IP", "--tool", "x"), 3),
        (("allow", "--remove", "1"), 3),
    ],
)
def test_what_makes_no_sense_changes_nothing(home: Home, args: tuple[str, ...], code: int) -> None:
    done = home.shield(*args)
    assert done.returncode == code
    assert "fix:" in done.stderr and "Traceback" not in done.stderr
    assert not home.tuning.exists()


def test_a_rule_that_nobody_knows_is_pointed_out(home: Home) -> None:
    done = home.shield("allow", "--rule", "emial")
    assert done.returncode == 0
    assert "no shipped rule is called emial" in done.stderr


def test_a_file_that_people_broke_is_not_made_worse(home: Home) -> None:
    home.tuning.parent.mkdir(parents=True)
    home.tuning.write_text("[[allow]\n")
    done = home.shield("allow", "--type", "IP")
    assert done.returncode == 3
    assert home.tuning.read_text() == "[[allow]\n"


def test_forget_erases_and_the_value_gets_another_token(home: Home) -> None:
    token = home.person()["email"]
    done = home.shield("forget", token)
    assert (done.returncode, done.stdout) == (0, f"{bare(token)}: erased\n")
    assert home.shield("why", token).returncode == 1
    assert home.shield("forget", token).returncode == 1
    assert home.person()["email"] not in (token, MAIL)


def test_an_administrator_s_lock_is_told(home: Home, tmp_path: Path) -> None:
    from pii_shield.cli.tune import _is_locked

    managed = tmp_path / "managed-tuning.toml"
    managed.write_text("locked = true\n")
    managed.chmod(0o600)
    assert _is_locked((home.tuning, managed))
    assert not _is_locked((home.tuning,))


def test_an_observed_server_is_told_at_its_start_and_by_status(home: Home) -> None:
    config = home.tuning.with_name("config.toml")
    config.parent.mkdir(parents=True)
    config.write_text('[servers.crm]\nmode = "observe"\n')
    config.chmod(0o600)
    done = home.shield("run", "--name", "crm", "--", sys.executable, "server.py", stdin=json.dumps(CALL) + "\n")
    assert MAIL in done.stdout
    assert "crm is OBSERVED until" in done.stderr
    assert "what was found" not in done.stderr and MAIL not in done.stderr
    assert "crm is set to be OBSERVED" in home.shield("status").stdout
    assert home.shield("status", "--check").returncode == 1
    assert json.loads(home.shield("status", "--json").stdout)["observed"]
    assert "sent it" in home.shield("why", "--last").stdout


def test_status_says_that_nothing_starts_with_a_wrong_configuration(home: Home) -> None:
    config = home.tuning.with_name("config.toml")
    config.parent.mkdir(parents=True)
    config.write_text("[detct]\n")
    config.chmod(0o600)
    assert "no server will start" in home.shield("status").stdout
