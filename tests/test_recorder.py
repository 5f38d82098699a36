"""What a shield says of its messages, as rows of the log: useful names stay, values and what may be values go."""

import json
import time
from pathlib import Path

import pytest

from pii_shield import assemble, recording
from pii_shield.audit import read
from pii_shield.audit.log import Log
from pii_shield.conversation import Conversation
from pii_shield.errors import AuditError
from pii_shield.recorder import UNNAMED, Names
from pii_shield.settings import Config, Server

MAIL = "jane@acme.com"


def settings(tmp_path: Path, **more: object) -> Config:
    return Config(vault=tmp_path / "v.db", **more)


def rows(tmp_path: Path, *types: str) -> list[dict]:
    log = read.DatabaseSource(tmp_path / "v.db")
    found = [read.parsed(row) for row in log.raw()]
    log.close()
    return [row for row in found if row["type"] in types]


def ask(conversation: Conversation, tool: str, arguments: dict, number: int = 1) -> bytes | None:
    params = {"name": tool, "arguments": arguments}
    call = {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}
    return conversation.from_client(json.dumps(call).encode()).forward


def say(conversation: Conversation, text: str, number: int = 1) -> str:
    result = {"content": [{"type": "text", "text": text}]}
    line = conversation.from_server(json.dumps({"jsonrpc": "2.0", "id": number, "result": result}).encode()).forward
    return json.loads(line or b"")["result"]["content"][0]["text"]


def test_a_protect_names_types_tokens_method_and_tool(tmp_path: Path) -> None:
    crm = assemble.conversation(settings(tmp_path), name="crm", command=("crm",))
    ask(crm, "get_customer", {"id": 1})
    token = say(crm, MAIL)
    crm.close()
    (row,) = rows(tmp_path, "protect")
    assert (row["counts"], row["tool"], row["method"]) == ({"EMAIL": 1}, "get_customer", "tools/call")
    assert f"[EMAIL_{row['tokens'][0]}]" == token
    assert row["server"].startswith("crm#")


def test_tokens_stand_type_by_type_in_the_order_of_counts(tmp_path: Path) -> None:
    crm = assemble.conversation(settings(tmp_path), name="crm", command=("crm",))
    told = say(crm, "+49 30 1234567, jane@acme.com, +49 30 7654321, bob@acme.com, +49 30 5556677")
    crm.close()
    (row,) = rows(tmp_path, "protect")
    kinds = [kind for kind, count in row["counts"].items() for _ in range(count)]
    assert row["counts"] == {"EMAIL": 2, "PHONE": 3}
    assert all(f"[{kind}_{token}" in told for kind, token in zip(kinds, row["tokens"], strict=True))


def test_a_message_without_values_leaves_no_row(tmp_path: Path) -> None:
    crm = assemble.conversation(settings(tmp_path), name="crm", command=("crm",))
    ask(crm, "get_customer", {"id": 1})
    say(crm, "nothing here")
    crm.close()
    assert rows(tmp_path, "protect", "release", "error") == []


def test_a_release_is_on_disk_before_it_goes_and_names_origin_destination_and_argument(tmp_path: Path) -> None:
    config = settings(tmp_path, servers={"mailer": Server(trusted=True)})
    crm = assemble.conversation(config, name="crm", command=("crm",))
    token = say(crm, MAIL)
    mailer = assemble.conversation(config, name="mailer", command=("mailer",))
    assert MAIL.encode() in (ask(mailer, "send", {"to": token, "lines": [{"text": token}]}) or b"")
    (row,) = rows(tmp_path, "release")
    assert [(item["to"], item["type"], item["whole"]) for item in row["items"]] == [
        ("/to", "EMAIL", True),
        ("/lines/*/text", "EMAIL", True),
    ]
    (origin,) = row["items"][0]["from"]
    assert origin.startswith("crm#")
    assert row["server"].startswith("mailer#")
    assert row["policy"].startswith("balanced@")
    crm.close()
    mailer.close()


