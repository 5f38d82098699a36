"""`pii-shield scan` says where and what kind, never the value."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

VALUE = "jane@acme.example"


def scan(*args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pii_shield", "scan", *args]
    return subprocess.run(
        command, input=stdin, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False
    )


def test_findings_are_listed_by_place_without_their_value(tmp_path: Path) -> None:
    file = tmp_path / "mail.txt"
    file.write_text(f"hello\nwrite to {VALUE} now\n", "utf-8")
    done = scan(str(file))
    assert done.returncode == 1
    assert done.stdout.startswith("2:10\tEMAIL\t")
    assert "xxxx@xxxx.xxxxxxx" in done.stdout
    assert VALUE not in done.stdout + done.stderr


def test_a_clean_text_ends_with_zero() -> None:
    done = scan(stdin="nothing to see\n")
    assert (done.returncode, done.stdout) == (0, "nothing found\n")


def test_json_output_is_data_without_values() -> None:
    done = scan("--json", stdin=f"write to {VALUE}")
    (row,) = json.loads(done.stdout)
    assert (row["type"], row["start"], row["end"], row["line"], row["column"]) == ("EMAIL", 9, 26, 1, 10)
    assert VALUE not in done.stdout


def test_types_and_profile_narrow_the_search() -> None:
    text = f"{VALUE} from 203.0.113.9"
    assert [r["type"] for r in json.loads(scan("--json", stdin=text).stdout)] == ["EMAIL", "IP"]
    assert [r["type"] for r in json.loads(scan("--json", "--profile", "default", stdin=text).stdout)] == ["EMAIL"]
    assert [r["type"] for r in json.loads(scan("--json", "--types", "ip", stdin=text).stdout)] == ["IP"]


def test_spans_answers_each_record_alone_in_the_words_of_labelled_data() -> None:
    records = [
        {"id": "a", "text": '{"first_name": "Zsófia", "zip": "94080"}'},
        {"id": 2, "text": "Zsófia"},
        {"id": None, "text": ""},
    ]
    done = scan("--spans", stdin="\n".join(json.dumps(record) for record in records) + "\n")
    assert done.returncode == 0
    first, second, third = (json.loads(line) for line in done.stdout.splitlines())
    assert first == {
        "id": "a",
        "spans": [{"start": 16, "end": 22, "type": "PERSON"}, {"start": 33, "end": 38, "type": "ADDRESS"}],
    }
    assert (second, third) == ({"id": 2, "spans": []}, {"id": None, "spans": []})


@pytest.mark.parametrize("line", ["x", "[]", '{"id": 1}', '{"id": 1, "text": 5}', '{"text": "jane@acme.example"}'])
def test_a_bad_line_is_named_by_number_and_the_others_are_answered(line: str) -> None:
    done = scan("--spans", stdin=f'{{"id": 1, "text": "a"}}\n{line}\n{{"id": 3, "text": "b"}}\n')
    assert done.returncode == 2
    assert [json.loads(answer)["id"] for answer in done.stdout.splitlines()] == [1, 3]
    assert "line 2" in done.stderr
    assert VALUE not in done.stderr


@pytest.mark.parametrize("args", [("/nonexistent/file",), ("--types", "NOPE")])
def test_wrong_input_is_explained(args: tuple[str, ...]) -> None:
    done = scan(*args)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.bin"
    file.write_bytes(b"abc\xff\xfe")
    done = scan(str(file))
    assert done.returncode == 2
    assert "not UTF-8" in done.stderr
