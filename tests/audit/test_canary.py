"""Planted values on every surface of real conversations: none of them is in the log, an export or a receipt."""

import io
import json
import os
import random
from pathlib import Path

from pii_shield import assemble
from pii_shield.audit import export, read, receipt, summary
from pii_shield.conversation import Conversation
from pii_shield.settings import Config, Server

ROUNDS = int(os.environ.get("AUDIT_CANARIES", "60"))
"""Rounds of 15 values or so; the acceptance run sets 7000."""
FIRST = "Marguerite Thaddeus Oluwaseun Ingrid Bartholomew Yevgenia Cornelius Rosalind".split()
LAST = "Featherstone Quackenbush Adeyemi Lindqvist Montgomery Ivanenko Abernathy Winterbottom".split()


def luhn(digits: str) -> str:
    doubled = [int(d) * 2 if place % 2 == 0 else int(d) for place, d in enumerate(reversed(digits))]
    return digits + str(-sum(sum(divmod(number, 10)) for number in doubled) % 10)


def iban(chance: random.Random) -> str:
    account = f"37040044{chance.randrange(10**10):010d}"
    return f"DE{98 - int(account + '131400') % 97:02d}{account}"


class Planted:
    """Values, each never used before."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.all: list[str] = []

    def _plant(self, value: str) -> str:
        self.all.append(value)
        return value

    def number(self, digits: int) -> str:
        return str(self._chance.randrange(10 ** (digits - 1), 10**digits))

    def email(self) -> str:
        return self._plant(f"canary.{self.number(9)}@nest{self.number(5)}.example.org")

    def phone(self) -> str:
        return self._plant(f"+4930{self.number(8)}")

    def card(self) -> str:
        return self._plant(luhn(f"4{self.number(14)}"))

    def iban(self) -> str:
        return self._plant(iban(self._chance))

    def ssn(self) -> str:
        return self._plant(f"{self._chance.randint(100, 665)}-{self.number(2)}-{self.number(4)}")

    def name(self) -> str:
        return self._plant(f"{self._chance.choice(FIRST)} {self._chance.choice(LAST)}{self.number(3)}")


def call(conversation: Conversation, number: int, method: str, params: dict) -> bytes | None:
    message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    return conversation.from_client(json.dumps(message).encode()).forward


def answer(conversation: Conversation, number: int, result: dict) -> dict:
    line = conversation.from_server(json.dumps({"jsonrpc": "2.0", "id": number, "result": result}).encode()).forward
    return json.loads(line or b"{}").get("result", {})


def talk(crm: Conversation, mailer: Conversation, plant: Planted, number: int) -> None:
    """One round over all surfaces."""
    call(crm, number, "tools/list", {})
    properties = {"to": {"type": "string"}, plant.email(): {"type": "string"}}
    tools = [{"name": name, "inputSchema": {"properties": properties}} for name in ("find", f"tool_{plant.email()}")]
    answer(crm, number, {"tools": tools})
    call(crm, number, "tools/call", {"name": "find", "arguments": {plant.email(): 1, "q": plant.phone()}})
    text = f"{plant.email()} {plant.phone()} card {plant.card()} IBAN {plant.iban()} SSN {plant.ssn()}"
    fields = {"email": plant.email(), "name": plant.name(), plant.email(): {"phone": plant.phone()}}
    seen = answer(crm, number, {"content": [{"type": "text", "text": text}], "structuredContent": fields})
    shown = [word for word in json.dumps(seen).split('"') if word.startswith("[EMAIL_")]
    wild = {plant.email(): shown[:1], "people": [{plant.name(): token} for token in shown[1:]], "to": shown[0]}
    call(mailer, number, "tools/call", {"name": plant.name(), "arguments": wild})
    call(mailer, number, "tools/call", {"name": plant.name(), "arguments": {"to": shown[0]}})
    call(crm, number, "tools/call", {"name": "find", "arguments": {"people": [{plant.name(): shown[1]}]}})
    call(mailer, number, "tools/call", {"name": f"send_{plant.email()}", "arguments": {"url": f"http://x/?{shown[0]}"}})
    call(crm, number, f"custom/{plant.email()}", {"to": "[EMAIL_00000000]"})
    error = {"jsonrpc": "2.0", "id": number, "error": {"code": -1, "message": plant.email(), "data": [plant.phone()]}}
    crm.from_server(json.dumps(error).encode())
    crm.from_server(f'{{"jsonrpc":"2.0","method":"notifications/{plant.email()}"'.encode())
    mailer.from_server(json.dumps({"jsonrpc": "2.0", "method": "n/x", "params": {"t": plant.email()}}).encode())


def test_no_planted_value_is_in_the_log_or_in_anything_made_of_it(tmp_path: Path) -> None:
    plant = Planted(7)
    scope, name = plant.email(), plant.email()
    servers = {name: Server(trusted=True), "crm": Server(trusted=True)}
    config = Config(vault=tmp_path / "v.db", scope=scope, servers=servers)
    crm = assemble.conversation(config, name="crm", command=("crm", plant.email()))
    mailer = assemble.conversation(config, name=name, command=("mailer",))
    for number in range(ROUNDS):
        talk(crm, mailer, plant, number)
    crm.close()
    mailer.close()
    log = read.DatabaseSource(tmp_path / "v.db")
    rows = [read.parsed(row) for row in log.raw()]
    made = [json.dumps(rows), "\n".join(summary.describe(summary.summarise(rows), ""))]
    for form in export.FORMATS:
        out = io.BytesIO()
        export.export(log, form, read.Filter(), out)
        made.append(out.getvalue().decode())
    releases = [row["seq"] for row in rows if row["type"] == "release"]
    made += [receipt.make(log, seq) for seq in releases[:20]]
    log.close()
    made += [path.read_text() for path in tmp_path.glob("v.db.checkpoints")]
    everything = "\n".join(made).lower()
    kinds = {row["type"] for row in rows}
    assert kinds >= {"log", "start", "stop", "protect", "release", "denial", "error"}, kinds
    found = [value for value in plant.all if value.lower() in everything]
    parts = [part for value in plant.all for part in value.lower().replace("@", " ").split() if len(part) >= 9]
    found += [part for part in parts if part in everything]
    print(f"\n{len(plant.all)} values planted, {len(rows)} rows, {len(everything) >> 10} KB searched")
    assert found == []