def test_a_client_that_introduces_itself_is_on_record(tmp_path: Path) -> None:
    crm = assemble.conversation(settings(tmp_path), name="crm", command=("crm",))
    for number, name in enumerate(("Visual Studio Code", f"agent of {MAIL}")):
        params = {"protocolVersion": "2025-11-25", "clientInfo": {"name": name, "version": "1.99.0"}}
        hello = {"jsonrpc": "2.0", "id": number, "method": "initialize", "params": params}
        crm.from_client(json.dumps(hello).encode())
        crm.from_server(json.dumps({"jsonrpc": "2.0", "id": number, "result": {}}).encode())
    crm.close()
    said = [(row["client"], row["protocol"]) for row in rows(tmp_path, "client")]
    assert said == [("Visual Studio Code 1.99.0", "2025-11-25"), ("agent of * 1.99.0", "2025-11-25")]


def test_a_denial_says_what_was_refused_and_why(tmp_path: Path) -> None:
    crm = assemble.conversation(settings(tmp_path), name="crm", command=("crm",))
    token = say(crm, MAIL)
    other = assemble.conversation(settings(tmp_path), name="other", command=("other",))
    assert ask(other, "send", {"to": token}) is None
    other.close()
    crm.close()
    (row,) = rows(tmp_path, "denial")
    assert row["code"] in ("PS603", "PS606")
    assert row["items"][0]["to"] == "/to"


def test_an_unknown_token_and_an_unreadable_line_are_errors_on_record(tmp_path: Path) -> None:
    crm = assemble.conversation(settings(tmp_path), name="crm", command=("crm",))
    assert ask(crm, "send", {"to": "[EMAIL_7K2QF9M36]"}) is None
    crm.from_server(b"{" + MAIL.encode())
    crm.close()
    assert [(row["direction"], row["code"]) for row in rows(tmp_path, "error")] == [("out", "PS510"), ("in", "PS501")]


def test_keys_that_the_tool_does_not_declare_are_not_named(tmp_path: Path) -> None:
    crm = assemble.conversation(settings(tmp_path), name="crm", command=("crm",))
    tools = [{"name": "send", "inputSchema": {"type": "object", "properties": {"to": {"type": "string"}}}}]
    crm.from_client(b'{"jsonrpc":"2.0","id":9,"method":"tools/list"}')
    crm.from_server(json.dumps({"jsonrpc": "2.0", "id": 9, "result": {"tools": tools}}).encode())
    token = say(crm, MAIL)
    assert ask(crm, "send", {"to": token, "janedoe": token}) is not None
    crm.close()
    (row,) = rows(tmp_path, "release")
    assert [item["to"] for item in row["items"]] == ["/to", "/*"]


def test_nothing_is_released_when_the_log_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crm = assemble.conversation(settings(tmp_path), name="crm", command=("crm",))
    token = say(crm, MAIL)

    def refuse(*_: object, **__: object) -> None:
        raise AuditError("no", code="PS701")

    monkeypatch.setattr(Log, "commit", refuse)
    assert ask(crm, "send", {"to": token}) is None
    monkeypatch.undo()
    assert MAIL.encode() in (ask(crm, "send", {"to": token}) or b"")
    crm.close()
    assert [row["code"] for row in rows(tmp_path, "error")] == ["PS701"]


def test_starts_name_the_policy_and_a_change_of_it_is_a_row(tmp_path: Path) -> None:
    for profile in ("balanced", "balanced", "strict"):
        conversation = assemble.conversation(settings(tmp_path, profile=profile), name="crm", command=("crm",))
        conversation.ready()
        conversation.close()
    assert [row["policy"].partition("@")[0] for row in rows(tmp_path, "start")] == ["balanced", "balanced", "strict"]
    (change,) = rows(tmp_path, "policy")
    assert change["was"].startswith("balanced@") and change["now"].startswith("strict@")


