"""The wiring: a conversation at once, the shield behind it, and servers that are who they were."""

import json
import threading
from pathlib import Path

import pytest

from pii_shield import assemble
from pii_shield.assemble import Eventually
from pii_shield.config import Config, Server
from pii_shield.errors import VaultError


def settings(tmp_path: Path, **more: object) -> Config:
    return Config(vault=tmp_path / "v.db", **more)


def test_what_is_built_in_the_background_is_waited_for() -> None:
    gate = threading.Event()
    later = Eventually(lambda: gate.wait(10) and "built")
    gate.set()
    assert later() == "built"


def test_what_fails_to_build_fails_for_everyone_who_asks() -> None:
    def build() -> None:
        raise VaultError("locked")

    later = Eventually(build)
    for _ in range(2):
        with pytest.raises(VaultError):
            later()


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
