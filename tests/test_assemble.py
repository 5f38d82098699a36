"""The wiring: a conversation at once, the shield behind it, and servers that are who they were."""

import json
from pathlib import Path

import pytest

from pii_shield import assemble
from pii_shield.conversation import Conversation
from pii_shield.evidence import loads
from pii_shield.settings import Config, Server
from pii_shield.wire.protect import Options


def settings(tmp_path: Path, **more: object) -> Config:
    return Config(vault=tmp_path / "v.db", **more)


def test_a_conversation_protects(tmp_path: Path) -> None:
    conversation = assemble.conversation(settings(tmp_path), name="crm", command=("/bin/crm",))
    outcome = conversation.from_server(b'{"jsonrpc":"2.0","id":1,"result":{"t":"jane@acme.com"}}')
    assert b"[EMAIL_" in (outcome.forward or b"")
    assert (tmp_path / "v.db").exists()
    assert (tmp_path / "v.db.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("command", "reaches"), [(("/bin/mailer",), True), (("/bin/other",), False), (("/bin/mailer", "-x"), False)]
)
def test_trust_belongs_to_a_name_and_a_command(tmp_path: Path, command: tuple[str, ...], reaches: bool) -> None:
    config = settings(tmp_path, servers={"mailer": Server(trusted=True)})
    crm = assemble.conversation(config, name="crm", command=("/bin/crm",))
    first = assemble.conversation(config, name="mailer", command=("/bin/mailer",))
    first.mask("wait until it is bound")
    line = crm.from_server(b'{"jsonrpc":"2.0","id":1,"result":{"t":"jane@acme.com"}}').forward
    token = json.loads(line or b"")["result"]["t"]
    later = assemble.conversation(config, name="mailer", command=command)
    call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "s", "arguments": {"to": token}}}
    outcome = later.from_client(json.dumps(call).encode())
    assert (b"jane@acme.com" in (outcome.forward or b"")) is reaches


def test_a_fingerprint_in_the_configuration_outranks_the_first_use(tmp_path: Path) -> None:
    store = assemble.vault(settings(tmp_path))
    fingerprint = store.fingerprint("default", "/bin/new")
    store.bind("default", "mailer", store.fingerprint("default", "/bin/old"))
    config = settings(tmp_path, servers={"mailer": Server(trusted=True, fingerprint=fingerprint)})
    shield = assemble.shield(config, "mailer", "/bin/new")
    assert shield._party.trusted


LINE = b'{"jsonrpc":"2.0","id":1,"result":{"t":"jane@acme.com and 192.0.2.7"}}'


def tune(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "tuning.toml"
    path.write_text(text)
    path.chmod(0o600)
    return path


def forwarded(conversation: Conversation) -> bytes:
    return conversation.from_server(LINE).forward or b""


def test_tuning_counts_from_the_next_message_and_old_tokens_keep_resolving(tmp_path: Path) -> None:
    config = settings(tmp_path, tuning=(tmp_path / "tuning.toml",))
    conversation = assemble.conversation(config, name="crm", command=("/bin/crm",))
    token = json.loads(forwarded(conversation))["result"]["t"].split()[0]
    tune(tmp_path, '[[allow]]\nrule = "email"\n')
    assert forwarded(conversation) == LINE
    params = {"name": "s", "arguments": {"customer": token}}
    call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params}
    assert b"jane@acme.com" in (conversation.from_client(json.dumps(call).encode()).forward or b"")
    tune(tmp_path, '[[deny]]\ntype = "IP"\n')
    assert forwarded(conversation).count(b"[") == 2


def test_tuning_that_never_held_lets_nothing_through(tmp_path: Path) -> None:
    config = settings(tmp_path, tuning=(tune(tmp_path, "[[deny]\n"),))
    outcome = assemble.conversation(config, name="crm", command=("/bin/crm",)).from_server(LINE)
    assert b"jane" not in (outcome.forward or b"")
    assert "PS303" in outcome.notice


def test_exemptions_of_a_server_belong_to_a_name_and_a_command(tmp_path: Path) -> None:
    config = settings(tmp_path, tuning=(tune(tmp_path, '[[allow]]\ntype = "EMAIL"\nserver = "crm"\n'),))
    first = assemble.conversation(config, name="crm", command=("/bin/crm",))
    assert forwarded(first) == LINE
    assert b"[EMAIL_" in forwarded(assemble.conversation(config, name="crm", command=("/bin/other",)))


def test_where_a_value_was_found_is_noted_when_the_shield_is_closed(tmp_path: Path) -> None:
    shield = assemble.shield(settings(tmp_path), "crm", "/bin/crm")
    conversation = Conversation(lambda: shield, Options())
    conversation.from_client(b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search"}}')
    forwarded(conversation)
    shield.close()
    ((_, text),) = assemble.vault(settings(tmp_path)).noted("default", 9)
    evidence = loads(text)
    assert (evidence.rule, evidence.tool, evidence.place) == ("email", "search", "/t")
    assert evidence.server.startswith("crm#")


def test_an_observed_server_passes_unchanged_is_recorded_and_told_once(tmp_path: Path) -> None:
    config = settings(tmp_path, servers={"crm": Server(mode="observe")})
    conversation = assemble.conversation(config, name="crm", command=("/bin/crm",))
    first, second = conversation.from_server(LINE), conversation.from_server(LINE)
    assert (first.forward, second.forward) == (LINE, LINE)
    assert "crm is OBSERVED until" in first.notice
    assert second.notice == ""
    assert assemble.vault(config).info().live == {"default": {"EMAIL": 1}}


@pytest.mark.parametrize("line", [b'{"a":1,"a":2}', b"\xff", b"[[[", b'{"jsonrpc":"2.0","id":1,"result":{"x":NaN}}'])
def test_what_would_be_blocked_passes_too_while_a_server_is_observed(tmp_path: Path, line: bytes) -> None:
    config = settings(tmp_path, servers={"crm": Server(mode="observe")})
    assert assemble.conversation(config, name="crm", command=("/bin/crm",)).from_server(line).forward == line
    assert assemble.conversation(config, name="crm", command=("/bin/evil",)).from_server(line).forward != line


def test_without_a_vault_nothing_is_observed(tmp_path: Path) -> None:
    (tmp_path / "v.db").mkdir()
    config = settings(tmp_path, servers={"crm": Server(mode="observe")})
    outcome = assemble.conversation(config, name="crm", command=("/bin/crm",)).from_server(LINE)
    assert b"jane" not in (outcome.forward or b"")


def test_policy_holds_for_what_goes_to_an_observed_server(tmp_path: Path) -> None:
    config = settings(tmp_path, servers={"mailer": Server(mode="observe")})
    token = json.loads(forwarded(assemble.conversation(config, name="crm", command=("/bin/crm",))))["result"]["t"]
    call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "s", "arguments": {"to": token}}}
    mailer = assemble.conversation(config, name="mailer", command=("/bin/mailer",))
    assert b"jane" not in (mailer.from_client(json.dumps(call).encode()).forward or b"")
