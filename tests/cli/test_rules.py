"""`pii-shield rules check` runs the examples in rule files."""

import subprocess
import sys
from pathlib import Path

RULE = """
[[rule]]
id = "badge"
type = "NATIONAL_ID"
score = 0.9
anchors = ["BDG-"]
pattern = 'BDG-\\d{5}'
examples = ["badge «BDG-12345» lost"]
negative_examples = ["BDG-1234"]
references = ["house rules"]
"""


def check(*files: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pii_shield", "rules", "check", *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False)


def test_the_shipped_rules_hold() -> None:
    done = check()
    assert (done.returncode, done.stderr) == (0, "")
    assert "0 problems" in done.stdout


def test_own_rules_are_checked_next_to_the_shipped_ones(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(RULE, "utf-8")
    assert check(file).stdout == "1 rules, 0 problems\n"


def test_an_example_that_is_not_found_is_named(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(RULE.replace("«BDG-12345»", "«BDG-1234»5"), "utf-8")
    done = check(file)
    assert done.returncode == 1
    assert "badge: example 1" in done.stderr


def test_a_file_that_cannot_be_loaded_is_explained(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("[[rule]\n", "utf-8")
    done = check(file)
    assert done.returncode == 3
    assert "own.toml" in done.stderr
    assert "Traceback" not in done.stderr
