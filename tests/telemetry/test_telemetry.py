"""OpenTelemetry with its real SDK: spans and numbers in the words of the conventions, and no value in them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("opentelemetry.sdk")

from audit.ship.kit import Collector, closing, status
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from pii_shield import assemble, config, telemetry
from pii_shield.errors import ConfigError
from pii_shield.otlp import Otlp
from pii_shield.settings import Config, Server
from pii_shield.telemetry import providers, traced
from pii_shield.telemetry.providers import Telemetry

MAIL, PHONE = "jane.roe@acme.com", "+49 30 901820"
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Told:
    """What OpenTelemetry was told."""

    def __init__(self) -> None:
        self._spans, self._numbers = InMemorySpanExporter(), InMemoryMetricReader()
        tracers = TracerProvider()
        tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        self.telemetry = Telemetry(tracers, MeterProvider([self._numbers]))

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self._spans.get_finished_spans())

    @property
    def numbers(self) -> dict[tuple, object]:
        """(metric, label values) -> value."""
        data = self._numbers.get_metrics_data()
        found = {}
        for metric in data.resource_metrics[0].scope_metrics[0].metrics if data else ():
            for point in metric.data.data_points:
                labels = tuple(sorted(point.attributes.items()))
                found[metric.name, labels] = getattr(point, "value", None) or getattr(point, "count", None)
        return found

    def everything(self) -> str:
        return "".join(span.to_json() for span in self.spans) + str(self.numbers)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    made = Told()
    monkeypatch.setattr(telemetry, "build", lambda _: made.telemetry)
    return made


def settings(tmp_path: Path, **more: object) -> Config:
    servers = {"mailer": Server(trusted=True)}
    return Config(vault=tmp_path / "v.db", servers=servers, otlp=Otlp("http://127.0.0.1:1"), **more)


@pytest.fixture
def crm(tmp_path: Path, told: Told) -> Iterator[traced.Traced]:
    made = assemble.conversation(settings(tmp_path), name="crm", command=("crm",))
    assert isinstance(made, traced.Traced)
    yield made
    made.close()


def ask(conversation, number: object, method: str, params: dict) -> bytes | None:
    line = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode()
    return conversation.from_client(line).forward


def answer(conversation, number: object, **what: object) -> bytes | None:
    return conversation.from_server(json.dumps({"jsonrpc": "2.0", "id": number, **what}).encode()).forward


def text(*words: str) -> dict:
    return {"content": [{"type": "text", "text": " ".join(words)}]}


def token_in(line: bytes | None) -> str:
    said = json.loads(line or b"")["result"]["content"][0]["text"]
    return next(word for word in said.split() if word.startswith("[EMAIL_"))


def test_a_call_is_a_span_with_what_was_protected(crm: traced.Traced, told: Told) -> None:
    params = {"name": "get_customer", "arguments": {"id": 7}, "_meta": {"traceparent": PARENT, "tracestate": "a=b"}}
    sent = ask(crm, 1, "tools/call", params)
    assert json.loads(sent or b"")["params"]["_meta"] == params["_meta"]
    assert told.spans == []
    answer(crm, 1, result=text(MAIL, PHONE, "bob@example.org"))
    (span,) = told.spans
    assert (span.name, span.kind) == ("tools/call get_customer", SpanKind.SERVER)
    assert span.status.status_code is StatusCode.UNSET
    assert dict(span.attributes or {}) == {
        "mcp.method.name": "tools/call",
        "gen_ai.tool.name": "get_customer",
        "gen_ai.operation.name": "execute_tool",
        "pii_shield.server": "crm",
        "pii_shield.tokens.EMAIL": 2,
        "pii_shield.tokens.PHONE": 1,
    }
    assert span.parent is not None and span.parent.is_remote
    assert f"{span.context.trace_id:032x}" == PARENT.split("-")[1]
    assert f"{span.parent.span_id:016x}" == PARENT.split("-")[2]
    assert not span.context.trace_state
    assert told.numbers == {
        ("pii_shield.tokens", (("pii_shield.entity", "EMAIL"), ("pii_shield.server", "crm"))): 2,
        ("pii_shield.tokens", (("pii_shield.entity", "PHONE"), ("pii_shield.server", "crm"))): 1,
        (
            "mcp.server.operation.duration",
            (("mcp.method.name", "tools/call"), ("pii_shield.server", "crm")),
        ): 1,
    }


def test_releases_and_denials(tmp_path: Path, crm: traced.Traced, told: Told) -> None:
    ask(crm, 1, "tools/call", {"name": "find", "arguments": {}})
    token = token_in(answer(crm, 1, result=text(MAIL)))
    mailer, other = (assemble.conversation(settings(tmp_path), name=n, command=(n,)) for n in ("mailer", "other"))
    assert ask(mailer, "a", "tools/call", {"name": "send", "arguments": {"to": token}}) is not None
    answer(mailer, "a", result=text("done"))
    assert ask(other, "b", "tools/call", {"name": "send", "arguments": {"to": token}}) is None
    _, released, denied = (dict(span.attributes or {}) for span in told.spans)
    assert (released["pii_shield.releases.EMAIL"], released["pii_shield.server"]) == (1, "mailer")
    assert (denied["pii_shield.denials"], denied["pii_shield.server"]) == (1, "other")
    assert denied["error.type"].startswith("PS6")
    assert told.spans[-1].status.status_code is StatusCode.ERROR
    names = {name for name, _ in told.numbers}
    assert names >= {"pii_shield.releases", "pii_shield.denials", "pii_shield.tokens"}
    mailer.close()
    other.close()


@pytest.mark.parametrize(
    ("what", "kind", "code"),
    [
        ({"error": {"code": -32602, "message": MAIL}}, "-32602", "-32602"),
        ({"error": {"code": 4930901820, "message": "x"}}, "_OTHER", None),
        ({"error": {"code": "jane", "message": "x"}}, "_OTHER", None),
        ({"result": {"isError": True, **text("no")}}, "tool_error", None),
    ],
)
def test_failures_have_a_kind_and_no_text(crm: traced.Traced, told: Told, what: dict, kind: str, code) -> None:
    ask(crm, 1, "tools/call", {"name": "find", "arguments": {}})
    answer(crm, 1, **what)
    (span,) = told.spans
    assert span.attributes and span.attributes["error.type"] == kind
    assert span.attributes.get("rpc.response.status_code") == code
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, None)
    assert "jane" not in told.everything() and "4930901820" not in told.everything()


def test_nothing_that_others_chose_gets_in(crm: traced.Traced, told: Told) -> None:
    meta = {"traceparent": f"00-{MAIL}-1", "tracestate": f"v={MAIL}", "baggage": f"user={MAIL}"}
    ask(crm, MAIL, "tools/call", {"name": f"get_{MAIL}", "arguments": {MAIL: MAIL}, "_meta": meta})
    answer(crm, MAIL, result=text(MAIL))
    ask(crm, 2, f"custom/{MAIL}", {"a": MAIL})
    answer(crm, 2, result={"b": MAIL})
    ask(crm, 3, "resources/read", {"uri": f"file:///{MAIL}"})
    answer(crm, 3, error={"code": 1, "message": MAIL, "data": MAIL})
    ask(crm, 4, "prompts/get", {"name": "jane.roe", "arguments": {}})
    answer(crm, 4, result={"messages": []})
    ask(crm, 5, "prompts/get", {"name": "greet", "arguments": {}})
    answer(crm, 5, result={"messages": []})
    assert [span.name for span in told.spans] == [
        "tools/call",
        "_OTHER",
        "resources/read",
        "prompts/get jane.roe",  # a name like others: no detector knows it
        "prompts/get greet",
    ]
    assert "acme" not in told.everything()


def test_a_server_that_nobody_named_has_no_name(tmp_path: Path, told: Told) -> None:
    for name in ("?whoever", MAIL):
        made = assemble.conversation(settings(tmp_path), name=name, command=("x",))
        ask(made, 1, "tools/call", {"name": "find", "arguments": {}})
        answer(made, 1, result=text(PHONE))
        made.close()
    assert {span.attributes["pii_shield.server"] for span in told.spans if span.attributes} == {"unnamed"}
    assert {dict(labels)["pii_shield.server"] for _, labels in told.numbers} == {"unnamed"}


def test_requests_without_an_answer_end_too(crm: traced.Traced, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(crm, "x", "tools/call", {"name": "find", "arguments": {}})
    cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "x"}}
    crm.from_client(json.dumps(cancel).encode())
    monkeypatch.setattr(traced, "MAX_OPEN", 2)
    for number in range(4):
        ask(crm, number, "ping", {})
    answer(crm, 0, result={})  # it came too late: told as abandoned, and passes
    answer(crm, "nobody asked", result={})
    crm.server_gone()
    assert [span.attributes["error.type"] for span in told.spans if span.attributes] == [
        "cancelled",
        *["abandoned"] * 4,
    ]


def test_messages_are_the_same_with_and_without(tmp_path: Path, told: Told) -> None:
    plain = assemble.conversation(Config(vault=tmp_path / "v.db"), name="crm", command=("crm",))
    with_it = assemble.conversation(settings(tmp_path), name="crm", command=("crm",))
    lines = [
        b'{"jsonrpc": "2.0", "id": 1.0, "method": "tools/call", "params": {"name": "x", "arguments": {}}}',
        b'[{"jsonrpc":"2.0","id":2,"method":"ping"},{"jsonrpc":"2.0","method":"notifications/initialized"}]',
        b"no json",
        b'{"jsonrpc":"2.0","id":null,"method":"ping","params":[]}',
        b'{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}',
    ]
    for line in lines:
        assert plain.from_client(line)[:2] == with_it.from_client(line)[:2]
    answers = [
        b'{"jsonrpc":"2.0","id":1.0,"result":{"content":[{"type":"text","text":"jane@acme.com"}]}}',
        b'[{"jsonrpc":"2.0","id":2,"result":{}}]',
        b'{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"bob@acme.com"}}',
        b'{"jsonrpc":"2.0","id":9,"method":"sampling/createMessage","params":{"_meta":{"traceparent":"'
        + PARENT.encode()
        + b'"}}}',
        b"\xff",
    ]
    for line in answers:
        assert plain.from_server(line)[:2] == with_it.from_server(line)[:2]
    plain.close()
    with_it.close()


def test_a_house_tells_of_all_its_servers(tmp_path: Path, told: Told) -> None:
    from pii_shield.wire.exchange import Memory

    house = assemble.House(settings(tmp_path))
    for name in ("crm", "mailer"):
        made = house.conversation("default", name, name, Memory())
        ask(made, 1, "tools/call", {"name": "find", "arguments": {}})
        answer(made, 1, result=text(MAIL))
    house.close()
    assert {span.attributes["pii_shield.server"] for span in told.spans if span.attributes} == {"crm", "mailer"}


# Settings


def load(tmp_path: Path, toml: str, **environ: str) -> Config:
    file = tmp_path / "config.toml"
    file.write_text(toml)
    file.chmod(0o600)
    return config.load(environ, file=str(file))


def test_settings(tmp_path: Path) -> None:
    found = load(tmp_path, '[telemetry.otlp]\nurl = "http://127.0.0.1:4318/"\nheaders = { A = "${KEY}" }', KEY="k3y")
    assert found.otlp and found.otlp.url == "http://127.0.0.1:4318"
    assert found.otlp.headers["A"].reveal() == "k3y"
    assert "k3y" not in repr(found)
    assert telemetry.is_on(found) and not telemetry.is_on(Config())
    assert telemetry.is_on(load(tmp_path, "[telemetry]\napplication = true"))


@pytest.mark.parametrize(
    "toml",
    [
        "[telemetry.otlp]",
        "[telemetry]\notlp = 3",
        '[telemetry.otlp]\nurl = "grpc://x"',
        '[telemetry.otlp]\nurl = "http://u:p@x"',
        '[telemetry.otlp]\nurl = "http://x"\nmore = 1',
        '[telemetry.otlp]\nurl = "http://x"\nheaders = { A = "${NOT_THERE}" }',
        "[telemetry]\napplication = 1",
    ],
)
def test_wrong_settings_are_errors(tmp_path: Path, toml: str) -> None:
    with pytest.raises(ConfigError):
        load(tmp_path, toml)


def test_a_missing_package_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "_PACKAGES", {"opentelemetry.nowhere": "opentelemetry-nowhere"})
    for make in (
        lambda: assemble.conversation(settings(tmp_path), name="x", command=("x",)),
        lambda: assemble.House(settings(tmp_path)),
    ):
        with pytest.raises(ConfigError) as caught:
            make()
        assert caught.value.code == "PS334" and "pii-shield-mcp[otel]" in caught.value.fix


def test_settings_that_the_sdk_refuses_are_said_clearly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "-1")
    made = assemble.conversation(settings(tmp_path), name="x", command=("x",))
    outcome = made.from_client(b'{"jsonrpc":"2.0","id":1,"method":"ping"}')
    assert outcome.forward is None and "PS335" in outcome.notice and "OTEL_*" in outcome.notice


def test_when_off_nothing_of_it_is_imported(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from pii_shield import assemble; from pii_shield.settings import Config;"
        f"c = assemble.conversation(Config(vault=pathlib.Path({str(tmp_path / 'v.db')!r})), name='x', command=('x',));"
        "c.mask('x'); c.close();"
        "print(*[m for m in sys.modules if 'opentelemetry' in m or 'pii_shield.telemetry.' in m])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


# A collector


SERVER = """
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    result = {"content": [{"type": "text", "text": "mail jane.roe@acme.com"}]}
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
"""


def run(home: Path, port: int) -> "subprocess.CompletedProcess[bytes]":
    (home / "server.py").write_text(SERVER)
    toml = f'[vault]\npath = "{home}/data/v.db"\n[telemetry.otlp]\nurl = "http://127.0.0.1:{port}"\n'
    (home / "config.toml").write_text(toml + 'headers = { Authorization = "Bearer ${OTLP_KEY}" }\n')
    (home / "config.toml").chmod(0o600)
    argv = [sys.executable, "-m", "pii_shield", "run", "--name", "crm", "--config", str(home / "config.toml"), "--"]
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "find", "_meta": {"traceparent": PARENT}},
    }
    environ = {**os.environ, "HOME": str(home), "OTLP_KEY": "s3cr3t"}
    line = json.dumps(call).encode() + b"\n"
    argv += [sys.executable, str(home / "server.py")]
    return subprocess.run(argv, check=False, input=line, capture_output=True, env=environ, timeout=60)


def test_run_posts_otlp_to_a_collector(tmp_path: Path) -> None:
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    collector = Collector()
    with closing(collector):
        done = run(tmp_path, collector.port)
    assert done.returncode == 0, done.stderr
    assert b"[EMAIL_" in done.stdout
    calls = {call.path: call for call in collector.calls}
    assert calls.keys() == {"/v1/traces", "/v1/metrics"}
    said = [{name.lower(): text for name, text in call.headers.items()} for call in collector.calls]
    assert {headers["authorization"] for headers in said} == {"Bearer s3cr3t"}
    traces = ExportTraceServiceRequest.FromString(calls["/v1/traces"].body)
    (span,) = traces.resource_spans[0].scope_spans[0].spans
    assert (span.name, span.trace_id.hex()) == ("tools/call find", PARENT.split("-")[1])
    assert span.parent_span_id.hex() == PARENT.split("-")[2]
    metrics = ExportMetricsServiceRequest.FromString(calls["/v1/metrics"].body)
    names = {metric.name for metric in metrics.resource_metrics[0].scope_metrics[0].metrics}
    assert names >= {"pii_shield.tokens", "mcp.server.operation.duration"}
    assert all(b"jane" not in call.body and b"EMAIL_" not in call.body for call in collector.calls)


def test_a_collector_that_fails_is_in_nobodys_way(tmp_path: Path) -> None:
    collector = Collector(status(500))
    with closing(collector):
        done = run(tmp_path, collector.port)
    assert done.returncode == 0 and b"[EMAIL_" in done.stdout
    assert b"Traceback" not in done.stderr and b"s3cr3t" not in done.stderr


def test_a_collector_that_hangs_does_not_hold_up_the_end() -> None:
    collector = Collector(lambda *_: time.sleep(12))
    with closing(collector):
        made = providers.otlp(Otlp(f"http://127.0.0.1:{collector.port}"))
        made.spans.begin("ping", {}, None).end("crm")
        begin = time.monotonic()
        made.close()
        made.close()
        assert time.monotonic() - begin < providers.END_SECONDS + 6
        while not collector.calls:
            assert time.monotonic() - begin < 30
            time.sleep(0.05)
