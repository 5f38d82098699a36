"""`pii-shield audit` as people and scripts use it."""

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from pii_shield import assemble
from pii_shield.audit.note import Verifier
from pii_shield.settings import Config, Server

MAIL = "jane@acme.com"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault whose log has a protect, a release and a denial."""
    home = tmp_path_factory.mktemp("home")
    (home / "config.toml").touch(mode=0o600)
    config = Config(vault=home / "v.db", servers={"mailer": Server(trusted=True)})
    crm = assemble.conversation(config, name="crm", command=("crm",))
    line = crm.from_server(json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"t": MAIL}}).encode()).forward
    token = json.loads(line or b"")["result"]["t"]
    crm.close()
    for name in ("mailer", "other"):
        conversation = assemble.conversation(config, name=name, command=(name,))
        params = {"name": "send", "arguments": {"to": token}}
        call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params}
        conversation.from_client(json.dumps(call).encode())
        conversation.close()
    return home


def audit(home: Path, command: str, *args: str, code: int = 0) -> str:
    """The command's standard output; it must end with the code."""
    argv = [sys.executable, "-m", "pii_shield", "audit", command, "--config", str(home / "config.toml")]
    argv += ["--vault", str(home / "v.db"), *args]
    environ = {**os.environ, "HOME": str(home), "XDG_STATE_HOME": str(home / "state")}
    done = subprocess.run(argv, check=False, capture_output=True, text=True, env=environ, timeout=60)
    assert done.returncode == code, done.stderr
    assert MAIL not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout if code in (0, 1) else done.stderr


def key(home: Path) -> str:
    return audit(home, "key").strip()


def seq_of(home: Path, type_: str) -> str:
    return str(json.loads(audit(home, "query", "--type", type_, "--json").splitlines()[0])["seq"])


def test_summary_counts_the_last_week(home: Path) -> None:
    text = audit(home, "summary")
    assert "protected" in text and "EMAIL" in text and "crm > mailer" in text
    assert all(len(line) <= 80 for line in text.splitlines())
    data = json.loads(audit(home, "summary", "--json"))
    assert data["rows"]["release"] == data["rows"]["denial"] == 1
    assert data["flows"][0]["from"].startswith("crm#")
    assert "nothing happened" in audit(home, "summary", "--until", "2020-01-01", "--since", "2019-01-01")


def test_query_filters_and_says_by_its_code_whether_there_was_a_row(home: Path) -> None:
    (row,) = map(json.loads, audit(home, "query", "--type", "release", "--json").splitlines())
    token = row["items"][0]["token"]
    shown = audit(home, "query", "--token", f"[EMAIL_{token}]").splitlines()
    assert [line.split()[3] for line in shown] == ["protect", "release", "denial"]
    assert audit(home, "query", "--server", "nobody", code=1) == ""
    assert len(audit(home, "query", "--since", "1h", "--direction", "out").splitlines()) == 2


def test_tail_shows_the_last_rows(home: Path) -> None:
    lines = audit(home, "tail", "-n", "2").splitlines()
    assert len(lines) == 2
    assert [line.split()[1] for line in lines] == ["other", "stop"]
    assert audit(home, "tail", "-n", "1", "--json", "--type", "denial").startswith("{")
    assert len(audit(home, "tail", "--since", "1h").splitlines()) > 5


def test_verify_with_key_and_outside_checkpoints_proves_every_row(home: Path) -> None:
    outside = home / "v.db.checkpoints"
    text = audit(home, "verify", "--key", key(home), "--checkpoints", str(outside))
    assert "nothing is wrong" in text
    assert text.count("\nproven ") == 2
    data = json.loads(audit(home, "verify", "--json"))
    assert data["sound"] is True
    assert data["covered"] == 0
    assert any("second place" in said for said in data["unproven"])


