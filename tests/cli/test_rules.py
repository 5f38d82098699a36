"""`pii-shield rules check` runs the examples in rule files."""

import json
import os
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


def rules(*args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pii_shield", "rules", *args]
    return subprocess.run(
        command, input=stdin, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False
    )


def test_rules_are_listed_with_what_they_go_by() -> None:
    done = rules("list", "--type", "email")
    assert done.returncode == 0
    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert "always" in lines["email"] and "its shape; check email" in lines["email"]
    assert "greedy" in lines["email-robot"]
    assert "the name of its field: email" in lines["field-email"]
    assert "US_SSN" not in done.stdout


def test_the_list_is_data_too(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(RULE, "utf-8")
    (row,) = json.loads(rules("list", "--json", str(file)).stdout)
    assert (row["rule"], row["type"], row["references"]) == ("badge", "NATIONAL_ID", ["house rules"])


def test_one_rule_is_tried_on_a_text(tmp_path: Path) -> None:
    done = rules("test", "card-grouped", stdin="4111 1111 1111 1111 and 4111 1111 1111 1112")
    assert done.returncode == 0
    assert "found, score 0.95" in done.stdout and "not found: it fails the check card" in done.stdout
    assert "4111" not in done.stdout
    assert rules("test", "card-grouped", stdin="jane@acme.example").returncode == 1
    file = tmp_path / "own.toml"
    file.write_text(RULE, "utf-8")
    text = tmp_path / "text"
    text.write_text("badge BDG-12345", "utf-8")
    assert "1 found" in rules("test", "badge", str(text), "--rules", str(file)).stdout


def test_a_rule_that_is_not_there_is_wrong_usage() -> None:
    done = rules("test", "nope", stdin="x")
    assert (done.returncode, "rules list" in done.stderr) == (2, True)


def test_compiled_rules_find_the_same(tmp_path: Path) -> None:
    environ = {**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    program = (
        "from pii_shield import engines, settings, types\n"
        "e = engines.Engines(settings.Config())()\n"
        "print(e.find([types.Leaf('write to jane@acme.com, card 4111 1111 1111 1111, +1 415 555 0132')]))"
    )

    def python(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], env=environ, capture_output=True, text=True, timeout=120, check=True
        )

    before = python("-c", program).stdout
    assert "compiled into" in python("-m", "pii_shield", "rules", "compile").stdout
    (database,) = (tmp_path / "cache" / "pii-shield").glob("*.scan")
    assert database.stat().st_mode & 0o777 == 0o600
    assert python("-c", program).stdout == before
    assert "EMAIL" in before and "CREDIT_CARD" in before
