"""`pii-shield scan` says where and what kind, never the value."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from pii_shield.cli.scan_files import BIG, Progress

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


def folder(tmp_path: Path) -> Path:
    root = tmp_path / "data"
    (root / "deep" / "node_modules").mkdir(parents=True)
    (root / "a.txt").write_text(f"write to {VALUE}\n", "utf-8")
    (root / "deep" / "b.json").write_text(json.dumps({"note": f"{VALUE} and bob@acme.example"}), "utf-8")
    (root / "deep" / "node_modules" / "c.txt").write_text(VALUE, "utf-8")
    (root / "picture.png").write_bytes(b"\x89PNG\x00\xff")
    return root


def test_a_folder_is_read_with_all_below_but_for_what_is_no_text_or_installed(tmp_path: Path) -> None:
    root = folder(tmp_path)
    done = scan(str(root))
    lines = done.stdout.splitlines()
    assert [line.partition("\t")[0] for line in lines[:-1]] == [
        f"{root / 'a.txt'}:1:10",
        f"{root / 'deep' / 'b.json'}:1:11",
        f"{root / 'deep' / 'b.json'}:1:33",
    ]
    assert lines[-1] == "3 found"
    assert "1 files are not text" in done.stderr


def test_patterns_and_several_names_are_each_read_once(tmp_path: Path) -> None:
    root = folder(tmp_path)
    done = scan(str(root / "**" / "*.json"), str(root / "deep" / "b.json"), str(root / "a.txt"))
    assert done.stdout.splitlines()[-1] == "3 found"


def test_a_pattern_that_matches_nothing_is_an_error(tmp_path: Path) -> None:
    done = scan(str(tmp_path / "*.nothing"))
    assert done.returncode == 2
    assert "matches no file" in done.stderr


def test_csv_has_a_header_and_no_cell_that_runs_as_a_formula(tmp_path: Path) -> None:
    file = tmp_path / "=1+1.txt"
    file.write_text(f"{VALUE}\n4111 1111 1111 1111\n", "utf-8")
    command = [sys.executable, "-m", "pii_shield", "scan", "--format", "csv", file.name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
    header, row, other = done.stdout.splitlines()
    assert header == "file,line,column,start,end,type,score,rule"
    assert row == "'=1+1.txt,1,1,0,17,EMAIL,0.95,email"
    assert other.startswith("'=1+1.txt,2,1,18,37,CREDIT_CARD,")


def test_sarif_names_rules_levels_and_regions(tmp_path: Path) -> None:
    file = tmp_path / "a b.txt"
    file.write_text(f"x\n  {VALUE}\n4111 1111 1111 1111\n", "utf-8")
    done = scan("--format", "sarif", str(file))
    assert done.returncode == 1
    log = json.loads(done.stdout)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    mail, card = run["results"]
    assert (mail["level"], card["level"]) == ("warning", "error")
    place = mail["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith("/a%20b.txt")
    assert place["region"] == {
        "startLine": 2,
        "startColumn": 3,
        "endLine": 2,
        "endColumn": 20,
        "charOffset": 4,
        "charLength": 17,
    }
    rules = run["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in (mail, card)] == [mail["ruleId"], card["ruleId"]]
    assert VALUE not in done.stdout and "4111" not in done.stdout


def test_explain_says_what_a_rule_is_and_what_nearly_counted() -> None:
    text = f"{VALUE} paid with 4111 1111 1111 1112"
    done = scan("--explain", stdin=text)
    assert "rule: its shape; check: email" in done.stdout
    assert "not found, since it fails the check card" in done.stdout
    rows = json.loads(scan("--explain", "--json", stdin=text).stdout)
    assert rows[0]["explanation"]["check"] == "email"
    assert "fails the check" in rows[1]["missed"]
    assert scan("--explain", stdin="paid with 4111 1111 1111 1112").returncode == 0


def test_a_baseline_leaves_what_came_since(tmp_path: Path) -> None:
    root, known = folder(tmp_path), tmp_path / "known.json"
    written = scan("--write-baseline", str(known), str(root))
    assert (written.returncode, "3 findings are known" in written.stdout) == (0, True)
    assert VALUE not in known.read_text("utf-8")
    assert scan("--baseline", str(known), str(root)).returncode == 0
    (root / "a.txt").write_text(f"{VALUE}\nbob@acme.example\n", "utf-8")
    done = scan("--baseline", str(known), str(root))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "2 found")
    assert "b.json" not in done.stdout


@pytest.mark.parametrize("text", ["", "[]", '{"version": 9, "findings": []}', '{"version": 1, "findings": [{}]}'])
def test_a_baseline_that_is_none_is_an_error(tmp_path: Path, text: str) -> None:
    known = tmp_path / "known.json"
    known.write_text(text, "utf-8")
    done = scan("--baseline", str(known), stdin=VALUE)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert scan("--baseline", str(tmp_path / "none"), stdin=VALUE).returncode == 2
    assert scan("--write-baseline", str(tmp_path), stdin=VALUE).returncode == 2


@pytest.mark.parametrize(("code", "ends"), [("0", 0), ("7", 7)])
def test_ci_chooses_the_exit_code(code: str, ends: int) -> None:
    assert scan("--exit-code", code, stdin=VALUE).returncode == ends
    assert scan("--exit-code", code, stdin="nothing").returncode == 0


@pytest.mark.parametrize("code", ["-1", "256", "x"])
def test_an_exit_code_that_is_none_is_wrong_usage(code: str) -> None:
    assert scan(f"--exit-code={code}", stdin=VALUE).returncode == 2


def test_profiles_are_those_of_the_table() -> None:
    text = f"{VALUE} password: hunter2hunter2"
    assert [r["type"] for r in json.loads(scan("--json", "--profile", "secrets-only", stdin=text).stdout)] == [
        "PASSWORD"
    ]
    everything = scan("--json", "--profile", "everything", stdin=text).stdout
    assert everything == scan("--json", "--profile", "all", stdin=text).stdout == scan("--json", stdin=text).stdout


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_shows_on_a_terminal_for_big_inputs_and_is_taken_away() -> None:
    stream = Terminal()
    progress = Progress(2 * BIG, stream)
    progress.begin()
    progress.step(BIG)
    assert "50% of 2.0 MB" in stream.getvalue()
    progress.step(BIG)
    progress.end()
    assert stream.getvalue().rpartition("\r")[0].endswith(" ")


@pytest.mark.parametrize(("size", "stream"), [(BIG - 1, Terminal()), (BIG, io.StringIO())])
def test_there_is_no_bar_for_little_or_where_nobody_looks(size: int, stream: io.StringIO) -> None:
    progress = Progress(size, stream)
    progress.begin()
    progress.step(size)
    progress.end()
    assert stream.getvalue() == ""
