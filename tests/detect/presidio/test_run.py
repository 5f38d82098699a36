"""`pii-shield run` and `scan` with a spaCy pipeline that the configuration names."""

import json
import os
import subprocess
import sys
from pathlib import Path

SERVER = Path(__file__).parents[2] / "e2e" / "servers" / "canned.py"
TEXT = "please ask blue heron about it"
"""Nothing but the pipeline trained in conftest.py takes that for a name."""


def shielded(folder: Path, config: str, *words: str, say: str = "") -> "subprocess.CompletedProcess[str]":
    file = folder / "config.toml"
    file.write_text(config, "utf-8")
    file.chmod(0o600)
    environ = {name: text for name, text in os.environ.items() if not name.startswith("PII_SHIELD_")}
    environ |= {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    command, *rest = words
    return subprocess.run(
        [sys.executable, "-m", "pii_shield", command, "--config", str(file), *rest],
        cwd=folder,
        env=environ,
        input=say,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def run(folder: Path, config: str) -> "subprocess.CompletedProcess[str]":
    (folder / "tools.json").write_text(json.dumps({"ask": {"result": TEXT}}), "utf-8")
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "ask", "arguments": {}}}
    server = ("--vault", str(folder / "v.db"), "--", sys.executable, str(SERVER), str(folder))
    return shielded(folder, config, "run", *server, say=json.dumps(call) + "\n")


def presidio(model: object, types: str = '"PERSON"') -> str:
    return f'[detect]\ntypes = [{types}]\n[detect.presidio]\nnlp = "spacy"\nmodel = "{model}"\n'


def test_the_first_result_already_waits_for_the_model(model: Path, tmp_path: Path) -> None:
    done = run(tmp_path, presidio(model))
    assert done.returncode == 0, done.stderr
    text = json.loads(done.stdout)["result"]["content"][0]["text"]
    assert text.startswith("please ask [PERSON_")
    assert "heron" not in done.stdout


def test_without_the_model_it_stays(tmp_path: Path) -> None:
    assert TEXT in run(tmp_path, "").stdout


def test_words_to_find_always_need_no_model(tmp_path: Path) -> None:
    done = run(tmp_path, '[detect.presidio]\nrecognizers = false\ndeny = { PERSON = ["heron"] }\n')
    assert "please ask blue [PERSON_" in done.stdout
    assert done.stderr == ""


def test_a_missing_model_refuses_the_start_at_once(tmp_path: Path) -> None:
    done = run(tmp_path, presidio("en_core_web_nowhere"))
    assert (done.returncode, done.stdout) == (3, "")
    assert "PS324" in done.stderr
    assert "is not installed" in done.stderr
    assert not (tmp_path / "received").exists() or (tmp_path / "received").read_bytes() == b""


def test_a_broken_model_blocks_every_result_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run(tmp_path, presidio(tmp_path / "empty"))
    assert done.returncode == 3
    assert "PS323" in done.stdout
    assert "heron" not in done.stdout


def test_a_failing_rule_of_the_user_blocks_every_result_and_says_where(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('[[rule]]\nid = "x"\n', "utf-8")
    done = run(tmp_path, '[detect]\nrules = ["mine.toml"]\n')
    assert done.returncode == 3
    assert "mine.toml, line 2: x: 'examples' is missing" in done.stderr
    assert "heron" not in done.stdout


def test_scan_uses_the_model_too(model: Path, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text(TEXT, "utf-8")
    done = shielded(tmp_path, presidio(model), "scan", "note.txt", "--format", "json")
    assert "presidio:SpacyRecognizer" in done.stdout, done.stderr
