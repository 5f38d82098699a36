"""`pii-shield audit report` and `audit ropa` as people and scripts use them."""

import csv
import io
import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from pii_shield.audit import export, read
from pii_shield.audit.filters import Filter
from tests.audit import weeks
from tests.audit.kit import db, fill, open_log

SETTINGS = """\
[organisation]
controller = "Acme <GmbH>"
purposes = ["support", "=1+1"]
[servers.mailer]
trusted = true
[blobs]
images = "pass"
"""
TUNING = """\
[[allow]]
value = "jane@acme.com"
server = "crm"
added = 2026-03-01
[[allow]]
tool = "list_bob@acme.com"
type = "EMAIL"
[thresholds]
PHONE = 0.9
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a log of six days, settings, exemptions, and a client that starts a server without the shield."""
    home = tmp_path_factory.mktemp("home")
    weeks.write(home, days=6)
    for name, text in (("config.toml", SETTINGS), ("tuning.toml", TUNING)):
        (home / name).write_text(text)
        (home / name).chmod(0o600)
    (home / ".cursor").mkdir()
    servers = {"files": {"command": "npx", "args": ["files"]}, "eve@acme.com": {"command": "x"}}
    (home / ".cursor" / "mcp.json").write_text(json.dumps({"mcpServers": servers}))
    return home


def audit(home: Path, *args: str, code: int = 0, **more: str) -> str:
    """What a command writes to standard output; its errors if it ends with another code than 0 or 1."""
    argv = [sys.executable, "-m", "pii_shield", "audit", args[0], "--config", str(home / "config.toml")]
    argv += [*([] if "--log" in args else ["--vault", str(db(home))]), *args[1:]]
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    environ = {**kept, "HOME": str(home), **more}
    done = subprocess.run(argv, check=False, capture_output=True, text=True, env=environ, timeout=60, cwd=home)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert "jane@acme" not in done.stdout + done.stderr
    return done.stdout if code in (0, 1) else done.stderr


def test_the_page_is_written_whole_for_its_owner_alone(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    out.write_text("old")
    audit(home, "report", "-o", str(out), "--checkpoints", str(home / "away" / "checkpoints"))
    page = out.read_text()
    assert page.startswith("<!doctype html>") and page.rstrip().endswith("</html>")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert "outside checkpoint" in page


def test_the_page_says_what_stands_around_the_record(home: Path) -> None:
    page = audit(home, "report", "--title", "Q1 <b>", "--since", "2026-03-03")
    assert "Q1 &lt;b&gt;" in page and "<b>" not in page
    assert "Acme &lt;GmbH&gt;" in page
    assert "from 3 March 2026" in page
    assert ">files<" in page and "Cursor" in page
    assert "images" in page
    assert "one value" in page and "1 Mar 2026" in page
    assert "certainty of 0.9" in page
    assert "eve@acme" not in page and "bob@acme" not in page


def test_of_a_copy_from_elsewhere_it_says_that_settings_are_not_known(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "log.jsonl"
    log = read.source(db(home))
    with copy.open("wb") as file, closing(log):
        export.export(log, "jsonl", Filter(), file)
    page = audit(home, "report", "--log", str(copy))
    assert "copy of the record" in page
    assert "Cursor" not in page
    copy.write_text(copy.read_text().replace('"tool":"send_mail"', '"tool":"sent_mail"', 1))
    assert "not as it was written" in audit(home, "report", "--log", str(copy), code=1)


def test_an_empty_record_gives_a_sensible_page(tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch(mode=0o600)
    open_log(tmp_path).commit("start", scope="default", server="crm#1", policy="p", program="0.1")
    page = audit(tmp_path, "report", "--until", "2001-01-01")
    assert "Nothing is on record in this time" in page
    assert "What is not covered" in page
    assert "no server sent or received" in audit(tmp_path, "ropa", "--until", "2001-01-01")


def test_without_a_log_or_a_place_to_write_there_is_an_error_with_a_fix(home: Path, tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch(mode=0o600)
    for command in ("report", "ropa"):
        text = audit(tmp_path, command, code=4)
        assert "PS702" in text and "fix:" in text
    text = audit(home, "report", "-o", str(tmp_path / "none" / "report.html"), code=4)
    assert "PS710" in text and "No such file" in text
    assert "PS709" in audit(home, "report", "--since", "yesterday", code=4)


def test_a_pipe_is_written_to_and_not_replaced(home: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as pool:
        read_ = pool.submit(pipe.read_text)
        audit(home, "report", "-o", str(pipe))
        assert pipe.is_fifo()
        assert read_.result(30).startswith("<!doctype html>")


def test_the_record_of_processing_for_a_terminal_and_for_programs(home: Path) -> None:
    text = audit(home, "ropa")
    assert "Acme <GmbH>" in text and "not recorded: where a server runs" in text
    line = next(line for line in text.splitlines() if line.startswith("mailer#") and "e-mail" in line)
    data = json.loads(audit(home, "ropa", "--format", "json"))
    same = next(row for row in data["processing"] if row["server"].startswith("mailer#") and row["category"] == "EMAIL")
    assert str(same["received"]) in line.split()
    assert same["received"] > 0 and same["sent"] == 0
    assert data["record"]["Purposes"] == "support and =1+1"


def test_the_record_of_processing_as_csv_holds_no_formula(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "ropa.csv"
    audit(home, "ropa", "--format", "csv", "-o", str(out), "--organisation", "=cmd|'/c calc'!A0")
    data = out.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows[0][:2] == ["server", "category"]
    assert ["Controller", "'=cmd|'/c calc'!A0"] in rows
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_the_record_of_processing_as_a_page(home: Path) -> None:
    page = audit(home, "ropa", "--format", "html")
    assert page.startswith("<!doctype html>")
    assert "Acme &lt;GmbH&gt;" in page


def test_a_year_takes_the_same_few_kilobytes(tmp_path: Path) -> None:
    fill(tmp_path, 400)
    (tmp_path / "config.toml").touch(mode=0o600)
    assert len(audit(tmp_path, "report")) < 200_000