def test_a_changed_exemption_is_a_row_while_the_server_runs_and_none_comes_twice(tmp_path: Path) -> None:
    tuning = tmp_path / "tuning.toml"
    config = settings(tmp_path, tuning=(tuning,))
    crm = assemble.conversation(config, name="crm", command=("crm",))
    assert say(crm, MAIL) != MAIL
    tuning.write_text(f'[[allow]]\nvalue = "{MAIL}"\n')
    tuning.chmod(0o600)
    assert say(crm, MAIL) == MAIL
    crm.close()
    for name in ("crm", "shop"):  # a restart is no change; a server that starts with exemptions says so
        conversation = assemble.conversation(config, name=name, command=(name,))
        conversation.ready()
        conversation.close()
    changes = rows(tmp_path, "policy")
    assert [row["server"].partition("#")[0] for row in changes] == ["crm", "shop"]
    assert all(row["was"] == "nothing tuned" and row["now"].startswith("1 allowed, 0 denied @") for row in changes)
    assert MAIL not in str(changes)


def test_an_exemption_is_on_record_soon_although_no_row_follows(tmp_path: Path) -> None:
    tuning = tmp_path / "tuning.toml"
    crm = assemble.conversation(settings(tmp_path, tuning=(tuning,)), name="crm", command=("crm",))
    say_nothing = b'{"jsonrpc":"2.0","id":1,"result":{}}'
    crm.from_server(say_nothing)
    tuning.write_text('[[allow]]\ntype = "IP"\n')
    tuning.chmod(0o600)
    crm.from_server(b'{"jsonrpc":"2.0","id":1,"result":{"t":"hello there"}}')
    end = time.monotonic() + 10
    while not rows(tmp_path, "policy") and time.monotonic() < end:
        time.sleep(0.05)
    assert len(rows(tmp_path, "policy")) == 1
    crm.close()


def test_the_label_of_a_policy_depends_on_what_it_protects_and_whom_it_trusts() -> None:
    labels = {
        recording.policy_label(config)
        for config in (
            Config(),
            Config(types=frozenset({"EMAIL"})),
            Config(servers={"crm": Server(trusted=True)}),
            Config(images="pass"),
            Config(off="forbidden"),
            Config(greedy=True),
            Config(servers={"crm": Server(mode="observe")}),
        )
    }
    assert len(labels) == 7
    assert recording.policy_label(Config(retention_days=1)) == recording.policy_label(Config())


@pytest.mark.parametrize("name", ["get_customer", "crm.find-all", "a/b", "$ref", "to", "line2"])
def test_names_that_look_like_names_stay(name: str) -> None:
    assert Names(lambda text: text).name(name) == name


@pytest.mark.parametrize("name", ["Jane Doe", MAIL, "4111111111111111", "x-4111-1111", "a" * 101, "", "é", "a\nb"])
def test_names_that_may_be_data_go(name: str) -> None:
    assert Names(lambda text: text).name(name) == UNNAMED


def test_a_name_is_looked_at_again_when_new_values_are_known() -> None:
    known: set[str] = set()
    names = Names(lambda text: "[X]" if text in known else text)
    assert names.name("bluebird") == "bluebird"
    known.add("bluebird")
    names.forget()
    assert names.name("bluebird") == UNNAMED


def test_checkpoints_go_where_the_configuration_says(tmp_path: Path) -> None:
    away = tmp_path / "away" / "notes"
    config = settings(tmp_path, checkpoints=(str(away),))
    conversation = assemble.conversation(config, name="crm", command=("crm",))
    conversation.ready()
    conversation.close()
    assert "pii-shield-audit/" in away.read_text()
    assert recording.checkpoint_places(settings(tmp_path)) == [str(tmp_path / "v.db.checkpoints")]
    assert recording.checkpoint_places(settings(tmp_path, checkpoints=())) == []
