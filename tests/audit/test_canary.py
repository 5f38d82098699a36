"""Planted values of every type on every surface of real conversations: none is in anything that leaves the log."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pii_shield import assemble, telemetry
from pii_shield.audit import event, export, read, receipt
from pii_shield.audit.filters import Filter
from pii_shield.audit.ship import once
from pii_shield.conversation import Conversation
from pii_shield.entities import TYPES
from pii_shield.settings import Config, Server

from .planted import Planted, Searched, types_of_examples
from .ship.kit import Collector, Stream, closing, made

VALUES = int(os.environ.get("AUDIT_CANARIES", "1500"))
"""Planted; the acceptance run sets 100000."""


class Talk:
    """Two servers, all surfaces; keeps what people would read on stderr."""

    def __init__(self, plant: Planted, crm: Conversation, mailer: Conversation) -> None:
        self._plant, self._crm, self._mailer = plant, crm, mailer
        self.notices: list[str] = []

    def _call(self, conversation: Conversation, number: object, method: str, params: dict) -> None:
        message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        self.notices.append(conversation.from_client(json.dumps(message).encode()).notice)

    def _says(self, conversation: Conversation, line: bytes | dict) -> bytes:
        outcome = conversation.from_server(line if isinstance(line, bytes) else json.dumps(line).encode())
        self.notices.append(outcome.notice)
        return outcome.forward or b"{}"

    def _answers(self, conversation: Conversation, number: object, result: dict) -> dict:
        line = self._says(conversation, {"jsonrpc": "2.0", "id": number, "result": result})
        return json.loads(line).get("result", {})

    def round(self, number: int) -> None:
        plant, crm, mailer = self._plant, self._crm, self._mailer
        self._call(crm, number, "tools/list", {"_meta": {"traceparent": plant.email(), "tracestate": plant.email()}})
        schema = {"properties": {"to": {"type": "string"}, plant.email(): {"type": "string"}}}
        tools = [{"name": name, "inputSchema": schema} for name in ("find", f"tool_{plant.email()}", plant.name())]
        self._answers(crm, number, {"tools": tools})
        arguments = {plant.email(): 1, "q": plant.phone(), "more": plant.any(4)}
        self._call(crm, number, "tools/call", {"name": "find", "arguments": arguments})
        examples = [plant.example() for _ in range(12)]
        fields = {name or f"text{n}": text for n, (name, text) in enumerate(examples)}
        fields |= {"email": plant.email(), "name": plant.name(), plant.email(): {"phone": plant.phone()}}
        result = {"content": [{"type": "text", "text": "\n".join(plant.any(32))}], "structuredContent": fields}
        shown = [word for word in json.dumps(self._answers(crm, number, result)).split('"') if "[EMAIL_" in word[:7]]
        wild = {plant.email(): shown[:1], "people": [{plant.name(): token} for token in shown[1:]], "to": shown[0]}
        self._call(mailer, plant.email(), "tools/call", {"name": plant.name(), "arguments": wild})
        self._call(mailer, number, "tools/call", {"name": plant.name(), "arguments": {"to": shown[0]}})
        self._call(mailer, number, "tools/call", {"name": "send", "arguments": {"to": shown[0]}})
        self._answers(mailer, number, {"isError": True, "content": [{"type": "text", "text": plant.email()}]})
        self._call(crm, number, "tools/call", {"name": "find", "arguments": {"people": [{plant.name(): shown[1]}]}})
        url = {"url": f"http://x/?{shown[0]}&{plant.email()}"}
        self._call(mailer, number, "tools/call", {"name": f"send_{plant.email()}", "arguments": url})
        self._call(crm, number, f"custom/{plant.email()}", {"to": "[EMAIL_00000000]"})
        self._call(crm, number, "resources/read", {"uri": f"file:///home/{plant.name()}/{plant.email()}"})
        error = {"code": int(plant.number(9)), "message": plant.email(), "data": [plant.phone()]}
        self._says(crm, {"jsonrpc": "2.0", "id": number, "error": error})
        self._call(crm, number, "prompts/get", {"name": plant.email(), "arguments": {"who": plant.name()}})
        self._answers(crm, number, {"description": plant.email(), "messages": [{"role": plant.name()}]})
        self._says(crm, f'{{"jsonrpc":"2.0","method":"notifications/{plant.email()}"'.encode())
        self._says(mailer, {"jsonrpc": "2.0", "method": "n/x", "params": {"t": plant.email()}})
        self._says(mailer, {"jsonrpc": "2.0", "id": plant.email(), "method": f"ask/{plant.email()}", "params": {}})


def pii_shield(home: Path, *args: str) -> str:
    """What a command prints and complains."""
    argv = [sys.executable, "-m", "pii_shield", *args]
    environ = {**os.environ, "HOME": str(home), "PII_SHIELD_CONFIG": str(home / "config.toml")}
    done = subprocess.run(argv, check=False, capture_output=True, text=True, env=environ, timeout=200)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout + done.stderr


def everything(home: Path, scope: str) -> tuple[Searched, list[dict]]:
    """All that can be made of the log, and its rows."""
    searched = Searched()
    (home / "config.toml").write_text(f'[vault]\npath = "{home}/v.db"\n')
    (home / "config.toml").chmod(0o600)
    for args in (["summary", "--since", "2020-01-01"], ["tail", "-n", "500"], ["report"], ["ropa"], ["verify"]):
        searched.add(pii_shield(home, "audit", *args))
    log = read.DatabaseSource(home / "v.db")
    rows = [read.parsed(row) for row in log.raw()]
    for form in export.FORMATS:
        out = io.BytesIO()
        export.export(log, form, Filter(), out)
        searched.add(out.getvalue().decode())
    releases = [row["seq"] for row in rows if row["type"] == "release"]
    for seq in releases[:20]:
        searched.add(json.dumps(json.loads(receipt.make(log, seq)) | {"after": ""}))  # leaves: hashes in base64
    log.close()
    stream, collector = Stream(), Collector()
    with closing(stream, collector):
        for number, format_ in enumerate(("jsonl", "ocsf")):
            for to in (f"syslog://127.0.0.1:{stream.port}", f"http://127.0.0.1:{collector.port}/"):
                target = made(to, format=format_)._replace(name=f"to{number}{to[:4]}")
                assert once.ship(home / "v.db", target, 0.0) == ""
        for batch in stream.batches:
            searched.add(batch.decode())
        for call in collector.calls:
            searched.add(call.body.decode())
    for path in home.glob("v.db.checkpoints"):
        searched.add(path.read_text())
    return searched, rows


def ours(rows: list[dict], heads: list[str]) -> set[str]:
    """Words that we made: nothing planted is in one of them, though their digits may be those of a planted number."""
    ids = {token.partition("~")[0] for row in rows for token in read_tokens(row)}
    times = {str(row["at"]) for row in rows}
    pieces = {piece for at in times for piece in (at, *at.split(":"), at.rpartition(":")[2])}
    milliseconds = {str(int(event.seconds_of(at[:19] + ".000000Z")) * 1000 + int(at[20:23])) for at in times}
    names = {f"{said}/{row['seq']}" for row in rows for said in (row["writer"], f"pii-shield-audit/{rows[0]['log']}")}
    return {*heads, *(f"sha256:{head}" for head in heads), *ids, *pieces, *milliseconds, *names}


def read_tokens(row: dict) -> list[str]:
    return [*row.get("tokens", ()), *(item["token"] for item in row.get("items", ())), row.get("token", "")]


def test_no_planted_value_is_in_the_log_or_in_anything_made_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No rule gives examples of the others; days are not searched for: each row has one.
    assert types_of_examples() | {"LITERAL", "OPAQUE", "ORG", "LOCATION", "UUID", "DATE"} >= TYPES.keys()
    told = pytest.importorskip("opentelemetry.sdk") and _told(monkeypatch)
    plant = Planted(7)
    scope, name = plant.email(), plant.email()
    servers = {name: Server(trusted=True), "crm": Server(trusted=True)}
    everywhere = {"types": frozenset(TYPES), "greedy": True, "application_telemetry": True}
    config = Config(vault=tmp_path / "v.db", scope=scope, servers=servers, **everywhere)
    crm = assemble.conversation(config, name="crm", command=("crm", plant.email()))
    mailer = assemble.conversation(config, name=name, command=("mailer",))
    talk = Talk(plant, crm, mailer)
    number = 0
    while len(plant.all) < VALUES:
        talk.round(number)
        number += 1
    crm.close()
    mailer.close()
    searched, rows = everything(tmp_path, scope)
    searched.add("\n".join(talk.notices))
    searched.add(told())
    assert {row["type"] for row in rows} >= {"log", "start", "stop", "protect", "release", "denial", "error"}
    log = read.DatabaseSource(tmp_path / "v.db")
    heads = [row[2].hex() for row in log.raw()]
    log.close()
    print(f"\n{len(plant.all)} values planted, {len(rows)} rows, {searched.size >> 10} KB searched")
    assert searched.found(plant.all, ours(rows, heads)) == {}


def _told(monkeypatch: pytest.MonkeyPatch):
    """Has OpenTelemetry tell us; gives what it told."""
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from pii_shield.telemetry.providers import Telemetry

    spans, numbers = InMemorySpanExporter(), InMemoryMetricReader()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    to = Telemetry(tracers, MeterProvider([numbers]))
    monkeypatch.setattr(telemetry, "build", lambda _: to)

    def told() -> str:
        assert spans.get_finished_spans()
        names = [f"{span.name} {span.attributes} {span.status.description}" for span in spans.get_finished_spans()]
        return "\n".join(names) + numbers.get_metrics_data().to_json()

    return told


def test_the_search_finds_what_is_there() -> None:
    plant = Planted(1)
    values = [*plant.any(48), plant.email(), plant.name()]
    for value in values:
        searched = Searched()
        searched.add(json.dumps({"tool": f"x_{value.upper()}_y"}, ensure_ascii=False))
        if len("".join(c for c in value if c.isalnum())) >= 7:
            assert searched.found([value], []), value
    assert not Searched().found(values, [])
