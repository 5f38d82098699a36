"""Every kind of row there is, from what people and programs do; each as the closed set of fields has it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pii_shield import assemble
from pii_shield.audit import event, read
from pii_shield.audit.examine import examine
from pii_shield.settings import Config, Server

MAIL = "jane.roe@acme.com"


def say(conversation, number: int, **what: object) -> bytes:
    line = json.dumps({"jsonrpc": "2.0", "id": number, **what}).encode()
    outcome = conversation.from_client(line) if "method" in what else conversation.from_server(line)
    return outcome.forward or b"".join(outcome.replies)


def pii_shield(home: Path, *args: str) -> str:
    argv = [sys.executable, "-m", "pii_shield", *args, "--vault", str(home / "v.db")]
    environ = {**os.environ, "HOME": str(home), "XDG_STATE_HOME": str(home / "state")}
    done = subprocess.run(argv, check=True, capture_output=True, text=True, env=environ, timeout=60)
    assert MAIL not in done.stdout + done.stderr
    return done.stdout


DIES = """
import os, sys
from pathlib import Path
from pii_shield import assemble
from pii_shield.settings import Config
crm = assemble.conversation(Config(vault=Path(sys.argv[1])), name="crm", command=("crm",))
crm.mask("x")
os.kill(os.getpid(), 9)
"""


def live(home: Path) -> str:
    """A day in a house; the token of `MAIL`."""
    vault = home / "v.db"
    crm = assemble.conversation(Config(vault=vault), name="crm", command=("crm",))
    about = {"clientInfo": {"name": "inspector", "version": "1.2.3"}, "protocolVersion": "2025-11-25"}
    say(crm, 0, method="initialize", params=about)
    say(crm, 0, result={"protocolVersion": "2025-11-25", "serverInfo": {"name": "crm"}})
    shown = json.loads(say(crm, 1, result={"t": MAIL}))["result"]["t"]
    assert MAIL.encode() in say(crm, 2, method="tools/call", params={"name": "find", "arguments": {"email": shown}})
    crm.from_server(b'{"jsonrpc":"2.0","id":3,"result":{"a":1,"a":2}}')
    crm.close()
    other = assemble.conversation(Config(vault=vault), name="other", command=("other",))
    say(other, 1, method="tools/call", params={"name": "send", "arguments": {"to": shown}})
    other.close()
    watched = Config(vault=vault, servers={"lab": Server(mode="observe")})
    lab = assemble.conversation(watched, name="lab", command=("lab",))
    assert MAIL.encode() in say(lab, 1, result={"t": MAIL})
    lab.close()
    assemble_once(Config(vault=vault, profile="strict"))
    subprocess.run([sys.executable, "-c", DIES, str(vault)], check=False, timeout=60)
    return shown


def assemble_once(config: Config) -> None:
    crm = assemble.conversation(config, name="crm", command=("crm",))
    crm.mask("x")
    crm.close()


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    home = tmp_path_factory.mktemp("home")
    token = live(home)
    pii_shield(home, "audit", "export", "--format", "csv")
    pii_shield(home, "forget", token)
    pii_shield(home, "audit", "verify")
    log = read.DatabaseSource(home / "v.db")
    found = [read.parsed(row) for row in log.raw()]
    assert examine(log, [log.key()], [(home / "v.db.checkpoints").read_text()]).is_sound
    log.close()
    return found


# Tested where what makes them is: another signing key (test_log), and rows that went (test_retention).
ELSEWHERE = {"key", "prune"}


def test_everything_that_happens_has_its_kind_of_row(rows: list[dict]) -> None:
    assert {row["type"] for row in rows} == event.KINDS.keys() - ELSEWHERE


def test_rows_say_who_and_where(rows: list[dict]) -> None:
    by_type = {row["type"]: row for row in rows}
    release, denial, observe = (by_type[name] for name in ("release", "denial", "observe"))
    assert release["items"][0]["from"] == [release["server"]] and release["server"].startswith("crm#")
    assert (release["items"][0]["to"], release["items"][0]["whole"]) == ("/email", True)
    assert release["policy"].startswith("balanced@") and release["took"] in {name for _, name in event.BUCKETS}
    assert (denial["server"][:6], denial["tool"], denial["code"][:3]) == ("other#", "send", "PS6")
    assert (observe["server"][:4], observe["counts"]) == ("lab#", {"EMAIL": 1})
    assert by_type["client"]["client"] == "inspector 1.2.3"
    change = next(row for row in rows if row["type"] == "policy" and row["now"].startswith("strict@"))
    assert change["was"].startswith("balanced@")
    assert by_type["export"]["format"] == "csv" and by_type["export"]["rows"] > 10
    assert by_type["forget"]["token"] in {token for row in rows for token in row.get("tokens", ())}
    assert "acme" not in json.dumps(rows)