def test_verify_needs_neither_the_vaults_key_nor_its_file(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.jsonl"
    copy.write_text(audit(home, "export"))
    outside = str(home / "v.db.checkpoints")
    (tmp_path / "config.toml").touch(mode=0o600)
    assert "nothing is wrong" in audit(tmp_path, "verify", "--log", str(copy), "--checkpoints", outside)
    copy.write_text(copy.read_text().replace('"tool":"send"', '"tool":"sent"', 1))
    assert "NOT AS WRITTEN" in audit(tmp_path, "verify", "--log", str(copy), "--checkpoints", outside, code=1)


@pytest.mark.parametrize("form", ["jsonl", "csv", "ocsf"])
def test_export_writes_a_file_and_signs_what_it_wrote(home: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"log.{form}"
    audit(home, "export", "--format", form, "-o", str(out))
    text = Verifier(key(home)).read((tmp_path / f"log.{form}.manifest").read_text())
    assert f"sha256 {sha256(out.read_bytes()).hexdigest()}\n" in text
    assert f"export log.{form}\n" in text
    rows = [json.loads(line) for line in audit(home, "query", "--type", "export", "--json").splitlines()]
    assert rows[-1]["format"] == form
    assert f"rows {rows[-1]['rows'] + 2} from 1" in text  # its own row, and the end of who wrote that


def test_an_export_is_on_record_before_it_leaves_and_verifies_against_the_last_checkpoint(
    home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "log.jsonl"
    audit(home, "export", "-o", str(file))
    types = [json.loads(line)["type"] for line in file.read_text().splitlines()]
    assert types[-2:] == ["export", "stop"]
    outside = str(home / "v.db.checkpoints")
    said = json.loads(audit(home, "verify", "--log", str(file), "--key", key(home), "--checkpoints", outside, "--json"))
    assert said["sound"] and said["covered"] == said["last"] == len(types)
    few = audit(home, "export", "--type", "release").splitlines()
    (row,) = map(json.loads, audit(home, "tail", "-n", "2", "--json").splitlines()[:1])
    assert (row["type"], row["rows"]) == ("export", len(few)) == ("export", 1)


def test_a_receipt_goes_to_a_third_party_who_verifies_it(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    audit(home, "receipt", seq_of(home, "release"), "-o", str(file))
    assert "proven" in audit(home, "verify", "--receipt", str(file), "--key", key(home))
    assert "not proven" in audit(home, "verify", "--receipt", str(file))
    file.write_text(file.read_text().replace("EMAIL", "PHONE"))
    assert "PS703" in audit(home, "verify", "--receipt", str(file), "--key", key(home), code=4)
    assert "PS705" in audit(home, "receipt", "99999", code=4)


def test_prune_says_what_it_would_do_and_keeps_what_is_young(home: Path) -> None:
    text = audit(home, "prune", "--preset", "hipaa", "--preset", "gdpr")
    assert "HIPAA" in text and "GDPR" in text and "0 rows are older" in text
    assert "nothing to delete" in audit(home, "prune", "--preset", "gdpr", "--yes")
    assert "nothing is wrong" in audit(home, "verify")


@pytest.mark.parametrize("command", ["summary", "verify", "tail", "key"])
def test_without_a_log_there_is_an_error_with_a_fix(tmp_path: Path, command: str) -> None:
    (tmp_path / "config.toml").touch(mode=0o600)
    text = audit(tmp_path, command, code=4)
    assert "PS702" in text and "fix:" in text
    assert not (tmp_path / "v.db").exists()


def test_a_time_that_is_none_is_an_error(home: Path) -> None:
    assert "PS709" in audit(home, "query", "--since", "yesterday", code=4)


def test_every_command_explains_itself() -> None:
    for command in ([], ["verify"], ["export"], ["receipt"], ["summary"], ["tail"], ["query"], ["prune"], ["key"]):
        argv = [sys.executable, "-m", "pii_shield", "audit", *command, "--help"]
        done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0
        assert "exit code" in done.stdout.lower() or not command
        assert all(len(line) <= 120 for line in done.stdout.splitlines())
